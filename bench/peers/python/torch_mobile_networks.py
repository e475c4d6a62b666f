"""Networks of depthwise convolutions of bench/models, in PyTorch; see torch_networks.py."""
import torch
from stochastic_depth import StochasticDepth
from torch import nn
from torch.nn import functional as F


def conv_norm(inputs, channels, size, stride=1, groups=1, activation=True):
    convolution = nn.Conv2d(inputs, channels, size, stride, size // 2, groups=groups, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(channels), *([nn.ReLU6()] if activation else []))


class InvertedResidual(nn.Module):
    def __init__(self, inputs, channels, stride, expansion):
        super().__init__()
        hidden = inputs * expansion
        self.adds_input = stride == 1 and inputs == channels
        self.conv = nn.Sequential(
            *([] if expansion == 1 else [conv_norm(inputs, hidden, 1)]),
            conv_norm(hidden, hidden, 3, stride, groups=hidden),
            conv_norm(hidden, channels, 1, activation=False),
        )

    def forward(self, x):
        return x + self.conv(x) if self.adds_input else self.conv(x)


class MobileNetV2(nn.Module):
    # Expansion, channels, blocks, stride.
    STAGES = (
        (1, 16, 1, 1), (6, 24, 2, 1), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
    )

    def __init__(self, channels, classes):
        super().__init__()
        blocks, inputs = [conv_norm(channels, 32, 3)], 32
        for expansion, outputs, count, stride in self.STAGES:
            for i in range(count):
                blocks.append(InvertedResidual(inputs, outputs, stride if i == 0 else 1, expansion))
                inputs = outputs
        self.features = nn.Sequential(*blocks, conv_norm(inputs, 1280, 1))
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(1280, classes))

    def forward(self, x):
        return self.classifier(self.features(x).mean([2, 3]))


def pointwise(inputs, channels):
    return [nn.Conv2d(inputs, channels, 1, bias=False), nn.BatchNorm2d(channels), nn.ReLU()]


def depthwise(channels, stride):
    convolution = nn.Conv2d(channels, channels, 3, stride, 1, groups=channels, bias=False)
    return [convolution, nn.BatchNorm2d(channels)]


class ShuffleBlock(nn.Module):
    def __init__(self, inputs, channels, stride):
        super().__init__()
        half = channels // 2
        self.stride = stride
        self.branch1 = nn.Sequential(*(depthwise(inputs, stride) + pointwise(inputs, half) if stride > 1 else []))
        first = pointwise(inputs if stride > 1 else half, half)
        self.branch2 = nn.Sequential(*first, *depthwise(half, stride), *pointwise(half, half))

    def forward(self, x):
        passing, changed = (x, x) if self.stride > 1 else x.chunk(2, 1)
        both = torch.cat([self.branch1(passing), self.branch2(changed)], 1)
        n, channels, height, width = both.shape
        return both.view(n, 2, channels // 2, height, width).transpose(1, 2).reshape(n, channels, height, width)


class ShuffleNetV2(nn.Module):
    def __init__(self, channels, classes):
        super().__init__()
        stem = nn.Conv2d(channels, 24, 3, 1, 1, bias=False)
        self.conv1 = nn.Sequential(stem, nn.BatchNorm2d(24), nn.ReLU())
        self.stage2 = self.stage(24, 116, 4)
        self.stage3 = self.stage(116, 232, 8)
        self.stage4 = self.stage(232, 464, 4)
        self.conv5 = nn.Sequential(*pointwise(464, 1024))
        self.fc = nn.Linear(1024, classes)

    @staticmethod
    def stage(inputs, channels, blocks):
        rest = [ShuffleBlock(channels, channels, 1) for _ in range(blocks - 1)]
        return nn.Sequential(ShuffleBlock(inputs, channels, 2), *rest)

    def forward(self, x):
        x = self.stage4(self.stage3(self.stage2(self.conv1(x))))
        return self.fc(self.conv5(x).mean([2, 3]))


def conv_norm_silu(inputs, channels, size, stride=1, groups=1):
    convolution = nn.Conv2d(inputs, channels, size, stride, size // 2, groups=groups, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(channels), nn.SiLU())


class SqueezeExcitation(nn.Module):
    def __init__(self, channels, squeezed):
        super().__init__()
        self.fc1 = nn.Conv2d(channels, squeezed, 1)
        self.fc2 = nn.Conv2d(squeezed, channels, 1)

    def forward(self, x):
        return x * torch.sigmoid(self.fc2(F.silu(self.fc1(x.mean([2, 3], keepdim=True)))))


class MBConv(nn.Module):
    def __init__(self, inputs, channels, expansion, size, stride, drop_rate):
        super().__init__()
        hidden = inputs * expansion
        self.adds_input = stride == 1 and inputs == channels
        self.block = nn.Sequential(
            *([] if expansion == 1 else [conv_norm_silu(inputs, hidden, 1)]),
            conv_norm_silu(hidden, hidden, size, stride, hidden),
            SqueezeExcitation(hidden, inputs // 4),
            conv_norm(hidden, channels, 1, activation=False),
        )
        self.stochastic_depth = StochasticDepth(drop_rate)

    def forward(self, x):
        return x + self.stochastic_depth(self.block(x)) if self.adds_input else self.block(x)


class EfficientNetLite0(nn.Module):
    # Expansion, channels, blocks, stride, filter size.
    STAGES = (
        (1, 16, 1, 1, 3), (6, 24, 2, 1, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3), (6, 112, 3, 1, 5), (6, 192, 4, 2, 5),
        (6, 320, 1, 1, 3),
    )

    def __init__(self, channels, classes):
        super().__init__()
        features, inputs, done = [conv_norm_silu(channels, 32, 3)], 32, 0
        for expansion, outputs, count, stride, size in self.STAGES:
            blocks = []
            for i in range(count):
                rate = 0.2 * done / sum(stage[2] for stage in self.STAGES)
                blocks.append(MBConv(inputs, outputs, expansion, size, stride if i == 0 else 1, rate))
                inputs, done = outputs, done + 1
            features.append(nn.Sequential(*blocks))
        self.features = nn.Sequential(*features, conv_norm_silu(inputs, 1280, 1))
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(1280, classes))

    def forward(self, x):
        return self.classifier(self.features(x).mean([2, 3]))

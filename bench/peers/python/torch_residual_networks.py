"""Residual and densely connected networks of bench/models, in PyTorch; see torch_networks.py."""
import torch
from torch import nn
from torch.nn import functional as F


class CifarBlock(nn.Module):
    """Two 3x3 convolutions with batch norm; the shortcut has no parameters (option A)."""

    def __init__(self, inputs, channels, stride):
        super().__init__()
        self.stride, self.missing = stride, channels - inputs
        self.conv1 = nn.Conv2d(inputs, channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.stride > 1:
            x = x[:, :, :: self.stride, :: self.stride]
        if self.missing:
            x = F.pad(x, (0, 0, 0, 0, self.missing // 2, self.missing - self.missing // 2))
        return F.relu(y + x)


class CifarResNet(nn.Module):
    def __init__(self, channels, classes, blocks):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.layer1 = self.stage(16, 16, 1, blocks)
        self.layer2 = self.stage(16, 32, 2, blocks)
        self.layer3 = self.stage(32, 64, 2, blocks)
        self.linear = nn.Linear(64, classes)

    @staticmethod
    def stage(inputs, channels, stride, blocks):
        rest = [CifarBlock(channels, channels, 1) for _ in range(blocks - 1)]
        return nn.Sequential(CifarBlock(inputs, channels, stride), *rest)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        return self.linear(self.layer3(self.layer2(self.layer1(x))).mean([2, 3]))


class BasicBlock(nn.Module):
    def __init__(self, inputs, channels, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.downsample = nn.Identity()
        if stride > 1 or inputs != channels:
            convolution = nn.Conv2d(inputs, channels, 1, stride, bias=False)
            self.downsample = nn.Sequential(convolution, nn.BatchNorm2d(channels))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + self.downsample(x))


class ResNet18(nn.Module):
    def __init__(self, channels, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, 64, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.layer1 = nn.Sequential(BasicBlock(64, 64, 1), BasicBlock(64, 64, 1))
        self.layer2 = nn.Sequential(BasicBlock(64, 128, 2), BasicBlock(128, 128, 1))
        self.layer3 = nn.Sequential(BasicBlock(128, 256, 2), BasicBlock(256, 256, 1))
        self.layer4 = nn.Sequential(BasicBlock(256, 512, 2), BasicBlock(512, 512, 1))
        self.fc = nn.Linear(512, classes)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean([2, 3]))


class WideBlock(nn.Module):
    def __init__(self, inputs, channels, stride):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(inputs)
        self.conv1 = nn.Conv2d(inputs, channels, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        is_same = stride == 1 and inputs == channels
        self.shortcut = None if is_same else nn.Conv2d(inputs, channels, 1, stride, bias=False)

    def forward(self, x):
        active = F.relu(self.bn1(x))
        y = self.conv2(F.relu(self.bn2(self.conv1(active))))
        return y + (x if self.shortcut is None else self.shortcut(active))


class WideResNet16x4(nn.Module):
    def __init__(self, channels, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, 16, 3, 1, 1, bias=False)
        blocks, inputs = [], 16
        for width, stride in ((64, 1), (128, 2), (256, 2)):
            blocks += [WideBlock(inputs, width, stride), WideBlock(width, width, 1)]
            inputs = width
        self.blocks = nn.Sequential(*blocks)
        self.bn = nn.BatchNorm2d(inputs)
        self.fc = nn.Linear(inputs, classes)

    def forward(self, x):
        return self.fc(F.relu(self.bn(self.blocks(self.conv1(x)))).mean([2, 3]))


class DenseLayer(nn.Module):
    def __init__(self, inputs, growth):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(inputs)
        self.conv1 = nn.Conv2d(inputs, growth, 3, 1, 1, bias=False)

    def forward(self, x):
        return torch.cat([x, self.conv1(F.relu(self.norm1(x)))], 1)


class DenseNet40(nn.Module):
    STEM, BLOCKS, LAYERS, GROWTH = 16, 3, 12, 12

    def __init__(self, channels, classes):
        super().__init__()
        self.features = nn.Sequential()
        self.features.add_module("conv0", nn.Conv2d(channels, self.STEM, 3, 1, 1, bias=False))
        inputs = self.STEM
        for block in range(1, self.BLOCKS + 1):
            if block > 1:
                self.features.add_module(f"transition{block - 1}", self.transition(inputs))
            layers = nn.Sequential()
            for i in range(self.LAYERS):
                layers.add_module(f"denselayer{i + 1}", DenseLayer(inputs + i * self.GROWTH, self.GROWTH))
            self.features.add_module(f"denseblock{block}", layers)
            inputs += self.LAYERS * self.GROWTH
        self.features.add_module("norm5", nn.BatchNorm2d(inputs))
        self.classifier = nn.Linear(inputs, classes)

    @staticmethod
    def transition(channels):
        transition = nn.Sequential()
        transition.add_module("norm", nn.BatchNorm2d(channels))
        transition.add_module("relu", nn.ReLU())
        transition.add_module("conv", nn.Conv2d(channels, channels, 1, bias=False))
        transition.add_module("pool", nn.AvgPool2d(2))
        return transition

    def forward(self, x):
        return self.classifier(F.relu(self.features(x)).mean([2, 3]))

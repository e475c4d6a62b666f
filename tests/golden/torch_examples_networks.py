"""Image classifiers of torch_style/examples/, each with the loss, the optimizer and the schedule of its program."""
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.optim import lr_scheduler

from torch_examples_formula import BATCHES, fill, images


def train(net, optimizer, scheduler=None, criterion=F.cross_entropy, clip=None):
    for batch in BATCHES:
        x, y = images(batch)
        optimizer.zero_grad()
        loss = criterion(net(x), y)
        loss.backward()
        if clip:
            nn.utils.clip_grad_norm_(net.parameters(), clip)
        optimizer.step()
        if scheduler:
            scheduler.step()
        yield loss.item()


def smoothed(logits, y):
    return F.cross_entropy(logits, y, label_smoothing=0.1)


class DenseLayer(nn.Module):
    def __init__(self, inputs, growth):
        super().__init__()
        self.norm1, self.conv1 = nn.BatchNorm2d(inputs), nn.Conv2d(inputs, 4 * growth, 1, bias=False)
        self.norm2, self.conv2 = nn.BatchNorm2d(4 * growth), nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False)

    def forward(self, x):
        return torch.cat([x, self.conv2(F.relu(self.norm2(self.conv1(F.relu(self.norm1(x))))))], 1)


class DenseNet(nn.Module):
    def __init__(self, growth=12, blocks=(2, 2, 2)):
        super().__init__()
        channels = 2 * growth
        features = [nn.Conv2d(3, channels, 3, padding=1, bias=False)]
        for i, layers in enumerate(blocks):
            for _ in range(layers):
                features.append(DenseLayer(channels, growth))
                channels += growth
            if i < len(blocks) - 1:
                features.append(nn.Sequential(nn.BatchNorm2d(channels), nn.ReLU(), nn.Conv2d(channels, channels // 2, 1, bias=False),
                                              nn.AvgPool2d(2, 2)))
                channels //= 2
        self.features, self.classifier = nn.Sequential(*features, nn.BatchNorm2d(channels)), nn.Linear(channels, 10)

    def forward(self, x):
        return self.classifier(F.relu(self.features(x)).mean((2, 3)))


def densenet():
    """At a rate of 0.02: at 0.1 rounding alone (one thread or two) moves the fifth loss by 2e-3."""
    net = fill(DenseNet())
    return train(net, torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9, weight_decay=1e-4, nesterov=True))


class SqueezeExcitation(nn.Module):
    def __init__(self, channels, squeezed, activation=F.relu):
        super().__init__()
        self.fc1, self.fc2, self.activation = nn.Conv2d(channels, squeezed, 1), nn.Conv2d(squeezed, channels, 1), activation

    def forward(self, x):
        return x * torch.sigmoid(self.fc2(self.activation(self.fc1(x.mean((2, 3), keepdim=True)))))


class PreActBlock(nn.Module):
    def __init__(self, inputs, planes, stride):
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(inputs), nn.Conv2d(inputs, planes, 3, stride, 1, bias=False)
        self.bn2, self.conv2 = nn.BatchNorm2d(planes), nn.Conv2d(planes, planes, 3, 1, 1, bias=False)
        self.se = SqueezeExcitation(planes, planes // 4)
        self.shortcut = None if stride == 1 and inputs == planes else nn.Conv2d(inputs, planes, 1, stride, bias=False)

    def forward(self, x):
        active = F.relu(self.bn1(x))
        y = self.se(self.conv2(F.relu(self.bn2(self.conv1(active)))))
        return y + (x if self.shortcut is None else self.shortcut(active))


class SENet(nn.Module):
    def __init__(self, widths=(16, 32, 64)):
        super().__init__()
        self.conv1 = nn.Conv2d(3, widths[0], 3, padding=1, bias=False)
        inputs = (widths[0],) + widths
        self.layers = nn.Sequential(*[PreActBlock(inputs[i], width, 1 if i == 0 else 2) for i, width in enumerate(widths)])
        self.linear = nn.Linear(widths[-1], 10)

    def forward(self, x):
        return self.linear(F.relu(self.layers(self.conv1(x))).mean((2, 3)))


def senet():
    net = fill(SENet())
    return train(net, torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4))


def pointwise(inputs, outputs):
    return [nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]


def depthwise(channels, stride):
    return [nn.Conv2d(channels, channels, 3, stride, 1, groups=channels, bias=False), nn.BatchNorm2d(channels)]


class ShuffleUnit(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.stride, half = stride, outputs // 2
        self.branch1 = nn.Sequential(*(depthwise(inputs, stride) + pointwise(inputs, half) if stride > 1 else []))
        self.branch2 = nn.Sequential(*pointwise(inputs if stride > 1 else half, half), *depthwise(half, stride), *pointwise(half, half))

    def forward(self, x):
        a, b = (x, x) if self.stride > 1 else x.chunk(2, dim=1)
        return F.channel_shuffle(torch.cat([self.branch1(a), self.branch2(b)], 1), 2)


class ShuffleNetV2(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Sequential(nn.Conv2d(3, 24, 3, 2, 1, bias=False), nn.BatchNorm2d(24), nn.ReLU())
        self.stages = nn.Sequential(ShuffleUnit(24, 48, 2), ShuffleUnit(48, 48, 1), ShuffleUnit(48, 96, 2), ShuffleUnit(96, 96, 1))
        self.conv5, self.fc = nn.Sequential(*pointwise(96, 128)), nn.Linear(128, 10)

    def forward(self, x):
        return self.fc(self.conv5(self.stages(self.conv1(x))).mean((2, 3)))


def shufflenetv2():
    net = fill(ShuffleNetV2())
    groups = [{"params": [p for p in net.parameters() if p.ndim > 1], "weight_decay": 4e-5},
              {"params": [p for p in net.parameters() if p.ndim == 1], "weight_decay": 0}]
    optimizer = torch.optim.SGD(groups, lr=0.1, momentum=0.9)
    return train(net, optimizer, lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / 20), smoothed)


def conv_norm_activation(inputs, outputs, kernel, stride=1, groups=1):
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
                         nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.01), nn.SiLU())


class MBConv(nn.Module):
    def __init__(self, inputs, outputs, expansion, kernel, stride):
        super().__init__()
        hidden, self.adds_input = inputs * expansion, stride == 1 and inputs == outputs
        self.block = nn.Sequential(*([conv_norm_activation(inputs, hidden, 1)] if expansion > 1 else []),
                                   conv_norm_activation(hidden, hidden, kernel, stride, hidden),
                                   SqueezeExcitation(hidden, max(1, inputs // 4), F.silu),
                                   nn.Conv2d(hidden, outputs, 1, bias=False), nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.01))

    def forward(self, x):
        return x + self.block(x) if self.adds_input else self.block(x)


class EfficientNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(conv_norm_activation(3, 16, 3, 2), MBConv(16, 8, 1, 3, 1), MBConv(8, 16, 4, 3, 2), MBConv(16, 16, 4, 3, 1),
                                      MBConv(16, 32, 4, 5, 2), MBConv(32, 32, 4, 5, 1), conv_norm_activation(32, 128, 1))
        self.classifier = nn.Linear(128, 10)

    def forward(self, x):
        return self.classifier(self.features(x).mean((2, 3)))


def efficientnet():
    """Five losses, then the loss of the averaged weights on the first batch."""
    net = fill(EfficientNet())
    averaged = torch.optim.swa_utils.AveragedModel(net, avg_fn=torch.optim.swa_utils.get_ema_avg_fn(0.9), use_buffers=True)
    optimizer = torch.optim.RMSprop(net.parameters(), lr=0.002, alpha=0.9, eps=0.0316, momentum=0.9, weight_decay=1e-5)
    for loss in train(net, optimizer):
        averaged.update_parameters(net)
        yield loss
    averaged.eval()
    x, y = images(0)
    yield F.cross_entropy(averaged(x), y).item()


class BasicConv2d(nn.Sequential):
    def __init__(self, inputs, outputs, kernel):
        super().__init__(nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False), nn.BatchNorm2d(outputs, eps=0.001), nn.ReLU())


class Inception(nn.Module):
    def __init__(self, inputs, one, three, five, pool):
        super().__init__()
        self.branch1 = BasicConv2d(inputs, one, 1)
        self.branch2 = nn.Sequential(BasicConv2d(inputs, three[0], 1), BasicConv2d(*three, 3))
        self.branch3 = nn.Sequential(BasicConv2d(inputs, five[0], 1), BasicConv2d(*five, 5))
        self.branch4 = nn.Sequential(nn.MaxPool2d(3, 1, 1, ceil_mode=True), BasicConv2d(inputs, pool, 1))

    def forward(self, x):
        return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], 1)


class Auxiliary(nn.Module):
    def __init__(self, inputs):
        super().__init__()
        self.conv, self.fc1, self.fc2 = BasicConv2d(inputs, 16, 1), nn.Linear(256, 64), nn.Linear(64, 10)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(self.conv(F.adaptive_avg_pool2d(x, 4)).flatten(1))))


class GoogLeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.maxpool1 = BasicConv2d(3, 24, 3), nn.MaxPool2d(3, 2, ceil_mode=True)
        self.inception3 = Inception(24, 16, (16, 24), (4, 8), 8)
        self.inception4, self.maxpool2 = Inception(56, 24, (16, 32), (4, 12), 12), nn.MaxPool2d(2, 2, ceil_mode=True)
        self.inception5 = Inception(80, 32, (24, 48), (8, 16), 16)
        self.aux1, self.aux2, self.fc = Auxiliary(56), Auxiliary(80), nn.Linear(112, 10)

    def forward(self, x):
        third = self.inception3(self.maxpool1(self.conv1(x)))
        fourth = self.inception4(third)
        return self.fc(self.inception5(self.maxpool2(fourth)).mean((2, 3))), self.aux1(third), self.aux2(fourth)


def googlenet():
    net = fill(GoogLeNet())
    weighted = lambda out, y: F.cross_entropy(out[0], y) + 0.3 * (F.cross_entropy(out[1], y) + F.cross_entropy(out[2], y))
    return train(net, torch.optim.Adam(net.parameters(), lr=1e-3), criterion=weighted)


class LayerNorm2d(nn.LayerNorm):
    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class ConvNeXtBlock(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.dwconv, self.norm = nn.Conv2d(dim, dim, 7, padding=3, groups=dim), nn.LayerNorm(dim, eps=1e-6)
        self.pwconv1, self.pwconv2 = nn.Linear(dim, 4 * dim), nn.Linear(4 * dim, dim)
        self.gamma = nn.Parameter(torch.ones(dim))

    def forward(self, x):
        y = self.norm(self.dwconv(x).permute(0, 2, 3, 1))
        return x + (self.gamma * self.pwconv2(F.gelu(self.pwconv1(y)))).permute(0, 3, 1, 2)


class ConvNeXt(nn.Module):
    def __init__(self):
        super().__init__()
        self.downsample = nn.ModuleList([nn.Sequential(nn.Conv2d(3, 24, 4, 4), LayerNorm2d(24, eps=1e-6)),
                                         nn.Sequential(LayerNorm2d(24, eps=1e-6), nn.Conv2d(24, 48, 2, 2))])
        self.stages = nn.ModuleList([nn.Sequential(ConvNeXtBlock(24)), nn.Sequential(ConvNeXtBlock(48), ConvNeXtBlock(48))])
        self.norm, self.head = nn.LayerNorm(48, eps=1e-6), nn.Linear(48, 10)

    def forward(self, x):
        for downsample, stage in zip(self.downsample, self.stages):
            x = stage(downsample(x))
        return self.head(self.norm(x.mean((2, 3))))


def convnext():
    net = fill(ConvNeXt())
    groups = [{"params": [p for p in net.parameters() if p.ndim > 1], "weight_decay": 0.05},
              {"params": [p for p in net.parameters() if p.ndim == 1], "weight_decay": 0}]
    return train(net, torch.optim.AdamW(groups, lr=4e-3), criterion=smoothed)


class EncoderBlock(nn.Module):
    def __init__(self, heads, hidden):
        super().__init__()
        self.ln1, self.attention = nn.LayerNorm(hidden, eps=1e-6), nn.MultiheadAttention(hidden, heads, batch_first=True)
        self.ln2 = nn.LayerNorm(hidden, eps=1e-6)
        self.mlp = nn.Sequential(nn.Linear(hidden, 2 * hidden), nn.GELU(), nn.Linear(2 * hidden, hidden))

    def forward(self, x):
        y = self.ln1(x)
        x = x + self.attention(y, y, y, need_weights=False)[0]
        return x + self.mlp(self.ln2(x))


class VisionTransformer(nn.Module):
    def __init__(self, hidden=48):
        super().__init__()
        self.class_token, self.positions = nn.Parameter(torch.zeros(1, 1, hidden)), nn.Parameter(torch.zeros(1, 17, hidden))
        self.conv_proj = nn.Conv2d(3, hidden, 8, 8)
        self.layers = nn.Sequential(*[EncoderBlock(4, hidden) for _ in range(3)])
        self.ln, self.head = nn.LayerNorm(hidden, eps=1e-6), nn.Linear(hidden, 10)

    def forward(self, x):
        patches = self.conv_proj(x).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.class_token.expand(len(x), -1, -1), patches], 1) + self.positions
        return self.head(self.ln(self.layers(tokens))[:, 0])


def vision_transformer():
    net = fill(VisionTransformer())
    optimizer = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.1)
    scheduler = lr_scheduler.SequentialLR(optimizer, [lr_scheduler.LinearLR(optimizer, start_factor=0.25, total_iters=4),
                                                      lr_scheduler.CosineAnnealingLR(optimizer, 26)], [4])
    return train(net, optimizer, scheduler, clip=1)


def mlp(size, hidden):
    return nn.Sequential(nn.Linear(size, hidden), nn.GELU(), nn.Linear(hidden, size))


class MixerBlock(nn.Module):
    def __init__(self, patches, channels):
        super().__init__()
        self.norm1, self.tokens = nn.LayerNorm(channels), mlp(patches, 2 * patches)
        self.norm2, self.channels = nn.LayerNorm(channels), mlp(channels, 2 * channels)

    def forward(self, x):
        x = x + self.tokens(self.norm1(x).transpose(1, 2)).transpose(1, 2)
        return x + self.channels(self.norm2(x))


class MLPMixer(nn.Module):
    def __init__(self, channels=48):
        super().__init__()
        self.stem, self.blocks = nn.Conv2d(3, channels, 4, 4), nn.Sequential(*[MixerBlock(64, channels) for _ in range(3)])
        self.norm, self.head = nn.LayerNorm(channels), nn.Linear(channels, 10)

    def forward(self, x):
        return self.head(self.norm(self.blocks(self.stem(x).flatten(2).transpose(1, 2))).mean(1))


def mlp_mixer():
    net = fill(MLPMixer())
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    return train(net, optimizer, lr_scheduler.OneCycleLR(optimizer, 5e-3, total_steps=30))


def losses():
    programs = [densenet, senet, shufflenetv2, efficientnet, googlenet, convnext, vision_transformer, mlp_mixer]
    return {program.__name__: list(program()) for program in programs}

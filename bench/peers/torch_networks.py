"""The networks of bench/models in PyTorch: the same parameters, by the same names, as the folders' torch.ts.

Each function takes the number of classes and of channels, and gives a module: images [n, channels, 32, 32] to logits.
"""
import torch
from torch import nn
from torch.nn import functional as F


class PublishedCnn(nn.Module):
    def __init__(self, channels, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, 32, 3, padding="same")
        self.conv2 = nn.Conv2d(32, 64, 3, padding="same")
        self.pool = nn.MaxPool2d(2)
        self.dropout = nn.Dropout(0.5)
        self.dense1 = nn.LazyLinear(100)
        self.dense2 = nn.Linear(100, classes)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        return self.dense2(self.dropout(F.relu(self.dense1(x.flatten(1)))))


class Mlp(nn.Module):
    def __init__(self, channels, classes):
        super().__init__()
        self.layers = nn.Sequential(
            nn.LazyLinear(512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, classes)
        )

    def forward(self, x):
        return self.layers(x.flatten(1))


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


class Vgg11(nn.Module):
    PLAN = (64, "pool", 128, "pool", 256, 256, "pool", 512, 512, "pool", 512, 512, "pool")

    def __init__(self, channels, classes):
        super().__init__()
        modules = []
        for entry in self.PLAN:
            if entry == "pool":
                modules.append(nn.MaxPool2d(2))
                continue
            convolution = nn.Conv2d(channels, entry, 3, padding=1)
            modules += [convolution, nn.BatchNorm2d(entry), nn.ReLU()]
            channels = entry
        self.features = nn.Sequential(*modules)
        self.classifier = nn.Linear(512, classes)

    def forward(self, x):
        return self.classifier(self.features(x).mean([2, 3]))


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


class BasicConv2d(nn.Module):
    def __init__(self, inputs, channels, size):
        super().__init__()
        self.conv = nn.Conv2d(inputs, channels, size, padding=size // 2, bias=False)
        self.bn = nn.BatchNorm2d(channels)

    def forward(self, x):
        return F.relu(self.bn(self.conv(x)))


class Inception(nn.Module):
    def __init__(self, inputs, one, three, five, pool):
        super().__init__()
        self.branch1 = BasicConv2d(inputs, one, 1)
        self.branch2 = nn.Sequential(BasicConv2d(inputs, three[0], 1), BasicConv2d(three[0], three[1], 3))
        self.branch3 = nn.Sequential(BasicConv2d(inputs, five[0], 1), BasicConv2d(five[0], five[1], 5))
        self.branch4 = nn.Sequential(nn.MaxPool2d(3, 1, 1), BasicConv2d(inputs, pool, 1))

    def forward(self, x):
        return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], 1)


class GoogLeNet(nn.Module):
    BLOCKS = (
        (64, (96, 128), (16, 32), 32), (128, (128, 192), (32, 96), 64), "pool",
        (192, (96, 208), (16, 48), 64), (160, (112, 224), (24, 64), 64), (128, (128, 256), (24, 64), 64),
        (112, (144, 288), (32, 64), 64), (256, (160, 320), (32, 128), 128), "pool",
        (256, (160, 320), (32, 128), 128), (384, (192, 384), (48, 128), 128),
    )

    def __init__(self, channels, classes):
        super().__init__()
        self.stem = BasicConv2d(channels, 192, 3)
        modules, inputs = [], 192
        for entry in self.BLOCKS:
            if entry == "pool":
                modules.append(nn.MaxPool2d(3, 2, 1))
                continue
            one, three, five, pool = entry
            modules.append(Inception(inputs, one, three, five, pool))
            inputs = one + three[1] + five[1] + pool
        self.blocks = nn.Sequential(*modules)
        self.dropout = nn.Dropout(0.2)
        self.fc = nn.Linear(inputs, classes)

    def forward(self, x):
        return self.fc(self.dropout(self.blocks(self.stem(x)).mean([2, 3])))


class LayerNorm2d(nn.LayerNorm):
    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class StochasticDepth(nn.Module):
    def __init__(self, rate):
        super().__init__()
        self.rate = rate

    def forward(self, x):
        if not self.training or self.rate == 0:
            return x
        return x * F.dropout(x.new_ones(x.shape[0], 1, 1, 1), self.rate, True)


class ConvNextBlock(nn.Module):
    def __init__(self, channels, drop_rate):
        super().__init__()
        self.dwconv = nn.Conv2d(channels, channels, 7, padding=3, groups=channels)
        self.norm = nn.LayerNorm(channels, eps=1e-6)
        self.pwconv1 = nn.Linear(channels, 4 * channels)
        self.act = nn.GELU()
        self.pwconv2 = nn.Linear(4 * channels, channels)
        self.gamma = nn.Parameter(torch.ones(channels) * 1e-6)
        self.drop_path = StochasticDepth(drop_rate)

    def forward(self, x):
        y = self.norm(self.dwconv(x).permute(0, 2, 3, 1))
        scaled = self.pwconv2(self.act(self.pwconv1(y))) * self.gamma
        return x + self.drop_path(scaled.permute(0, 3, 1, 2))


class ConvNextPico(nn.Module):
    STAGES = ((2, 64), (2, 128), (6, 256), (2, 512))
    LAST_DROP_RATE = 0.1

    def __init__(self, channels, classes):
        super().__init__()
        count = sum(blocks for blocks, _ in self.STAGES)
        rates = [self.LAST_DROP_RATE * i / (count - 1) for i in range(count)]
        modules, inputs = [], channels
        for i, (blocks, outputs) in enumerate(self.STAGES):
            reduce = nn.Conv2d(inputs, outputs, 2, 2)
            norm = LayerNorm2d(outputs if i == 0 else inputs, eps=1e-6)
            modules += [reduce, norm] if i == 0 else [norm, reduce]
            modules += [ConvNextBlock(outputs, rates.pop(0)) for _ in range(blocks)]
            inputs = outputs
        self.features = nn.Sequential(*modules)
        self.norm = nn.LayerNorm(inputs, eps=1e-6)
        self.head = nn.Linear(inputs, classes)

    def forward(self, x):
        return self.head(self.norm(self.features(x).mean([2, 3])))


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x):
        batch, tokens, width = x.shape
        heads = self.qkv(x).reshape(batch, tokens, 3, self.heads, width // self.heads)
        q, k, v = heads.permute(2, 0, 3, 1, 4).unbind(0)
        y = F.scaled_dot_product_attention(q, k, v)
        return self.proj(y.transpose(1, 2).reshape(batch, tokens, width))


class VitBlock(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.attn = Attention(width, heads)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = nn.Sequential()
        self.mlp.add_module("fc1", nn.Linear(width, 4 * width))
        self.mlp.add_module("act", nn.GELU())
        self.mlp.add_module("fc2", nn.Linear(4 * width, width))

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class VitTiny(nn.Module):
    PATCH, WIDTH, DEPTH, HEADS = 4, 192, 12, 3

    def __init__(self, channels, classes, size=32):
        super().__init__()
        self.patch_embed = nn.Conv2d(channels, self.WIDTH, self.PATCH, self.PATCH)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, self.WIDTH))
        self.pos_embed = nn.Parameter(torch.zeros(1, (size // self.PATCH) ** 2 + 1, self.WIDTH))
        self.blocks = nn.Sequential(*[VitBlock(self.WIDTH, self.HEADS) for _ in range(self.DEPTH)])
        self.norm = nn.LayerNorm(self.WIDTH, eps=1e-6)
        self.head = nn.Linear(self.WIDTH, classes)

    def forward(self, x):
        patches = self.patch_embed(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls_token.expand(x.shape[0], -1, -1), patches], 1) + self.pos_embed
        return self.head(self.norm(self.blocks(x))[:, 0])


class ConvGroup(nn.Module):
    """airbench94's: batch norm learns biases only."""

    def __init__(self, inputs, channels):
        super().__init__()
        self.conv1 = self.conv(inputs, channels)
        self.norm1 = self.norm(channels)
        self.conv2 = self.conv(channels, channels)
        self.norm2 = self.norm(channels)

    @staticmethod
    def conv(inputs, channels):
        convolution = nn.Conv2d(inputs, channels, 3, padding="same", bias=False)
        nn.init.dirac_(convolution.weight.data[:inputs])
        return convolution

    @staticmethod
    def norm(channels):
        norm = nn.BatchNorm2d(channels, eps=1e-12, momentum=1 - 0.6)
        norm.weight.requires_grad = False
        return norm

    def forward(self, x):
        x = F.gelu(self.norm1(F.max_pool2d(self.conv1(x), 2)))
        return F.gelu(self.norm2(self.conv2(x)))


class Airbench94(nn.Module):
    WIDTHS = (64, 256, 256)

    def __init__(self, channels, classes):
        super().__init__()
        inputs = (8 * channels, *self.WIDTHS)
        self.whiten = nn.Conv2d(channels, inputs[0], 2)
        self.whiten.weight.requires_grad = False
        nn.init.zeros_(self.whiten.bias)
        self.layers = nn.Sequential(
            nn.GELU(), *map(ConvGroup, inputs, self.WIDTHS), nn.AdaptiveMaxPool2d(1), nn.Flatten()
        )
        self.head = nn.Linear(inputs[-1], classes, bias=False)

    def forward(self, x):
        return self.head(self.layers(self.whiten(x))) / 9


class LeNet5(nn.Module):
    def __init__(self, channels, classes):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(channels, 6, 5), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2)
        )
        self.classifier = nn.Sequential(
            nn.LazyLinear(120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, classes)
        )

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


class MixerBlock(nn.Module):
    def __init__(self, patches, width, tokens, channels):
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.mlp_tokens = self.mlp(patches, tokens)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp_channels = self.mlp(width, channels)

    @staticmethod
    def mlp(units, hidden):
        mlp = nn.Sequential()
        mlp.add_module("fc1", nn.Linear(units, hidden))
        mlp.add_module("act", nn.GELU())
        mlp.add_module("fc2", nn.Linear(hidden, units))
        return mlp

    def forward(self, x):
        x = x + self.mlp_tokens(self.norm1(x).transpose(1, 2)).transpose(1, 2)
        return x + self.mlp_channels(self.norm2(x))


class MlpMixer(nn.Module):
    PATCH, WIDTH, DEPTH, TOKENS, CHANNELS = 4, 128, 8, 64, 512

    def __init__(self, channels, classes, size=32):
        super().__init__()
        patches = (size // self.PATCH) ** 2
        self.stem = nn.Conv2d(channels, self.WIDTH, self.PATCH, self.PATCH)
        self.blocks = nn.Sequential(
            *[MixerBlock(patches, self.WIDTH, self.TOKENS, self.CHANNELS) for _ in range(self.DEPTH)]
        )
        self.norm = nn.LayerNorm(self.WIDTH, eps=1e-6)
        self.head = nn.Linear(self.WIDTH, classes)

    def forward(self, x):
        return self.head(self.norm(self.blocks(self.stem(x).flatten(2).transpose(1, 2))).mean(1))


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


NETWORKS = {
    "published_cnn": PublishedCnn,
    "mlp": Mlp,
    "resnet20": lambda channels, classes: CifarResNet(channels, classes, 3),
    "resnet56": lambda channels, classes: CifarResNet(channels, classes, 9),
    "resnet18": ResNet18,
    "vgg11_bn": Vgg11,
    "mobilenetv2": MobileNetV2,
    "googlenet": GoogLeNet,
    "convnext_pico": ConvNextPico,
    "vit_tiny": VitTiny,
    "airbench94": Airbench94,
    "lenet5": LeNet5,
    "mlp_mixer": MlpMixer,
    "wide_resnet16_4": WideResNet16x4,
    "densenet40_12": DenseNet40,
    "shufflenetv2": ShuffleNetV2,
    "efficientnet_lite0": EfficientNetLite0,
}


def build(name, image_shape, classes):
    """The network for images [height, width, channels]."""
    height, _, channels = image_shape
    # Those that have weights for each patch.
    sizes = [height] if name in ("vit_tiny", "mlp_mixer") else []
    network = NETWORKS[name](channels, classes, *sizes)
    # Lazy layers learn their sizes from one image.
    network.eval()
    with torch.no_grad():
        network(torch.zeros(1, channels, *image_shape[:2]))
    return network.train()


def without_dropout(network):
    """Leaves nothing out any more, so that a step is the same everywhere."""
    for module in network.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
        if isinstance(module, StochasticDepth):
            module.rate = 0.0
    return network

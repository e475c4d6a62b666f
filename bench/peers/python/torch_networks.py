"""The networks of bench/models in PyTorch: the same parameters, by the same names, as the folders' torch.ts.

Each function takes the number of classes and of channels, and gives a module: images [n, channels, 32, 32] to logits.
"""
import torch
from stochastic_depth import StochasticDepth
from torch import nn
from torch.nn import functional as F
from torch_mobile_networks import EfficientNetLite0, MobileNetV2, ShuffleNetV2
from torch_patch_networks import ConvNextPico, MlpMixer, VitTiny
from torch_residual_networks import CifarResNet, DenseNet40, ResNet18, WideResNet16x4


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

"""Networks that take images in patches of bench/models, in PyTorch; see torch_networks.py."""
import torch
from stochastic_depth import StochasticDepth
from torch import nn
from torch.nn import functional as F


class LayerNorm2d(nn.LayerNorm):
    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


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

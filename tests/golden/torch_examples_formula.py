"""Weights and data by a formula, as tests/torch_style/examples/formula.ts makes them."""
import math

import numpy as np
import torch

BATCHES = range(5)


def noise(count, seed):
    """Numbers from -0.5 to 0.5 that only look random."""
    x = np.sin(np.arange(count, dtype=np.float64) * 12.9898 + seed * 78.233) * 43758.5453
    return (x - np.floor(x)) - 0.5


def data(seed, *shape):
    return torch.tensor((2 * noise(math.prod(shape), seed)).astype(np.float32)).reshape(shape)


def labels(batch, count):
    return torch.tensor([(7 * i + batch) % 10 for i in range(count)])


def fill(module, seed=0):
    for k, (name, p) in enumerate(module.named_parameters()):
        values = noise(p.numel(), seed + k + 1)
        if p.ndim > 1:
            values = values * 2 * math.sqrt(3 / (p.numel() / p.shape[0]))
        else:
            values = values * 0.2 + (1 if name.endswith("weight") else 0)
        with torch.no_grad():
            p.copy_(torch.tensor(values.astype(np.float32)).reshape(p.shape))
    return module


def images(batch, count=16):
    return data(1000 + batch, count, 3, 32, 32), labels(batch, count)

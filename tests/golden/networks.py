"""Writes networks.json for tests/bench/models: of every network of bench/models, in float64, the loss
of one training step from weights by a formula, every parameter's gradient and every running statistic after it.

    python tests/golden/networks.py        # needs: pip install torch==2.15.0 numpy
"""
import json
import math
import pathlib
import sys

import numpy as np
import torch

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent / "bench" / "peers" / "python"))
import torch_networks  # noqa: E402
from same_batch import hashed, images, labels  # noqa: E402

CLASSES = 10
# Images as small as the network allows, and so many that batch norm has something to count.
SIZES = {
    "vgg11_bn": (32, 4), "convnext_pico": (16, 3), "resnet18": (16, 3), "mobilenetv2": (16, 8), "vit_tiny": (8, 3),
    "airbench94": (16, 4), "lenet5": (20, 4), "shufflenetv2": (16, 8), "efficientnet_lite0": (16, 8),
}
OTHERS = (8, 4)
# Below it gradients are 0: those of a bias before a batch norm.
LEAST_NORM = 1e-2


def values(name, shape, seed):
    """A parameter's or statistic's values; network_checks.ts has the same."""
    u = hashed(math.prod(shape), seed)
    if len(shape) > 1:
        result = (2 * u - 1) * math.sqrt(6 / math.prod(shape[1:]))
    elif name.endswith(("weight", "gamma", "running_var")):
        result = 0.5 + u
    else:
        result = 0.2 * (2 * u - 1)
    return result.astype(np.float32).reshape(shape)


def summary(array):
    """The norm, and the products with two fixed vectors."""
    flat = array.detach().numpy().ravel().astype(np.float64)
    sums = [float(flat @ (2 * hashed(flat.size, seed) - 1)) for seed in (5, 6)]
    return [float(f"{value:.8g}") for value in (float(np.linalg.norm(flat)), *sums)]


def step(name, dtype):
    size, batch = SIZES.get(name, OTHERS)
    network = torch_networks.without_dropout(torch_networks.build(name, (size, size, 3), CLASSES))
    # A norm's weight that is not trained stays 1: Keras' layer has none.
    fixed = {key for key, p in network.named_parameters() if p.dim() == 1 and not p.requires_grad}
    state = {
        key: value
        for key, value in network.state_dict().items()
        if value.dtype == torch.float32 and key not in fixed
    }
    for seed, key in enumerate(sorted(state), 10):
        state[key].copy_(torch.from_numpy(values(key, tuple(state[key].shape), seed)))
    network.to(dtype).train()
    counts = {}
    for key, module in network.named_modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.register_forward_hook(
                lambda norm, given, out, key=key: counts.update({key: [out.numel() // out.shape[1], norm.momentum]})
            )
    x = torch.from_numpy(images(batch, (size, size, 3)).transpose(0, 3, 1, 2)).to(dtype)
    loss = torch.nn.functional.cross_entropy(network(x), torch.from_numpy(labels(batch, CLASSES)))
    loss.backward()
    return {
        "size": size,
        "batch": batch,
        "loss": float(f"{loss.item():.8g}"),
        "rounding": 0,
        "gradients": {key: summary(p.grad) for key, p in network.named_parameters() if p.requires_grad},
        "statistics": {key: summary(b) for key, b in network.named_buffers() if "running" in key},
        # Values of a feature that batch norm counts, and how much of the new statistic it takes: PyTorch keeps the
        # variance of a sample, Keras that of the batch.
        "counts": counts,
    }


def golden(name):
    """In float64, and how far PyTorch's own float32 is from it: a relu of a value next to 0 may go either way."""
    exact, rounded = step(name, torch.float64), step(name, torch.float32)
    distances = [
        max(abs(a - b) for a, b in zip(values, rounded[part][key])) / max(values[0], LEAST_NORM)
        for part in ("gradients", "statistics")
        for key, values in exact[part].items()
    ]
    return {**exact, "rounding": float(f"{max(distances):.2g}")}


if __name__ == "__main__":
    result = {name: golden(name) for name in sorted(torch_networks.NETWORKS)}
    lines = []
    for name, entry in result.items():
        parts = [f'"{key}": {json.dumps(value)}' for key, value in entry.items() if not isinstance(value, dict)]
        for key in ("gradients", "statistics", "counts"):
            rows = ",\n   ".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in entry[key].items())
            parts.append(f'"{key}": {{{rows}}}')
        lines.append(f'"{name}": {{\n  ' + ",\n  ".join(parts) + "\n }")
    (HERE / "networks.json").write_text("{\n " + ",\n ".join(lines) + "\n}\n")

"""Writes torch_rarer.json: fractional pooling, adaptive softmax and Muon as PyTorch computes them, for
tests/torch_style/nn/rarer_test.ts. Values are waves: 2 sin(1.3 i).

    python tests/golden/torch_rarer.py        # needs: pip install torch==2.15.0
"""

import json
import math

import torch
import torch.nn as nn
import torch.nn.functional as F


def wave(*shape):
    values = [math.sin(1.3 * i) * 2 for i in range(math.prod(shape))]
    return torch.tensor(values, dtype=torch.float32).reshape(shape)


def plain(tensor):
    return [None if value != value else round(value, 5) for value in tensor.flatten().tolist()]


def pooled(x, y, indices):
    y.backward(torch.arange(1.0, y.numel() + 1).reshape(y.shape))
    return {"shape": list(y.shape), "y": plain(y), "indices": indices.flatten().tolist(), "gradient": plain(x.grad)}


out = {}
x = wave(1, 2, 7, 6)
x[0, 0, 2, 2] = math.nan
x.requires_grad_()
samples = torch.tensor([[[0.1, 0.8], [0.55, 0.3]]])
out["pool2d"] = pooled(x, *F.fractional_max_pool2d(x, (2, 3), (4, 3), return_indices=True, _random_samples=samples))
x = wave(1, 1, 6, 7, 5).requires_grad_()
samples = torch.tensor([[[0.9, 0.2, 0.5]]])
out["pool3d"] = pooled(
    x, *F.fractional_max_pool3d(x, 2, output_ratio=(0.5, 0.6, 0.5), return_indices=True, _random_samples=samples)
)

layer = nn.AdaptiveLogSoftmaxWithLoss(8, 12, [3, 7], div_value=2.0, head_bias=True)
layer.load_state_dict({name: wave(*value.shape) * 0.5 for name, value in layer.state_dict().items()})
x = wave(5, 8).requires_grad_()
output, loss = layer(x, torch.tensor([0, 2, 4, 8, 11]))
loss.backward()
out["softmax"] = {
    "shapes": {name: list(value.shape) for name, value in layer.state_dict().items()},
    "output": plain(output),
    "loss": loss.item(),
    "predicted": layer.predict(x).tolist(),
    "gradient": plain(x.grad),
    "headGradient": plain(layer.head.weight.grad),
}

out["muon"] = []
for shape, options in [((5, 3), {}), ((3, 5), {"adjust_lr_fn": "match_rms_adamw", "nesterov": False})]:
    weight = nn.Parameter(wave(*shape))
    optimizer = torch.optim.Muon([weight], lr=0.1, **options)
    for _ in range(3):
        optimizer.zero_grad()
        (weight * weight * (1 + wave(*shape) * 0.2)).sum().backward()
        optimizer.step()
    out["muon"].append({"shape": shape, "weight": plain(weight)})

with open(__file__.replace(".py", ".json"), "w") as file:
    json.dump(out, file, separators=(",", ":"))
    file.write("\n")

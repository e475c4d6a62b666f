"""How PyTorch's numbers are recorded: shared by the torch_*.py scripts of this folder.

A case holds inputs, options, the result and the gradient of each floating point input, for an upstream gradient of
cos(0), cos(1), ... Tests compare with tests/torch_style/golden.ts.
"""
import json
import math
import pathlib

import torch

torch.manual_seed(0)
torch.set_num_threads(1)


def number(v):
    """JSON has neither NaN nor infinities: they are written as JavaScript reads them."""
    if not isinstance(v, float):
        return v
    if math.isfinite(v):
        return round(v, 9)
    return "NaN" if math.isnan(v) else f"{'-' if v < 0 else ''}Infinity"


def flat(t):
    """A tensor as JSON: dtype, shape and numbers row by row."""
    if t._is_zerotensor():
        t = torch.zeros(t.shape, dtype=t.dtype)
    return {
        "dtype": str(t.dtype).removeprefix("torch."),
        "shape": list(t.shape),
        "data": [number(v) for v in t.detach().flatten().tolist()],
    }


class Cases:
    """Collects cases and writes them, one a line."""

    def __init__(self):
        self.cases = []

    def add(self, name, function, inputs, **options):
        """Records function(*inputs); `options` only tell the test how to call its own."""
        inputs = [t.clone().requires_grad_() if t.is_floating_point() else t for t in inputs]
        output = function(*inputs)
        upstream = torch.cos(torch.arange(output.numel(), dtype=torch.float32)).reshape(output.shape)
        differentiable = output.requires_grad
        if differentiable:
            output.backward(upstream)
        self.cases.append({
            "name": name,
            "options": options,
            "inputs": [flat(t) for t in inputs],
            "output": flat(output),
            "gradients": [flat(t.grad) if t.is_floating_point() and t.grad is not None else None for t in inputs],
        })

    def write(self, name, **more):
        """Writes tests/golden/NAME.json."""
        target = pathlib.Path(__file__).with_name(f"{name}.json")
        lines = ",\n".join(json.dumps(c, separators=(",", ":")) for c in self.cases)
        rest = "".join(f',"{key}":{json.dumps(value)}' for key, value in more.items())
        target.write_text(f'{{"torch":"{torch.__version__}","cases":[\n{lines}\n]{rest}}}\n')
        print(target, len(self.cases), "cases", target.stat().st_size, "bytes")



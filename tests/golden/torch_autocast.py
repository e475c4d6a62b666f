"""What autocast to float16 and to bfloat16 and GradScaler make of functions and of a training, by PyTorch on the CPU: torch_autocast.json.

    python tests/golden/torch_autocast.py
"""
import json
import math
import os

import torch
import torch.nn.functional as F

torch.set_num_threads(1)


def wave(*shape, phase=0.0, scale=1.0):
    """Values by a formula, the same in the test."""
    count = math.prod(shape)
    values = [scale * math.sin(0.7 * i + phase) for i in range(count)]
    return torch.tensor(values, dtype=torch.float32).reshape(shape)


X, ROWS = wave(2, 3, 5, 5), wave(4, 6)
CASES = {
    "linear": ([ROWS, wave(5, 6, phase=1), wave(5, phase=2)], lambda x, w, b: F.linear(x, w, b)),
    "conv2d": ([X, wave(4, 3, 3, 3, phase=1), wave(4)], lambda x, w, b: F.conv2d(x, w, b, padding=1)),
    "convTranspose2d": ([X, wave(3, 4, 3, 3, phase=1)], lambda x, w: F.conv_transpose2d(x, w)),
    "matmul": ([ROWS, wave(6, 3, phase=1)], lambda a, b: a @ b),
    "bmm": ([wave(2, 3, 4), wave(2, 4, 2, phase=1)], torch.bmm),
    "attention": (
        [wave(1, 2, 4, 8), wave(1, 2, 4, 8, phase=1), wave(1, 2, 4, 8, phase=2)],
        lambda q, k, v: F.scaled_dot_product_attention(q, k, v),
    ),
    "reluOfLinear": ([ROWS, wave(5, 6, phase=1)], lambda x, w: F.relu(F.linear(x, w))),
    "geluOfLinear": ([ROWS, wave(5, 6, phase=1)], lambda x, w: F.gelu(F.linear(x, w))),
    "addOfBoth": ([ROWS, wave(6, 6, phase=1)], lambda x, w: F.linear(x, w) + x),
    "batchNormOfConv": (
        [X, wave(4, 3, 3, 3, phase=1), wave(4, phase=3), wave(4)],
        lambda x, w, g, b: F.batch_norm(F.conv2d(x, w), None, None, g, b, training=True),
    ),
    "layerNormOfLinear": (
        [ROWS, wave(8, 6, phase=1), wave(8, phase=3), wave(8)],
        lambda x, w, g, b: F.layer_norm(F.linear(x, w), [8], g, b),
    ),
    "softmaxOfLinear": ([ROWS, wave(5, 6, phase=1)], lambda x, w: F.softmax(F.linear(x, w), -1)),
    "meanOfLinear": ([ROWS, wave(5, 6, phase=1)], lambda x, w: F.linear(x, w).mean()),
    "crossEntropyOfLinear": (
        [ROWS, wave(5, 6, phase=1)],
        lambda x, w: F.cross_entropy(F.linear(x, w), torch.arange(4)),
    ),
    "mseOfLinear": (
        [ROWS, wave(5, 6, phase=1), wave(4, 5, phase=2)],
        lambda x, w, y: F.mse_loss(F.linear(x, w), y),
    ),
}


def case(inputs, call, dtype):
    inputs = [tensor.clone().requires_grad_() for tensor in inputs]
    with torch.autocast("cpu", dtype=dtype):
        y = call(*inputs)
    upstream = wave(*y.shape, phase=0.3).to(y.dtype) if y.ndim else torch.ones((), dtype=y.dtype)
    y.backward(upstream)
    short = lambda tensor: [float(f"{v:.5g}") for v in tensor.detach().float().flatten().tolist()]
    return {
        "dtype": str(y.dtype).removeprefix("torch."),
        "values": short(y),
        "gradients": [short(tensor.grad) for tensor in inputs],
        "gradientDtypes": [str(tensor.grad.dtype).removeprefix("torch.") for tensor in inputs],
    }


OVERFLOWS = [0, 1, 6]


def training():
    """Scales and losses of a small network whose gradients are infinite in some steps."""
    layers = [torch.nn.Linear(6, 8), torch.nn.Linear(8, 5)]
    with torch.no_grad():
        for i, layer in enumerate(layers):
            layer.weight.copy_(wave(*layer.weight.shape, phase=i))
            layer.bias.copy_(wave(*layer.bias.shape, phase=i + 1, scale=0.1))
    optimizer = torch.optim.Adam([p for layer in layers for p in layer.parameters()], lr=0.02)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**10, growth_interval=3)
    losses, scales = [], []
    for step in range(12):
        optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.float16):
            loss = F.cross_entropy(layers[1](F.relu(layers[0](ROWS))), torch.arange(4))
        scaler.scale(loss * (math.inf if step in OVERFLOWS else 1.0)).backward()
        scaler.step(optimizer)
        scaler.update()
        losses.append(float(f"{loss.item():.6g}"))
        scales.append(scaler.get_scale())
    return {"losses": losses, "scales": scales, "state": scaler.state_dict(), "overflows": OVERFLOWS}


if __name__ == "__main__":
    path = os.path.join(os.path.dirname(__file__), "torch_autocast.json")
    cases = lambda dtype: {name: case(*given, dtype) for name, given in CASES.items()}
    result = {
        "torch": torch.__version__,
        "cases": {"float16": cases(torch.float16), "bfloat16": cases(torch.bfloat16)},
        "training": training(),
    }
    with open(path, "w") as file:
        json.dump(result, file)
        file.write("\n")

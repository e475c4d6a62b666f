"""Records calls of torch.nn and torch.nn.functional: shared by torch_nn.py and torch_nn_more.py.

Functions: the result and the gradients of the inputs. Modules: text, names of the state, results in the given mode, gradients of
inputs and parameters, buffers afterwards. Names and options are written in camelCase, as the tests call them.
"""
import json
import math
import pathlib
import re

import torch
import torch.nn as nn
import torch.nn.functional as F

from torch_cases import flat, number

functions, modules = [], []


def camel(name):
    return re.sub(r"(?<=.)_([a-z0-9])", lambda m: m[1].upper(), name)


def plain(options):
    return {camel(key): number(value) if value in (math.inf, -math.inf) else value for key, value in options.items() if not torch.is_tensor(value)}


def tensors(options):
    return {camel(key): flat(value) for key, value in options.items() if torch.is_tensor(value)}


def upstream(output):
    return torch.cos(torch.arange(output.numel(), dtype=torch.float32)).reshape(output.shape)


def backward(outputs):
    outputs = [o for o in outputs if o is not None and o.requires_grad]
    if outputs:
        torch.autograd.backward(outputs, [upstream(o) for o in outputs])


def leaves(inputs):
    return [t.clone().requires_grad_() if t.is_floating_point() else t for t in inputs]


def gradients(inputs):
    return [flat(t.grad) if t.is_floating_point() and t.grad is not None else None for t in inputs]


def f(name, inputs, *args, fixed=(), part=None, **options):
    """Records F.name(*inputs, *args, **options), or one of several results; options may be tensors, which take no gradient, nor do
    inputs numbered `fixed`."""
    given = [t if i in fixed else leaves([t])[0] for i, t in enumerate(inputs)]
    output = getattr(F, name)(*given, *args, **options)
    output = output if part is None else output[part]
    backward([output])
    functions.append({
        "name": camel(name), **({} if part is None else {"part": part}), "inputs": [flat(t) for t in inputs], "args": args, "options": plain(options),
        "tensors": tensors(options), "output": flat(output), "gradients": gradients(given),
    })


def tupled(value):
    """Several numbers as users of PyTorch write them; JSON has lists only."""
    return tuple(value) if isinstance(value, list) else value


def m(name, inputs, *args, train=True, calls=1, call={}, fixed=(), **options):
    """Records nn.name(*args, **options)(*inputs, **call), called so many times. Inputs numbered `fixed` take no gradient."""
    module = getattr(nn, name)(*map(tupled, args), **{key: tupled(value) for key, value in options.items()})
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(torch.randn(parameter.shape) * 0.3)
    state = {key: flat(value) for key, value in module.state_dict().items()}
    module.train(train)
    given = [t if i in fixed else leaves([t])[0] for i, t in enumerate(inputs)]
    same = len(given) == 3 and all(t is inputs[0] for t in inputs)
    if same:
        given = given[:1] * 3
    for _ in range(calls):
        output = module(*given, **call)
    outputs = flattened(output)
    backward(outputs)
    modules.append({
        "name": name, "args": args, "options": plain(options), "tensors": tensors(options), "text": str(module), "state": state,
        "train": train, "calls": calls, "call": plain(call), "callTensors": tensors(call), "same": same,
        "inputs": [flat(t) for t in (inputs[:1] if same else inputs)],
        "outputs": [None if o is None else flat(o) for o in outputs],
        "gradients": gradients(given[:1] if same else given),
        "parameters": {key: flat(p.grad) for key, p in module.named_parameters() if p.grad is not None},
        "buffers": {key: flat(b) for key, b in module.named_buffers()},
    })


def flattened(output):
    """All tensors of nested tuples and lists, in order."""
    return [t for part in output for t in flattened(part)] if isinstance(output, (tuple, list)) else [output]


def draw(*shape):
    return torch.randn(shape)


def write(name, **parts):
    """Writes tests/golden/NAME.json, a case a line."""
    target = pathlib.Path(__file__).with_name(f"{name}.json")
    parts = {"functions": functions, "modules": modules, **parts}
    body = ",\n".join(f'"{key}":[\n' + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]" for key, cases in parts.items())
    target.write_text(f'{{"torch":"{torch.__version__}",\n{body}}}\n')
    print(target, {key: len(cases) for key, cases in parts.items()}, target.stat().st_size, "bytes")

"""Writes torch_sequences.json: recurrent networks, transformers and parametrized weights for tests/torch_style/nn/sequences_test.ts.

    python tests/golden/torch_sequences.py        # needs: pip install torch==2.15.0
"""
import json
import pathlib

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from torch_cases import flat
from torch_recording import backward, camel, draw, flattened

cases = []


def record(kind, module, inputs, call, made, **more):
    """Outputs, gradients of all inputs and parameters, of call(module, *inputs)."""
    torch.manual_seed(len(cases))
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(torch.randn(parameter.shape) * 0.2)
    state = {key: flat(value) for key, value in module.state_dict().items()}
    given = [t.clone().requires_grad_() if t.is_floating_point() else t for t in inputs]
    outputs = flattened(call(module, *given))
    backward(outputs)
    args, options = made
    cases.append({
        "kind": kind, "name": type(module).__name__, "args": args, "options": {camel(k): v for k, v in options.items()}, "text": str(module), "state": state,
        "inputs": [flat(t) for t in inputs], "outputs": [flat(o) for o in outputs],
        "gradients": [flat(t.grad) if t.is_floating_point() and t.grad is not None else None for t in given],
        "parameters": {key: flat(p.grad) for key, p in module.named_parameters() if p.grad is not None},
        "stateAfter": list(module.state_dict()), **more,
    })


def rnn(name, *args, time=4, n=3, hidden=False, lengths=None, enforce_sorted=True, single=False, **options):
    module = getattr(nn, name)(*args, **options)
    first = options.get("batch_first", False)
    inputs = [draw(time, args[0]) if single else draw(n, time, args[0]) if first else draw(time, n, args[0])]
    if hidden:
        layers = options.get("num_layers", 1) * (2 if options.get("bidirectional") else 1)
        proj = options.get("proj_size", 0)
        sizes = [proj or args[1], args[1]] if name == "LSTM" else [args[1]]
        inputs += [draw(layers, size) if single else draw(layers, n, size) for size in sizes]

    def call(module, x, *state):
        state = None if not state else state[0] if len(state) == 1 else state
        if lengths is None:
            return module(x, state)
        packed = pack_padded_sequence(x, lengths, batch_first=first, enforce_sorted=enforce_sorted)
        output, last = module(packed, state)
        return pad_packed_sequence(output, batch_first=first), last

    record("rnn", module, inputs, call, (args, options), lengths=lengths, enforceSorted=enforce_sorted)


for name in ["LSTM", "GRU", "RNN"]:
    rnn(name, 3, 4)
    rnn(name, 3, 4, num_layers=2, bidirectional=True, hidden=True)
    rnn(name, 3, 4, batch_first=True, bias=False, num_layers=2)
    rnn(name, 3, 4, lengths=[4, 2, 1])
    rnn(name, 3, 4, lengths=[2, 4, 1], enforce_sorted=False, batch_first=True, bidirectional=True, hidden=True)
    rnn(name, 3, 4, single=True, hidden=True)
rnn("RNN", 3, 4, nonlinearity="relu")
rnn("LSTM", 3, 4, proj_size=2, num_layers=2, bidirectional=True, hidden=True)
for name, states in [("LSTMCell", 2), ("GRUCell", 1), ("RNNCell", 1)]:
    for shape in [(2,), ()]:
        inputs = [draw(*shape, 3), *[draw(*shape, 4) for _ in range(states)]]
        record("cell", getattr(nn, name)(3, 4), inputs, lambda m, x, *s: m(x, s[0] if len(s) == 1 else s), ((3, 4), {}))
    record("cell", getattr(nn, name)(3, 4, bias=False), [draw(2, 3)], lambda m, x: m(x), ((3, 4), {"bias": False}))


def layer(name, inputs, masks, *args, hints={}, **options):
    module = getattr(nn, name)(*args, dropout=0.0, **options)
    record("layer", module, inputs, lambda m, *given: m(*given, **masks, **hints), (args, {"dropout": 0.0, **options}),
           masks={camel(k): flat(v) for k, v in masks.items()}, **({"hints": {camel(k): v for k, v in hints.items()}} if hints else {}))


later = torch.triu(torch.ones(3, 3, dtype=torch.bool), 1)
padding = torch.tensor([[False, False, True], [False, False, False]])
layer("TransformerEncoderLayer", [draw(3, 2, 4)], {}, 4, 2, dim_feedforward=6)
layer("TransformerEncoderLayer", [draw(2, 3, 4)], {"src_mask": later, "src_key_padding_mask": padding}, 4, 2, dim_feedforward=6, batch_first=True, norm_first=True,
      activation="gelu", bias=False)
layer("TransformerDecoderLayer", [draw(3, 2, 4), draw(5, 2, 4)], {}, 4, 2, dim_feedforward=6)
layer("TransformerDecoderLayer", [draw(2, 3, 4), draw(2, 5, 4)], {"tgt_mask": later, "tgt_key_padding_mask": padding}, 4, 2, dim_feedforward=6, batch_first=True,
      norm_first=True)
layer("Transformer", [draw(3, 2, 4), draw(3, 2, 4)], {"tgt_mask": later}, 4, 2, 2, 1, dim_feedforward=6)


def stack(name, inputs, masks):
    kind = name.removeprefix("Transformer")
    one = getattr(nn, f"Transformer{kind}Layer")(4, 2, dim_feedforward=6, dropout=0.0)
    extra = {"enable_nested_tensor": False} if kind == "Encoder" else {}
    module = getattr(nn, name)(one, 2, norm=nn.LayerNorm(4), **extra)
    record("stack", module, inputs, lambda m, *given: m(*given, **masks), ([], {}), masks={camel(k): flat(v) for k, v in masks.items()})


stack("TransformerEncoder", [draw(3, 2, 4)], {"mask": later})
stack("TransformerDecoder", [draw(3, 2, 4), draw(5, 2, 4)], {"tgt_mask": later})

U = nn.utils
for how in ["weight_norm", "parametrizations.weight_norm", "spectral_norm", "parametrizations.spectral_norm"]:
    for make, x, made in [(lambda: nn.Linear(4, 3), draw(2, 4), ("Linear", (4, 3))), (lambda: nn.Conv2d(2, 3, 2), draw(1, 2, 3, 3), ("Conv2d", (2, 3, 2))),
                          (lambda: nn.ConvTranspose2d(2, 3, 2), draw(1, 2, 3, 3), ("ConvTranspose2d", (2, 3, 2)))]:
        wrap = getattr(U.parametrizations, how.split(".")[1]) if "." in how else getattr(U, how)
        record("weight", wrap(make()), [x], lambda m, x: [m(x), m(x)], (list(made[1]), {}), how=camel(how), of=made[0])

# Hints go to the attention, which has no mask of its own by them.
layer("TransformerEncoderLayer", [draw(3, 2, 4)], {"src_mask": later}, 4, 2, dim_feedforward=6, hints={"is_causal": True})
layer("TransformerDecoderLayer", [draw(3, 2, 4), draw(5, 2, 4)], {"tgt_mask": later, "memory_mask": torch.triu(torch.ones(3, 5, dtype=torch.bool), 1)}, 4, 2,
      dim_feedforward=6, hints={"tgt_is_causal": True, "memory_is_causal": True})
layer("Transformer", [draw(3, 1, 4), draw(3, 1, 4)], {"src_mask": later, "tgt_mask": later}, 4, 2, 1, 1, dim_feedforward=6,
      hints={"src_is_causal": True, "tgt_is_causal": True})
# A sample that is padding only: its queries see no key.
whole = torch.tensor([[True, True, True], [False, False, True]])
layer("TransformerEncoderLayer", [draw(2, 3, 4)], {"src_key_padding_mask": whole}, 4, 2, dim_feedforward=6, batch_first=True)
layer("TransformerDecoderLayer", [draw(2, 2, 4), draw(2, 3, 4)], {"memory_key_padding_mask": whole}, 4, 2, dim_feedforward=6, batch_first=True)

target = pathlib.Path(__file__).with_name("torch_sequences.json")
target.write_text(f'{{"torch":"{torch.__version__}","cases":[\n' + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]}\n")
print(target, len(cases), target.stat().st_size, "bytes")

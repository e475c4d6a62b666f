"""Writes torch_tensors_text.json: how PyTorch prints tensors, and which dtypes operands meet in.

    python tests/golden/torch_tensors_text.py        # needs: pip install torch==2.15.0

Tensors are given by an expression in each language; both must print the same.
"""
import json
import math
import pathlib

import torch

texts = []


def text(python, javascript):
    value = eval(python, {"torch": torch, "inf": math.inf, "nan": math.nan, "F": torch.nn.functional})
    texts.append({"javascript": javascript, "text": repr(value)})


def values(python, dtype="float32", extra="", js_extra=""):
    """A tensor of numbers in a dtype; lists are written alike in both languages."""
    javascript = python.replace("inf", "Infinity").replace("nan", "NaN").replace("True", "true").replace("False", "false")
    text(f"torch.tensor({python}, dtype=torch.{dtype}{extra})", f'torch.tensor({javascript}, {{ dtype: "{dtype}"{js_extra} }})')


for dtype in ["float32", "float64", "float16"]:
    for numbers in ["3.14159", "0", "-1.5", "1e-5", "12345.678", "[]", "[1.0, 2.0, 3.0]", "[0.1, 0.25, -0.5]", "[0.03125, 0.09375, 1.5]", "[1e-5, 1.0]", "[0.0001, 0.001]",
                    "[1.0, 1000.0, 1001.0]", "[nan, 1.0, inf, -inf]", "[nan, 1.5]", "[0.0, -0.0]", "[-0.0, 0.5]", "[[1.0, 2.0], [3.0, 4.0]]", "[[0.5, -2.0], [33.25, 4.0]]",
                    "[[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]]", "[nan]", "[inf, -inf]", "[[], []]", "[[0.001, 0.5]]", "[0.99999, 1.0]", "[6e4, 1.0]", "[0.00005, 0.5]"]:
        values(numbers, dtype)
for numbers in ["[1e9, 1.0]", "[1e10]", "[123456789.0, 1.0]", "[3e38, 1e-37]", "[2e8]", "[1e8]"]:
    values(numbers, "float32")
    values(numbers, "float64")
for dtype in ["int64", "int32", "uint8", "int8"]:
    for numbers in ["7", "[]", "[1, 2, 3]", "[[1, 20], [100, 4]]", "[[[1], [2]], [[3], [4]]]"]:
        values(numbers, dtype)
values("[-1, 100, -1000]", "int64")
values("[-128, 127]", "int8")
for numbers in ["True", "[True, False]", "[[True], [False]]", "[]"]:
    values(numbers, "bool")
for numbers in ["2.0", "[1.0, 2.5]", "[[1.0, 2.5], [3.0, 4.0]]"]:
    values(numbers, "float32", ", requires_grad=True", ", requiresGrad: true")
    values(numbers, "float64", ", requires_grad=True", ", requiresGrad: true")
text("torch.nn.Parameter(torch.tensor([1.0, 2.0]))", 'new torch.nn.Parameter(torch.tensor([1, 2], { dtype: "float32" }))')
w, jw = "torch.tensor([1.0, 2.0], requires_grad=True)", 'torch.tensor([1, 2], { dtype: "float32", requiresGrad: true })'
text(f"{w}.mul(2)", f"{jw}.mul(2)")
text(f"{w}.sum()", f"{jw}.sum()")
text(f"{w}.exp()", f"{jw}.exp()")
text(f"({w} * 3).detach()", f"{jw}.mul(3).detach()")
for size in [10, 30, 100, 999, 1000, 1001, 5000]:
    text(f"torch.arange({size})", f"torch.arange({size})")
    text(f"torch.arange({size}) / 8", f"torch.arange({size}).div(8)")
for shape in [(3, 30), (2, 3, 4), (40, 30), (7, 200), (2, 5, 200), (1, 1, 1, 1), (20, 20, 20), (1001, 1), (1, 1001), (3, 3, 3, 3, 20), (0, 3), (2, 0), (1, 0, 2)]:
    count = math.prod(shape)
    text(f"(torch.arange({count}) / 4).reshape{shape}", f"torch.arange({count}).div(4).reshape{shape}")
    text(f"torch.arange({count}).reshape{shape} - 10", f"torch.arange({count}).reshape{shape}.sub(10)")
text("torch.zeros(2, 3)", "torch.zeros([2, 3])")
text("torch.ones(1001)", "torch.ones([1001])")
text("torch.zeros(30, 30, dtype=torch.float64, requires_grad=True)", 'torch.zeros([30, 30], { dtype: "float64", requiresGrad: true })')
text("torch.arange(1200).reshape(2, 600) % 2 == 0", "torch.arange(1200).reshape(2, 600).remainder(2).eq(0)")

dtypes = ["bool", "uint8", "int8", "int32", "int64", "float16", "float32", "float64"]
kinds = [(dtype, kind) for dtype in dtypes for kind in ("tensor", "scalar tensor")] + [("2", "number"), ("0.5", "number"), ("true", "number")]


def operand(dtype, kind):
    if kind == "number":
        return {"2": 2, "0.5": 0.5, "true": True}[dtype]
    return torch.ones([3] if kind == "tensor" else [], dtype=getattr(torch, dtype))


def result_type(name, a, b):
    if {a[0], b[0]} == {"uint8", "int8"}:
        return None  # int16, which we do not have
    if name == "maximum" and b[1] == "number":
        return None
    try:
        return str(getattr(torch, name)(operand(*a), operand(*b)).dtype).removeprefix("torch.")
    except RuntimeError:
        return None


names = ["add", "mul", "div", "maximum", "pow", "eq"]
types = {name: [[result_type(name, a, b) for b in kinds] for a in kinds if a[1] != "number"] for name in names}

path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps({"texts": texts, "operands": kinds, "types": types}, separators=(",", ":")) + "\n")
print(len(texts))

"""Writes torch_degenerate.json: matrices that are singular, empty or not finite, equal and zero elements, windows that see less
than they could, sides that are cut off, through PyTorch's functions in double precision, with gradients and gradients of
gradients, for tests/torch_style/degenerate_test.ts.

    python tests/golden/torch_degenerate.py        # needs: pip install torch==2.15.0

A function is added as one line below and one of the same name in the test. Upstream gradients are 1, 2, 3, ...
"""

import json
import math
import warnings

import torch

torch.set_num_threads(1)
warnings.simplefilter("ignore")
L = torch.linalg
inf, nan = math.inf, math.nan

SQUARE = {"unit": [[1, 0], [0, 1]], "zeros": [[0, 0], [0, 0]], "singular": [[1, 2], [2, 4]], "opposite": [[2, 0], [0, -2]]}
TALL = {"tallUnit": [[1, 0], [0, 1], [0, 0]], "tallZeros": [[0, 0], [0, 0], [0, 0]]}
WIDE = {"wide": [[1, 0, 0], [0, 1, 0]]}
LARGER = {"regular": [[1, 2, 3], [4, 5, 6], [7, 8, 10]], "rankOne": [[1, 2, 3], [2, 4, 6], [3, 6, 9]]}
STRANGE = {"withNaN": [[1, 0], [nan, 1]], "withInfinity": [[1, 0], [inf, 1]], "noElements": [], "noRows": [],
           "noColumns": [[], [], []], "noMatrices": []}
LINES = {"line1": [1], "line2": [1, 2], "line3": [1, 2, 3], "line5": [1, 2, 3, 4, 5], "image": [*range(1, 13)]}
SHAPES = {"line1": [1, 1, 1], "line2": [1, 1, 2], "line3": [1, 1, 3], "line5": [1, 1, 5], "image": [1, 1, 3, 4], "noElements": [0, 0], "noRows": [0, 3], "noMatrices": [0, 2, 2]}
LISTS = {"oneZero": [0, 2, 3], "twoZeros": [0, 0, 3], "noZero": [1, 2, 3], "onlyZeros": [0, 0, 0],
         "ties": [1, 2, 2, 2, 3], "twoTies": [2, 2, 1, 1], "nans": [1, nan, nan], "factors": [4, 2, 3]}
POINTS = {"points": [-inf, 0, -0.0, -1, -2, -0.5, -1.5, -3.25, -1234.75, 1e-3, 50, 1e10, -1e10, -1e300], "betweenPoles": [-inf, 0, -0.5, -3.25, 50, 1e10]}
values = {**SQUARE, **TALL, **WIDE, **LARGER, **STRANGE, **LISTS, **POINTS, **LINES}
tensors = {name: torch.tensor(value, dtype=torch.float64).reshape(SHAPES.get(name, torch.tensor(value).shape))
           for name, value in values.items()}
lines = []


def number(x):
    if isinstance(x, list):
        return [number(y) for y in x]
    if isinstance(x, float) and not math.isfinite(x):
        return "nan" if math.isnan(x) else "inf" if x > 0 else "-inf"
    return float(f"{x:.12g}") if isinstance(x, float) else x


def weights(y):
    return torch.arange(1, y.numel() + 1, dtype=y.dtype).reshape(y.shape)


def case(name, f, on, first=True, second=False, args=None):
    for names in on:
        line = {"call": name, "on": names.split()}
        if args is not None:
            line["args"] = args
        lines.append(line)
        inputs = [tensors[n].clone().requires_grad_(first) for n in line["on"]]
        try:
            y = f(*inputs)
        except (RuntimeError, IndexError) as error:
            line["error"] = str(error).split("\n")[0]
            continue
        line["y"], line["shape"] = number(y.detach().flatten().tolist()), list(y.shape)
        if not first:
            continue
        g = torch.autograd.grad((y * weights(y)).sum(), inputs, create_graph=second)
        line["g"] = [number(x.flatten().tolist()) for x in g]
        if second:
            gg = torch.autograd.grad(sum((x * weights(x)).sum() for x in g), inputs)
            line["gg"] = [number(x.flatten().tolist()) for x in gg]


matrices = [*SQUARE, *TALL, *WIDE]
square = [*SQUARE, *LARGER]
strange = list(STRANGE)
for name, f in {
    "svdvals": L.svdvals,
    "nuclearNorm": lambda a: L.matrix_norm(a, "nuc"),
    "spectralNorm": lambda a: L.matrix_norm(a, 2),
    "smallestNorm": lambda a: L.matrix_norm(a, -2),
    "pinv": L.pinv,
}.items():
    case(name, f, matrices)
    case(name, f, strange, first=False)
case("cond", L.cond, ["unit", "opposite", "tallUnit", "regular"])
case("eigvalsh", L.eigvalsh, list(SQUARE))
case("det", L.det, square)
case("inv", L.inv, ["unit", "zeros", "singular", "regular"])
case("solveTriangular", lambda a: L.solve_triangular(a, torch.ones_like(a), upper=True), [*SQUARE, "regular"], first=False)
case("solveTriangular", lambda a: L.solve_triangular(a, torch.ones_like(a), upper=True), ["unit", "opposite", "regular"])
for name, f in {
    "eigvalsh": L.eigvalsh, "det": L.det, "inv": L.inv, "cholesky": L.cholesky, "cond": L.cond,
    "oneNorm": lambda a: L.matrix_norm(a, 1), "rowNorm": lambda a: L.matrix_norm(a, inf),
    "frobeniusNorm": L.matrix_norm, "matrixExp": L.matrix_exp, "rank": lambda a: L.matrix_rank(a),
    "sign": lambda a: L.slogdet(a).sign, "logarithm": lambda a: L.slogdet(a).logabsdet,
    "solve": lambda a: L.solve(a, torch.ones_like(a)),
}.items():
    case(name, f, strange, first=False)
for name in ["sign", "logarithm"]:
    case(name, lambda a: getattr(L.slogdet(a), {"sign": "sign", "logarithm": "logabsdet"}[name]), list(SQUARE), first=False)

case("prod", torch.prod, ["oneZero", "twoZeros", "noZero", "onlyZeros"], second=True)
case("prodAlong", lambda a: a.prod(1), ["unit", "regular"], second=True)
index = torch.tensor([0, 0, 1])
products = ["noZero oneZero", "oneZero factors", "noZero twoZeros", "twoZeros oneZero", "onlyZeros noZero"]
case("scatterProduct", lambda a, b: torch.scatter_reduce(a, 0, index, b, "prod"), products)
case("scatterProductOfUpdates", lambda a, b: torch.scatter_reduce(a, 0, index, b, "prod", include_self=False), products)
for name in ["median", "nanmedian", "max", "min"]:
    case(name, getattr(torch, name), ["ties", "twoTies", "onlyZeros", "nans"])
for n in [0, 1, 2, 3]:
    # At negative integers its trigamma is large instead of infinite.
    case(f"polygamma{n}", lambda x: torch.polygamma(n, x), ["betweenPoles" if n == 1 else "points"], first=False)

F = torch.nn.functional
for kernel, stride, padding in [[2, 2, 0], [2, 3, 0], [3, 3, 0], [5, 3, 1], [3, 2, 1], [5, 2, 2]]:
    for name, f in {
        "maxPool": lambda x: F.max_pool1d(x, kernel, stride, padding, ceil_mode=True),
        "avgPool": lambda x: F.avg_pool1d(x, kernel, stride, padding, ceil_mode=True),
        "avgPoolOfInside": lambda x: F.avg_pool1d(x, kernel, stride, padding, ceil_mode=True, count_include_pad=False),
    }.items():
        case(name, f, ["line1", "line2", "line5"], args=[kernel, stride, padding])
case("dilatedMaxPool", lambda x: F.max_pool1d(x, 2, 1, 1, dilation=2), ["line1", "line2"], first=False)
for mode in ["reflect", "replicate", "circular"]:
    for widths in [[-1, 2], [-3, 1], [-5, 1] if mode == "reflect" else [1, -2], [-2, -2], [2, -3], [-4, -2]]:
        case("pad", lambda x: F.pad(x, widths, mode=mode), ["line5"], args=[widths, mode], first=widths != [-4, -2])
    for widths in [[-1, 2, 1, -1], [-2, 1, -1, -1]]:
        case("pad", lambda x: F.pad(x, widths, mode=mode), ["image"], args=[widths, mode])
for right in [False, True]:
    case("searchsorted", lambda x, y: torch.searchsorted(x, y, right=right), ["noZero nans", "noZero ties"], args=[right], first=False)

header = {name: [list(tensor.shape), number(tensor.flatten().tolist())] for name, tensor in tensors.items()}
with open(__file__.replace(".py", ".json"), "w") as file:
    rows = ",\n".join(json.dumps(line, separators=(",", ":")) for line in lines)
    file.write('{"inputs":' + json.dumps(header, separators=(",", ":")) + ',\n"calls":[\n' + rows + "\n]}\n")
print(len(lines), "calls")

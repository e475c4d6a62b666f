"""Writes torch_functions.json, PyTorch's numbers for tests/torch_style/functions_golden_test.ts.

    python tests/golden/torch_functions.py        # needs: pip install torch==2.15.0

Every case is torch.NAME(*inputs, *args, **options), or the method of that name; `part` says which of several results is compared.
"""
import re

import torch

from torch_cases import Cases

golden = Cases()


def camel(name):
    return re.sub(r"(?<=.)_([a-z0-9])", lambda m: m[1].upper(), name)


def call(name, inputs, *args, part=None, where=torch, detach=False, listed=False, **options):
    function = getattr(where, name, None) or (lambda x, *rest, **named: getattr(x, name)(*rest, **named))

    def run(*given):
        given = [t.detach() if detach else t for t in given]
        result = function(given, *args, **options) if listed else function(*given, *args, **options)
        return result if part is None else result[part]

    plain = {camel(k): v for k, v in options.items()}
    golden.add(camel(name), run, inputs, args=list(args), options=plain, part=part, where="linalg" if where is torch.linalg else "torch", listed=listed,
               detach=detach)


def draw(*shape):
    return torch.randn(shape)


t = torch.tensor
corners = t([-3.5, -1.0, -0.5, -0.0, 0.0, 0.25, 0.5, 1.5, 2.0, 7.25])
inside = t([-0.95, -0.5, -0.1, 0.1, 0.5, 0.99])
positive = t([0.1, 0.5, 1.0, 1.5, 2.5, 8.0, 30.0])
whole = t([[-7, 7, 3], [2, -1, 12]])
other = t([4, -3, 6])

# ---- elementwise
for name in ["tan", "sinh", "cosh", "asinh", "atan", "exp2", "sinc", "deg2rad", "rad2deg", "erfc", "frac", "sgn", "fix"]:
    call(name, [corners])
call("acosh", [positive + 1])
for name in ["asin", "acos", "atanh", "erfinv"]:
    call(name, [inside])
for name in ["log2", "log10", "lgamma", "digamma", "i0"]:
    call(name, [positive])
call("lgamma", [t([-0.5, -1.5, -3.25, 1e-3, 100.0])])
call("digamma", [t([-0.5, -1.5, -3.25, 1e-3, 100.0])])
call("mvlgamma", [positive + 2], 3)
call("atan2", [t([1.0, 1.0, -1.0, -1.0, 0.0, 2.0, -3.0]), t([1.0, -1.0, 1.0, -1.0, -2.0, 0.0, 0.0])])
for name in ["hypot", "logaddexp", "logaddexp2", "fmod", "fmax", "fmin"]:
    call(name, [draw(2, 3) * 4, draw(3) * 3])
for name in ["fmax", "fmin"]:
    call(name, [t([1.0, float("nan"), 3.0]), t([float("nan"), 2.0, 5.0])])
call("logaddexp", [t([1000.0, -1000.0, float("inf")]), t([1000.0, -999.0, 3.0])])
call("copysign", [draw(2, 3), draw(3)], detach=True)
call("xlogy", [t([0.0, 1.0, 2.0]), t([0.7, 3.0, 0.5])])
call("xlogy", [t([0.0, 1.0, 0.0]), t([0.0, 3.0, float("nan")])], detach=True)
call("logit", [t([0.1, 0.5, 0.9])])
call("logit", [t([0.0, 0.5, 1.0])], 0.1)
call("nan_to_num", [t([float("nan"), float("inf"), -float("inf"), 2.0])])
call("nan_to_num", [t([float("nan"), float("inf"), -float("inf"), 2.0])], 1.5, 3.0, -4.0)
call("ldexp", [draw(3), t([1.0, -2.0, 3.0])])
for part in [0, 1]:
    call("frexp", [corners], part=part, detach=True)
call("heaviside", [t([-1.0, 0.0, 2.0]), t([0.5, 0.25, 0.75])], detach=True)
call("signbit", [corners], detach=True)
call("nextafter", [t([1.0, -1.0, 0.0, 3.0]), t([2.0, 0.0, -1.0, 3.0])], detach=True)
call("igamma", [t([0.5, 2.0, 8.0]), t([0.3, 3.0, 20.0])], detach=True)
call("igammac", [t([0.5, 2.0, 8.0]), t([0.3, 3.0, 20.0])], detach=True)
call("clamp_min", [corners], 0.1)
call("clamp_max", [corners], 0.1)
call("angle", [corners], detach=True)
for name in ["isinf", "isposinf", "isneginf", "isfinite"]:
    call(name, [t([float("nan"), float("inf"), -float("inf"), 2.0])], detach=True)
call("isclose", [t([1.0, float("inf"), float("nan"), 2.0]), t([1.000001, float("inf"), float("nan"), 2.1])], detach=True)
call("isclose", [t([1.0, float("nan")]), t([1.1, float("nan")])], rtol=0.2, equal_nan=True, detach=True)
inf, nan = float("inf"), float("nan")
call("isclose", [t([1.5, inf, inf, -inf, 3e38]), t([inf, inf, -inf, 1.0, -3e38])], rtol=2.0, detach=True)
call("isclose", [t([inf, -inf]), t([inf, -inf])], detach=True)
call("isclose", [t([True, False, True]), t([True, True, True])])
call("isclose", [t([1, 2, 100000]), t([3, 3, 100001])], 0.0, 1.0)
call("isin", [whole, other], detach=True)
call("isin", [whole, other], invert=True, detach=True)
call("count_nonzero", [t([[0.0, 1, 2], [0, 0, 3]])], detach=True)
call("count_nonzero", [t([[0.0, 1, 2], [0, 0, 3]])], 1, detach=True)
for name in ["bitwise_and", "bitwise_or", "bitwise_xor", "gcd", "lcm", "fmod"]:
    call(name, [whole, other])
long = t([2**24 + 1, -(2**25) - 1, 2**40 + 7, -(2**52) - 1])
for name in ["fmod", "remainder", "floor_divide"]:
    call(name, [long, t([2, 10, -10, 3])])
for mode in ["trunc", "floor"]:
    call("div", [long, t([1, 2, -10, 3])], rounding_mode=mode)
call("div", [t([7.5, -7.5, -0.25])], 2.0, rounding_mode="trunc")
call("bitwise_not", [whole])
call("bitwise_left_shift", [whole, t([1, 2, 3])])
call("bitwise_right_shift", [whole, t([1, 2, 3])])

# ---- products added
call("addcmul", [draw(2, 3), draw(2, 3), draw(3)], value=0.5)
call("addcdiv", [draw(2, 3), draw(2, 3), draw(3).abs() + 1], value=2.0)
call("addmm", [draw(4), draw(2, 3), draw(3, 4)], beta=0.5, alpha=2.0)
call("addmv", [draw(2), draw(2, 3), draw(3)], alpha=0.5)
call("addr", [draw(2, 3), draw(2), draw(3)], beta=2.0)
call("baddbmm", [draw(2, 2, 4), draw(2, 2, 3), draw(2, 3, 4)], beta=0.0, detach=True)
call("addbmm", [draw(2, 4), draw(5, 2, 3), draw(5, 3, 4)])
call("inner", [draw(2, 3), draw(4, 3)])
call("kron", [draw(2, 3), draw(3, 2)])
call("kron", [draw(2), draw(2, 3)])
call("cross", [draw(4, 3), draw(4, 3)])
call("cross", [draw(3, 4), draw(3, 4)], 0)
call("vdot", [draw(3), draw(3)])
call("matrix_power", [draw(2, 3, 3)], 5)
call("cdist", [draw(2, 3, 4), draw(2, 5, 4)])
call("cdist", [draw(3, 4), draw(5, 4)], 1.0)
call("tensordot", [draw(3, 4, 5), draw(4, 5, 2)])
call("tensordot", [draw(3, 4, 5), draw(4, 3, 2)], [[1, 0], [0, 1]])
for equation, shapes in [
    ("ij,jk->ik", [(2, 3), (3, 4)]), ("bij,bjk->bik", [(2, 3, 4), (2, 4, 5)]), ("ii->i", [(3, 3)]), ("ii", [(3, 3)]), ("ij->ji", [(2, 3)]), ("ij", [(2, 3)]),
    ("i,j->ij", [(2,), (3,)]), ("ij,ij->", [(2, 3), (2, 3)]), ("...ij,...jk->...ik", [(2, 1, 3, 4), (5, 4, 2)]), ("bhid,bhjd->bhij", [(2, 2, 3, 4), (2, 2, 5, 4)]),
    ("ij,jk,kl->il", [(2, 3), (3, 4), (4, 2)]), ("bn,anm,bm->ba", [(2, 5), (3, 5, 4), (2, 4)]), ("ab,bc", [(2, 3), (3, 4)]), ("i,i", [(3,), (3,)]), ("ijk->k", [(2, 3, 4)]),
    ("ij,kj->ik", [(2, 3), (1, 3)]), ("ij,ij->i", [(2, 1), (2, 3)]),
]:
    inputs = [draw(*shape) for shape in shapes]
    golden.add("einsum", lambda *given: torch.einsum(equation, *given), inputs, equation=equation)

# ---- cumulative
for dim in [0, -1]:
    for name in ["cumsum", "cumprod", "logcumsumexp"]:
        call(name, [draw(3, 5)], dim)
    for name in ["cummax", "cummin"]:
        for part in [0, 1]:
            call(name, [t([[1.0, 3, 2, 3, 0], [2, 2, 1, 5, 4], [0, float("nan"), 7, 1, 1]])], dim, part=part)
call("cumprod", [t([1.0, 2.0, 0.0, 3.0, 4.0])], 0)
call("cumsum", [whole], 1)
call("cumprod", [whole], 1)
call("diff", [draw(3, 5)])
call("diff", [draw(3, 5)], 2, 0)
call("trapezoid", [draw(3, 5)])
call("trapezoid", [draw(3, 5), torch.arange(5.0) ** 2])
call("cumulative_trapezoid", [draw(3, 5)], dx=0.5)

# ---- order
mixed = t([[3.0, 1, 2, 1, float("nan")], [5, -1, 0, 7, 2]])
for part in [0, 1]:
    call("sort", [mixed], part=part)
    call("sort", [mixed], 0, True, part=part)
    call("topk", [draw(3, 5)], 2, part=part)
    call("topk", [draw(3, 5)], 2, 0, False, part=part)
    call("kthvalue", [draw(3, 5)], 2, part=part)
    call("median", [draw(3, 5)], 1, part=part)
    call("median", [draw(3, 4)], 0, part=part)
    call("nanmedian", [mixed], 1, part=part)
    call("mode", [t([[1.0, 2, 2, 1, 3], [4, 4, 5, 5, 5]])], 1, part=part)
call("argsort", [draw(3, 5)], 0, True, detach=True)
call("msort", [draw(3, 4)])
call("median", [draw(3, 4)])
call("median", [mixed])
for interpolation in ["linear", "lower", "higher", "midpoint", "nearest"]:
    call("quantile", [draw(3, 5)], 0.3, 1, interpolation=interpolation)
call("quantile", [draw(3, 4)], 0.6)
call("nanquantile", [mixed], 0.5, 1)
call("searchsorted", [t([[1.0, 3, 5, 7], [2, 4, 6, 8]]), t([[3.0, 6, 9], [3, 6, 9]])], detach=True)
call("searchsorted", [t([1.0, 3, 5, 7]), t([3.0, 6, 0])], right=True, detach=True)
call("bucketize", [t([[3.0, 6, 9], [1, 5, 0]]), t([1.0, 3, 5, 7])], detach=True)

# ---- figures
call("aminmax", [draw(3, 4)], part=0)
call("aminmax", [draw(3, 4)], dim=1, keepdim=True, part=1)
call("nansum", [mixed])
call("nansum", [mixed], 1)
call("nanmean", [mixed], 1)
call("std_mean", [draw(3, 4)], 1, part=0)
call("var_mean", [draw(3, 4)], 1, part=1)
call("cov", [draw(3, 5)])
call("cov", [draw(3, 5)], correction=0)
call("corrcoef", [draw(3, 5)])
call("dist", [draw(3, 4), draw(3, 4)])
call("dist", [draw(3, 4), draw(3, 4)], 3.0)
call("renorm", [draw(3, 4) * 3], 2.0, 0, 2.5)
call("histc", [draw(50)], 6, -2.0, 2.0, detach=True)
call("histc", [draw(20)], 5, detach=True)

# ---- single values count as lists of one where an axis is named
single, column = t(2.5), t([[1.0, 2.0], [3.0, 4.5]])
for name in ["sum", "mean", "prod", "amax", "amin", "var", "logsumexp", "nansum", "nanmean", "softmax", "log_softmax", "cumsum", "cumprod", "logcumsumexp", "squeeze"]:
    call(name, [single], -1)
for name in ["all", "any", "argmax", "argmin", "count_nonzero", "argsort"]:
    call(name, [single], 0, detach=True)
for part in [0, 1]:
    for name in ["max", "min", "median", "nanmedian", "mode", "sort", "cummax", "cummin"]:
        call(name, [single], 0, part=part, detach=part == 1)
    for name in ["topk", "kthvalue"]:
        call(name, [single], 1, -1, part=part, detach=part == 1)
for keep in [False, True]:
    call("quantile", [single], 0.3, 0, keepdim=keep)
    call("sum", [single], 0, keepdim=keep)
    call("argmax", [column], keepdim=keep, detach=True)
call("norm", [single], 3.0, -1)
call("flip", [single], [0])
call("unfold", [single], 0, 1, 1)
for name in ["transpose", "movedim"]:
    call(name, [single], 0, -1)

# ---- an empty list names all axes; nothing is all there is of an empty tensor
for name in ["sum", "mean", "amax", "amin", "var", "std", "nansum", "nanmean"]:
    call(name, [column], [])
call("sum", [column], [], keepdim=True)
call("logsumexp", [column], [], keepdim=True)
call("norm", [column], 3.0, [])
# These two alone fold nothing then.
for name in ["all", "any"]:
    call(name, [t([[1.0, 0.0], [2.0, 0.0]])], [], detach=True)
for name in ["all", "any"]:
    call(name, [t([])], detach=True)
    call(name, [t([[], []])], 1, detach=True)


# ---- diagonals
call("diagonal", [draw(3, 4)])
call("diagonal", [draw(2, 3, 4)], 1, 0, 2)
call("diag_embed", [draw(2, 3)])
call("diag_embed", [draw(2, 3)], -1, 0, 2)
call("diag", [draw(3)], 1)
call("diag", [draw(3, 4)], -1)
call("diagflat", [draw(2, 2)])
call("diagonal_scatter", [draw(3, 4), draw(3)], 1)
call("trace", [draw(3, 4)])
call("block_diag", [draw(2, 3), draw(3), draw(1, 2)])

# ---- writing to indices
index = t([[0, 2, 1], [2, 0, 0]])


def indexed(name, inputs, dim, at, *rest, **options):
    """The indices are a tensor, and the second argument of three."""
    plain = {camel(k): v for k, v in options.items()}
    golden.add(camel(name), lambda x, k, *more: getattr(torch, name)(x, dim, k, *more, *rest, **options), [inputs[0], at, *inputs[1:]],
               dim=dim, rest=list(rest), options=plain)


indexed("scatter", [draw(3, 4), draw(2, 3)], 0, t([[0, 1, 2], [2, 0, 1]]))
indexed("scatter", [draw(3, 4), draw(3, 2)], 1, t([[0, 3], [1, 2], [2, 0]]))
indexed("scatter", [draw(3, 4)], 1, t([[0, 3], [1, 2], [2, 0]]), 1.5)
indexed("scatter_add", [draw(3, 4), draw(2, 3)], 0, index)
for reduce in ["sum", "prod", "mean", "amax", "amin"]:
    for include in [True, False]:
        indexed("scatter_reduce", [draw(3, 4), draw(2, 3)], 0, index, reduce, include_self=include)
indexed("index_add", [draw(3, 4), draw(2, 4)], 0, t([2, 0]), alpha=0.5)
indexed("index_copy", [draw(3, 4), draw(3, 2)], 1, t([3, 0]))
indexed("index_fill", [draw(3, 4)], 1, t([3, 0]), 2.5)
indexed("index_reduce", [draw(3, 4), draw(2, 4)], 0, t([1, 1]), "amax", include_self=True)
call("masked_scatter", [draw(2, 3), t([[True, False, True], [False, True, True]]), draw(6)])
call("take", [draw(3, 4), t([[0, 5], [11, 2]])])
call("take_along_dim", [draw(3, 4), t([[0], [3], [1]])], 1)
call("put", [draw(3, 4), t([0, 7, 11]), draw(3)])
call("put", [draw(3, 4), t([0, 7, 7]), draw(3)], accumulate=True)
call("select_scatter", [draw(3, 4), draw(3)], 1, 2)
call("slice_scatter", [draw(5, 4), draw(2, 4)], 0, 1, 4, 2)

# A single value is a list of one.
first, one = t(0), t(2.5)
for at in [first, t([0])]:
    indexed("gather", [one], 0, at)
    indexed("index_select", [one], -1, at)
    indexed("index_fill", [one], 0, at, 7.0)
    indexed("index_copy", [one, t(7.0)], 0, at)
for name in ["scatter", "scatter_add", "index_add"]:
    indexed(name, [one, t(7.0)], -1, first)
indexed("scatter_reduce", [one, t(7.0)], 0, first, "mean")
indexed("index_reduce", [one, t(7.0)], 0, first, "amax")

# ---- arranging
call("ravel", [draw(2, 3)])
call("fliplr", [draw(2, 3)])
call("flipud", [draw(2, 3)])
for k in [1, 2, 3, -1, 4]:
    call("rot90", [draw(2, 3, 2)], k, [0, 1])
call("rot90", [draw(2, 3, 2)], 1, [1, 2])
call("tile", [draw(2, 3)], [2])
call("tile", [draw(2, 3)], [2, 1, 2])
call("repeat_interleave", [draw(2, 3)], 2)
call("repeat_interleave", [draw(2, 3)], 2, 1)
call("unfold", [draw(2, 7)], 1, 3, 2)
call("unfold", [draw(5, 2)], 0, 2, 1)
call("tensor_split", [draw(7, 2)], 3, part=1)
call("tensor_split", [draw(7, 2)], [1, 3], part=2)
call("hsplit", [draw(2, 4)], 2, part=1)
call("vsplit", [draw(4, 2)], 2, part=1)
call("dsplit", [draw(2, 2, 4)], 2, part=0)
call("hstack", [draw(2, 3), draw(2, 1)], listed=True)
call("vstack", [draw(3), draw(2, 3)], listed=True)
call("dstack", [draw(2, 3), draw(2, 3)], listed=True)
call("column_stack", [draw(2), draw(2, 3)], listed=True)
# Empty vectors are passed over; their dtype counts.
call("cat", [t([]), t([[1.0, 2.0], [3.0, 4.0]])], listed=True, detach=True)
call("cat", [t([[1, 2], [3, 4]]), t([]), t([[5], [6]])], 1, listed=True, detach=True)
call("cat", [t([]), t([], dtype=torch.int64)], listed=True, detach=True)
call("hstack", [t([[1.0, 2.0]]), t([])], listed=True, detach=True)
call("broadcast_tensors", [draw(2, 1), draw(3)], part=1)
for indexing in ["ij", "xy"]:
    for part in [0, 1]:
        call("meshgrid", [draw(2), draw(3)], indexing=indexing, part=part, listed=True)
call("cartesian_prod", [draw(2), draw(3)])
call("combinations", [draw(4)], 2)
call("combinations", [draw(3)], 2, True)
call("vander", [t([1.0, 2.0, 3.0])], detach=True)
call("adjoint", [draw(2, 3)])
call("sum_to_size", [draw(2, 3, 4)], [3, 1])

# ---- linear algebra
L = torch.linalg
square = draw(2, 3, 3) + 2 * torch.eye(3)
spd = square @ square.mT + torch.eye(3)
for name in ["det", "inv"]:
    call(name, [square], where=L)
call("slogdet", [square], where=L, part=1)
call("slogdet", [square], where=L, part=0, detach=True)
call("logdet", [spd])
call("solve", [square, draw(2, 3, 2)], where=L)
call("solve", [square[0], draw(3)], where=L)
call("cholesky", [spd], where=L)
call("cholesky", [spd], upper=True, where=L)
for shape in [(4, 3), (3, 3)]:
    for part in [0, 1]:
        call("qr", [draw(*shape)], where=L, part=part)
call("qr", [draw(2, 3)], where=L, part=1, detach=True)
call("qr", [draw(4, 2)], "complete", where=L, part=1, detach=True)
for shape in [(4, 3), (2, 3), (2, 3, 3)]:
    call("svdvals", [draw(*shape)], where=L)
call("eigvalsh", [spd], where=L)
call("pinv", [draw(4, 3)], where=L)
call("matrix_rank", [t([[1.0, 2], [2, 4], [0, 1]])], where=L, detach=True)
for order in ["fro", "nuc", 1, -1, 2, -2]:
    call("matrix_norm", [draw(2, 3, 4)], order, where=L)
call("vector_norm", [draw(3, 4)], 3, 1, where=L)
call("norm", [draw(3, 4)], where=L)
call("cond", [square], where=L)
call("lstsq", [draw(5, 3), draw(5, 2)], where=L, part=0)
call("multi_dot", [draw(2, 3), draw(3, 4), draw(4, 2)], where=L, listed=True)
call("cross", [draw(4, 3), draw(4, 3)], where=L)
call("vecdot", [draw(4, 3), draw(4, 3)], where=L)
call("matrix_exp", [square * 0.5], where=L)
call("solve_triangular", [square[0], draw(3, 2)], upper=True, where=L)
call("solve_triangular", [square[0], draw(3, 2)], upper=False, unitriangular=True, where=L)
# Values only: PyTorch's gradient has numbers above the diagonal, which is not read.
call("cholesky_solve", [draw(3, 2), L.cholesky(spd[0])], detach=True)
call("cholesky_inverse", [L.cholesky(spd[0])], detach=True)
golden.write("torch_functions")

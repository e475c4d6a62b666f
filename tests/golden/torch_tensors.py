"""Writes torch_tensors.json, PyTorch's numbers for tests/torch_style/tensors_golden_test.ts.

    python tests/golden/torch_tensors.py        # needs: pip install torch==2.15.0
"""

import torch

from torch_cases import Cases, flat

golden = Cases()
case = golden.add


def draw(*shape):
    return torch.randn(shape)


for name in ["abs", "neg", "exp", "expm1", "sin", "cos", "tanh", "sigmoid", "erf", "square", "relu", "sign", "floor",
             "ceil", "round", "trunc"]:
    case(name, getattr(torch, name), [draw(2, 3) * 2])
for name in ["log", "log1p", "sqrt", "rsqrt", "reciprocal"]:
    case(name, getattr(torch, name), [draw(2, 3).abs() + 0.2])
whole = torch.tensor([[-7, 7, 3], [2, -1, 5]])
for name in ["exp", "sqrt", "sigmoid", "floor", "neg", "abs", "relu", "square", "reciprocal"]:
    case(name, getattr(torch, name), [whole])

pairs = [((2, 3), (2, 3)), ((2, 1), (3,)), ((), (2, 2))]
for name in ["add", "sub", "mul", "div", "maximum", "minimum"]:
    for a, b in pairs:
        case(name, getattr(torch, name), [draw(*a), draw(*b)])
case("addAlpha", lambda a, b: torch.add(a, b, alpha=2.5), [draw(2, 3), draw(3)], alpha=2.5)
case("subAlpha", lambda a, b: torch.sub(a, b, alpha=3), [draw(2, 3), draw(3)], alpha=3)
for dtype in [torch.int64, torch.float32]:
    a, b = whole.to(dtype), torch.tensor([2, -2, 3]).to(dtype)
    for mode in ["trunc", "floor", None]:
        case("divRounded", lambda a, b: torch.div(a.detach(), b.detach(), rounding_mode=mode), [a, b], roundingMode=mode)
    case("floorDivide", lambda a, b: torch.floor_divide(a.detach(), b.detach()), [a, b])
    case("remainder", lambda a, b: torch.remainder(a.detach(), b.detach()), [a, b])
case("pow", torch.pow, [whole, torch.tensor(2)])
case("clamp", lambda x: torch.clamp(x, -0.5, 0.75), [draw(3, 4)], min=-0.5, max=0.75)
case("clamp", lambda x: torch.clamp(x, min=0.1), [draw(3, 4)], min=0.1)
case("clamp", lambda x: torch.clamp(x, max=0.1), [draw(3, 4)], max=0.1)
case("lerp", lambda a, b: torch.lerp(a, b, 0.3), [draw(3), draw(3)], weight=0.3)
mask = torch.tensor([[True, False, True], [False, False, True]])
case("where", torch.where, [mask, draw(2, 3), draw(3)])
case("maskedFill", lambda x, m: x.masked_fill(m, -2.0), [draw(2, 3), mask], value=-2)

for name in ["eq", "ne", "gt", "ge", "lt", "le"]:
    case(name, lambda a, b: getattr(torch, name)(a.detach(), b.detach()), [torch.tensor([1., 2, 3]), torch.tensor([[2., 2, 2]])])
for name in ["logical_and", "logical_or", "logical_xor"]:
    case(name, getattr(torch, name), [mask, torch.tensor([1, 0, 2])])

dims = [(None, False), (0, False), (1, True), (-1, False), ([0, 2], False), ([0, 2], True)]
for dim, keep in dims:
    options = {"dim": dim, "keepdim": keep}
    args = () if dim is None else (dim, keep)
    for name in ["sum", "mean", "amax", "amin"]:
        case(name, lambda x: getattr(torch, name)(x, *args), [draw(2, 3, 4)], **options)
    for name in ["var", "std"]:
        for correction in [0, 1]:
            case(name, lambda x: getattr(torch, name)(x, dim=dim, correction=correction, keepdim=keep), [draw(2, 3, 4)],
                 **options, correction=correction)
    if dim is not None:
        case("logsumexp", lambda x: torch.logsumexp(x, dim, keep), [draw(2, 3, 4) * 5], **options)
    for p in [1, 2, 3, float("inf")]:
        case("norm", lambda x: torch.linalg.vector_norm(x, p, dim, keep), [draw(2, 3, 4)], **options, p=str(p))
for dim in [0, -1]:
    case("prod", lambda x: torch.prod(x, dim), [draw(3, 4)], dim=dim)
    for name in ["max", "min"]:
        case(name + "Values", lambda x: getattr(torch, name)(x, dim).values, [draw(3, 4)], dim=dim)
        case(name + "Indices", lambda x: getattr(torch, name)(x.detach(), dim).indices, [draw(3, 4)], dim=dim)
    for name in ["all", "any"]:
        case(name, lambda x: getattr(torch, name)(x, dim), [mask], dim=dim)
case("sum", torch.sum, [whole], dim=None, keepdim=False)
case("sum", torch.sum, [mask], dim=None, keepdim=False)
case("argmax", lambda x: torch.argmax(x.detach()), [draw(3, 4)])
case("argmin", lambda x: torch.argmin(x.detach(), 1, True), [draw(3, 4)], dim=1, keepdim=True)

movements = {
    "reshape": (lambda x: x.reshape(4, -1), {}),
    "permute": (lambda x: x.permute(2, 0, 1), {}),
    "transpose": (lambda x: x.transpose(0, -1), {}),
    "movedim": (lambda x: torch.movedim(x, 0, -1), {}),
    "movedimMany": (lambda x: torch.movedim(x, (0, 1), (2, 0)), {}),
    "flatten": (lambda x: x.flatten(1), {}),
    "unflatten": (lambda x: x.unflatten(2, (2, -1)), {}),
    "unsqueeze": (lambda x: x.unsqueeze(-2), {}),
    "squeeze": (lambda x: x.unsqueeze(0).unsqueeze(-1).squeeze(), {}),
    "expand": (lambda x: x.expand(2, -1, -1, -1), {}),
    "narrow": (lambda x: x.narrow(1, 1, 2), {}),
    "select": (lambda x: x.select(1, -1), {}),
    "repeat": (lambda x: x.repeat(2, 1, 1, 2), {}),
    "flip": (lambda x: x.flip(0, 2), {}),
    "roll": (lambda x: x.roll(2, 2), {}),
    "split": (lambda x: torch.cat([p * (i + 1) for i, p in enumerate(x.split(3, 2))], 2), {}),
    "chunk": (lambda x: x.chunk(2, 1)[1], {}),
    "unbind": (lambda x: x.unbind(1)[2], {}),
    "tril": (lambda x: x.tril(1), {}),
    "triu": (lambda x: x.triu(-1), {}),
}
for name, (function, options) in movements.items():
    case(name, function, [draw(2, 3, 4)], **options)
case("cat", lambda a, b: torch.cat([a, b], 1), [draw(2, 3), draw(2, 1)])
case("cat", lambda a, b: torch.cat([a, b], 0), [torch.tensor([1, 2]), draw(2)])
case("stack", lambda a, b: torch.stack([a, b], -1), [draw(2, 3), draw(2, 3)])

i = torch.tensor
indexings = {
    "x[1]": lambda x: x[1],
    "x[-1,2]": lambda x: x[-1, 2],
    "x[1:,:2]": lambda x: x[1:, :2],
    "x[:,1:-1]": lambda x: x[:, 1:-1],
    "x[::2,1::2]": lambda x: x[::2, 1::2],
    "x[...,0]": lambda x: x[..., 0],
    "x[0,...,None]": lambda x: x[0, ..., None],
    "x[:,None]": lambda x: x[:, None],
    "x[[2,0,-1]]": lambda x: x[i([2, 0, -1])],
    "x[:,[3,1]]": lambda x: x[:, i([3, 1])],
    "x[[0,1],[1,3]]": lambda x: x[i([0, 1]), i([1, 3])],
    "x[[[0],[2]],[1,3]]": lambda x: x[i([[0], [2]]), i([1, 3])],
    "x[:,[0,2],[1,0]]": lambda x: x[:, i([0, 2]), i([1, 0])],
    "x[[0,2],:,[1,0]]": lambda x: x[i([0, 2]), :, i([1, 0])],
    "x[mask]": lambda x: x[i([True, False, True])],
    "x[mask2]": lambda x: x[x.detach()[:, :, 0] > 0],
    "x[1:,[0,3],1]": lambda x: x[1:, i([0, 3]), 1],
}
for name, function in indexings.items():
    case("index", function, [draw(3, 4, 2)], expression=name)
case("indexSelect", lambda x, k: x.index_select(1, k), [draw(3, 4), i([3, 0, 3])], dim=1)
case("gather", lambda x, k: x.gather(1, k), [draw(3, 4), i([[0, 3], [1, 1], [2, 0]])], dim=1)


def assigned(change):
    def run(x, *rest):
        y = x * 1
        change(y, *rest)
        return y
    return run


def put(y, key, value):
    y[key] = value


assignments = {
    "x[1]=v": lambda y, v: put(y, 1, v),
    "x[:,1::2]=v": lambda y, v: put(y, (slice(None), slice(1, None, 2)), v),
    "x[[2,0]]=v": lambda y, v: put(y, i([2, 0]), v),
    "x[:,[3,1]]=v": lambda y, v: put(y, (slice(None), i([3, 1])), v),
    "x[[0,2],[1,3]]=v": lambda y, v: put(y, (i([0, 2]), i([1, 3])), v),
    "x[...,-1]=v": lambda y, v: put(y, (..., -1), v[0]),
    "x.t()[0]=v": lambda y, v: put(y.permute(1, 0, 2)[0], ..., v),
    "x.view[5:9]=v": lambda y, v: put(y.view(-1)[5:9].view(2, 2), ..., v),
    "x[[1,1]]+=v": lambda y, v: y.index_put_((i([1, 1]),), v, accumulate=True),
}
for name, change in assignments.items():
    case("assign", assigned(change), [draw(3, 4, 2), draw(2)], expression=name)
case("assign", assigned(lambda y: put(y, y.detach() > 0, 0.5)), [draw(3, 4, 2)], expression="x[x>0]=0.5")

for name, a, b in [("mm", (2, 3), (3, 4)), ("bmm", (2, 2, 3), (2, 3, 1)), ("mv", (2, 3), (3,)), ("dot", (3,), (3,)),
                   ("outer", (2,), (3,))]:
    case(name, getattr(torch, name), [draw(*a), draw(*b)])

types = [torch.bool, torch.uint8, torch.int8, torch.int32, torch.int64, torch.float16, torch.float32, torch.float64]
# int16, which torch makes of uint8 and int8, is not there in Tandem.
names = {t: str(t).removeprefix("torch.") for t in types}
promotion = []
for a in types:
    for b in types:
        for left in ["axes", "single"]:
            for right in ["axes", "single"]:
                x = torch.ones(2 if left == "axes" else (), dtype=a)
                y = torch.ones(2 if right == "axes" else (), dtype=b)
                result = torch.result_type(x, y)
                if result != torch.int16:
                    promotion.append([names[a], left, names[b], right, names[result]])
        for number in [2, 2.5]:
            promotion.append([names[a], "axes", "number", number, names[torch.result_type(torch.ones(2, dtype=a), number)]])

creation = {
    "arange(5)": flat(torch.arange(5)),
    "arange(1, 2.5, 0.5)": flat(torch.arange(1, 2.5, 0.5)),
    "arange(5, 0, -2)": flat(torch.arange(5, 0, -2)),
    "linspace(-1, 2, 7)": flat(torch.linspace(-1, 2, 7)),
    "eye(2, 3)": flat(torch.eye(2, 3)),
    "full([2], 7)": flat(torch.full((2,), 7.0)),
}
golden.write("torch_tensors", promotion=promotion, creation=creation)

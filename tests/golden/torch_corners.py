"""Writes torch_corners.jsonl: special values (zeros, denormals, huge, infinite, NaN, equal, empty) through PyTorch's
functions, forward and gradient, for tests/torch_style/corners_test.ts.

    python tests/golden/torch_corners.py        # needs: pip install torch==2.15.0

A function is added as one line of a table below: its name here (camelCase, "F." for nn.functional, "x." for a method), the
PyTorch function where the name is not the same in snake case, the further arguments as they are written in TypeScript, and
the names of the inputs to try it on. The first line of the file holds the inputs, every other one a call:

    {"call": name, "args": [...], "on": [inputs], "y": [outputs], "g": [gradients]}     or "error": true

The upstream gradient is 1, -0.5, 2, 1, ...
"""

import json
import math
import re
import warnings

import torch
import torch.nn.functional as F

torch.set_num_threads(1)
warnings.simplefilter("ignore")
inf, nan = math.inf, math.nan

EDGES = [0.0, -0.0, 1e-40, 1.5e-38, 1e-20, -1e-20, 1e-4, -1e-4, 0.5, -0.5, 1.0, -1.0, 1.5, -2.5, 3.0, -3.0, 20.0,
         -20.0, 89.0, -104.0, 1e20, -1e20, 3e38, -3e38, inf, -inf, nan]
SOME = [0.0, 1e-20, 0.5, -1.0, 1.0, 2.0, -3.5, 3e38, inf, -inf, nan]
PROBABILITIES = [0.0, 1e-30, 1e-7, 0.5, 1.0]
ROWS = [[0, 0, 0], [-0.0, 0, -0.0], [2, 2, 2], [1, 2, 3], [2, 1, 2], [0, 2, 3], [0, 3, 0], [-1, -1, 4], [1e-20, 2e-20, 0],
        [3e38, 3e38, 1], [-3e38, 3e38, 1], [1, inf, 2], [1, -inf, 2], [inf, -inf, 0], [-inf, -inf, -inf], [inf, inf, 1],
        [1, nan, 3], [nan, nan, nan], [nan, inf, -inf], [100, -100, 0]]
DISTRIBUTIONS = [[0, 0, 1], [1, 0, 0], [0.2, 0.3, 0.5], [0, 0, 0], [0.5, 0.5, 0]]


def grid(a, b):
    """All pairs: two columns."""
    return [x for x in a for _ in b], [y for _ in a for y in b]


left, right = grid(SOME, SOME)
near, far = grid(ROWS[:12] + ROWS[16:17], [ROWS[0], ROWS[2], ROWS[3], ROWS[16]])
logits, chances = grid([-inf, -100.0, -1.0, 0.0, 2.0, 100.0, inf, nan], [0.0, 0.3, 1.0])
odds, wanted = grid(PROBABILITIES, [0.0, 0.3, 1.0])
INPUTS = {
    "edges": EDGES, "left": left, "right": right, "rows": ROWS, "row": [1, 2, 3], "near": near, "far": far,
    "logits": logits, "chances": chances, "odds": odds, "wanted": wanted, "distributions": DISTRIBUTIONS,
    "one": [[0.0], [2.0], [-1.5], [inf], [-inf], [nan]], "scalar": 2.0, "empty": [], "noColumns": [[], []],
    "images": [[row + row[::-1] + [0]] for row in ROWS], "wide": [row + row for row in ROWS],
    "pairs": [row[:2] for row in ROWS], "positive": [abs(x) for x in EDGES],
    "signs": [1.0 if i % 2 else -1.0 for i in range(len(EDGES))], "queries": [[0, 0], [1, 2], [1e19, 1], [nan, 0]],
    "keys": [[1, 0], [0, 1], [2, 2]], "values": [[1, 2], [3, 4], [5, -6]], "zeros4": [0.0] * 4, "equal": [[3, 3], [3, 3]],
    "pixel": [[[[2.0]]]], "twoPixels": [[[[1.0]], [[2.0]]]],
    "few": [[1, -2, 0.5]] * len(DISTRIBUTIONS),
    "polygammaOf": [0.0, 0.5, 1.0, 20.0, 1e20, inf, nan],
    "kinks": [0.0, -0.0, 0.25, -0.25, 3.0, -3.0, 6.0, -6.0, 5.999999, 6.000001, 20.0, 20.5, inf, -inf],
}
INTEGERS = {"labels": [i % 3 for i in range(len(ROWS))], "ignored": [-100] * 2, "someIgnored": [-100, 1, -100],
            "multi": [[0, -1, -1], [2, 0, -1], [-1, -1, -1]] + [[1, 2, 0]] * (len(ROWS) - 3)}
BOOLEANS = {"mask": [[True, False, True], [False, False, False], [True, True, True], [False, True, False]],
            "flags": [[True, False], [False, False]]}
tensors = {name: torch.tensor(value, dtype=torch.float32) for name, value in INPUTS.items()}
tensors["images"] = tensors["images"].reshape(len(ROWS), 1, 7)
tensors.update({name: torch.tensor(value) for name, value in INTEGERS.items()})
tensors.update({name: torch.tensor(value) for name, value in BOOLEANS.items()})
lines = []


def number(value):
    if isinstance(value, bool) or isinstance(value, int):
        return int(value)
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    short = float(f"{value:.7g}")
    if short == 0:
        return -0.0 if math.copysign(1, short) < 0 else 0
    return int(short) if short == int(short) and abs(short) < 1e6 else short


def flat(tensor):
    return [number(value) for value in tensor.detach().flatten().tolist()]


def outputs_of(result):
    if isinstance(result, torch.Tensor):
        return [result]
    return [item for item in result if isinstance(item, torch.Tensor)]


def plain(value):
    if isinstance(value, float) and not math.isfinite(value):
        return number(value)
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


# What cancels out leaves noise of this size: differences of nearly equal numbers are nobody's to the last digits.
NOISY = {"F.layerNorm": 5e-6, "F.groupNorm": 5e-6, "F.instanceNorm": 5e-6, "F.batchNorm": 5e-5, "F.rmsNorm": 1e-6,
         "F.cosineSimilarity": 1e-6, "tripletOfEqualPair": 1e-6, "F.tanhshrink": 1e-7, "logaddexp2": 1e-7,
         "F.scaledDotProductAttention": 1e-6, "cosineEmbeddingOfOnes": 1e-6}


def call(name, function, args, on):
    inputs = [tensors[key].clone() for key in on]
    inputs = [x.requires_grad_() if x.is_floating_point() else x for x in inputs]
    line = {"call": name, "args": plain(args), "on": on}
    try:
        outputs = outputs_of(function(*inputs))
        if name in NOISY:
            line["atol"] = NOISY[name]
        line["y"] = [flat(y) for y in outputs]
        line["shape"] = [list(y.shape) for y in outputs]
        first = outputs[0]
        if first.requires_grad:
            upstream = torch.tensor([[1.0, -0.5, 2.0][i % 3] for i in range(first.numel())]).reshape(first.shape)
            first.backward(upstream)
            line["g"] = [None if x.grad is None else flat(x.grad) for x in inputs]
    except (RuntimeError, IndexError, ValueError):
        line = {"call": name, "args": plain(args), "on": on, "error": True}
    lines.append(line)


def snake(name):
    return re.sub("(?=[A-Z])", "_", name).lower()


def same(name):
    """The PyTorch function of a name."""
    if name.startswith("F."):
        return getattr(F, snake(name[2:]))
    return getattr(torch, snake(name))


def each(names, *inputs):
    """Functions without further arguments, on every list of inputs."""
    for name in names.split():
        for on in inputs:
            call(name, same(name), [], on.split())


def case(name, function, args, *inputs):
    for on in inputs:
        call(name, function, args, on.split())


# Element by element.
each("abs neg exp expm1 exp2 log log1p log2 log10 sqrt rsqrt reciprocal sin cos tan asin acos atan sinh cosh tanh asinh "
     "acosh atanh sigmoid erf erfc square sign floor ceil round trunc frac relu isnan isinf isfinite isposinf isneginf "
     "signbit sinc deg2rad rad2deg positive logicalNot", "edges", "scalar", "empty")
each("erfinv lgamma digamma i0", "edges", "odds")
case("angle", lambda x: torch.angle(x.detach()), [], "edges")
case("logit", torch.logit, [], "edges")
case("nanToNum", torch.nan_to_num, [], "edges")
each("F.relu6 F.elu F.selu F.celu F.gelu F.silu F.mish F.softplus F.softsign F.tanhshrink F.logsigmoid F.hardtanh "
     "F.hardsigmoid F.hardswish F.leakyRelu F.hardshrink F.softshrink", "edges", "empty")
case("F.gelu", lambda x: F.gelu(x, approximate="tanh"), [{"approximate": "tanh"}], "edges")
case("F.softplus", lambda x: F.softplus(x, 2.0, 5.0), [2, 5], "edges")
case("F.threshold", lambda x: F.threshold(x, 0.5, -2), [0.5, -2], "edges")
case("F.hardtanh", lambda x: F.hardtanh(x, -0.5, 0.5), [-0.5, 0.5], "edges")
case("F.elu", lambda x: F.elu(x, 0.3), [0.3], "edges")
case("F.glu", lambda x: F.glu(x), [], "wide")
for low, high in [(-1.0, 1.0), (0.5, 0.5), (1.0, -1.0), (-inf, 0.5), (nan, 1.0)]:
    case("clamp", lambda x: torch.clamp(x, low, high), [{"min": low, "max": high}], "edges")
case("clamp", lambda x: torch.clamp(x, min=0.5), [{"min": 0.5}], "edges")
case("clamp", lambda x: torch.clamp(x, max=-0.5), [{"max": -0.5}], "edges")
case("clampByTensors", lambda x, low: torch.clamp(x, min=low, max=torch.tensor(3.0)), [], "edges scalar", "left right")
for power in [0.0, 1.0, 2.0, 3.0, 0.5, -0.5, -1.0, -2.0]:
    case("pow", lambda x: torch.pow(x, power), [power], "edges")
for base in [0.0, 1.0, 2.0, -1.0]:
    case("powOfBase", lambda x: torch.pow(base, x), [base], "edges")

case("F.hardsigmoid", F.hardsigmoid, [], "left", "odds")
each("exp log sqrt tanh sigmoid abs log1p expm1 sin cos atan asinh erf square", "left", "logits", "odds", "rows")
each("F.relu F.elu F.gelu F.silu F.softplus F.logsigmoid F.hardswish F.tanhshrink F.softsign", "logits", "odds")

# On the kinks themselves, and with settings at which a formula turns over or vanishes.
each("relu F.relu6 F.hardswish F.hardsigmoid F.hardtanh F.softplus F.logsigmoid F.leakyRelu F.elu F.selu F.celu F.gelu F.silu "
     "F.mish abs sign", "kinks")
for slope in [0.0, -0.5, 2.0]:
    case("F.leakyRelu", lambda x: F.leaky_relu(x, slope), [slope], "kinks")
for alpha in [0.0, -0.5, 2.0]:
    case("F.elu", lambda x: F.elu(x, alpha), [alpha], "kinks")
for alpha in [-0.5, 2.0]:
    case("F.celu", lambda x: F.celu(x, alpha), [alpha], "kinks")
for lambd in [0.0, 0.25, inf]:
    case("F.softshrink", lambda x: F.softshrink(x, lambd), [lambd], "kinks")
    case("F.hardshrink", lambda x: F.hardshrink(x, lambd), [lambd], "kinks", "edges")
for low, high in [(0.0, 0.0), (-inf, 3.0), (-3.0, inf), (0.0, 1e-30), (-3e38, 3e38)]:
    case("F.hardtanh", lambda x: F.hardtanh(x, low, high), [low, high], "kinks", "edges")
case("F.threshold", lambda x: F.threshold(x, 0.0, -0.0), [0, -0.0], "kinks", "edges")
case("F.softplus", lambda x: F.softplus(x, 0.5, 3.0), [0.5, 3], "kinks", "edges")
case("F.rrelu", lambda x: F.rrelu(x), [], "kinks", "edges")
case("F.prelu", lambda x, w: F.prelu(x, w), [], "rows row", "kinks scalar")
for power in [1.5, -1.5, inf, -inf, nan]:
    case("pow", lambda x: torch.pow(x, power), [power], "edges")
for order in [0, 1, 2, 3]:
    case("polygamma", lambda x: torch.polygamma(order, x.detach()), [order], "polygammaOf")

# Pairs of elements.
each("add sub mul div pow maximum minimum fmax fmin atan2 hypot copysign remainder fmod xlogy logaddexp logaddexp2 "
     "eq ne lt le gt ge logicalAnd logicalOr logicalXor", "left right")
each("add sub mul div pow maximum minimum atan2 hypot xlogy logaddexp eq lt", "odds wanted", "logits chances", "rows row")
case("floorDivide", lambda a, b: torch.floor_divide(a.detach(), b.detach()), [], "left right")
case("heaviside", lambda a, b: torch.heaviside(a.detach(), b.detach()), [], "left right")
for weight in [0.25, 0.75]:
    case("lerp", lambda a, b: torch.lerp(a, b, weight), [weight], "left right")
case("F.prelu", lambda x, w: F.prelu(x, w), [], "edges scalar")

# Rows.
for keep in [False]:
    for name in ["sum", "mean", "amax", "amin", "logsumexp", "nansum", "nanmean"]:
        case(name, lambda x: getattr(torch, name)(x, -1), [-1], "rows", "one", "noColumns")
case("prod", lambda x: torch.prod(x, -1), [-1], "rows", "one", "noColumns")
for name in ["sum", "mean", "prod", "amax"]:
    case(name, lambda x: getattr(torch, name)(x), [], "scalar", "empty", "row", "equal")
for name in ["max", "min", "median", "nanmedian", "cummax", "cummin", "mode"]:
    case(name, lambda x: getattr(torch, name)(x, -1), [-1], "rows", "one")
for name in ["argmax", "argmin", "all", "any", "countNonzero"]:
    case(name, lambda x: getattr(torch, snake(name))(x.detach(), -1), [-1], "rows", "one")
for name in ["all", "any"]:
    case(name, lambda x: getattr(torch, name)(x.detach(), -1), [-1], "noColumns")
    case(name, lambda x: getattr(torch, name)(x.detach()), [], "empty", "scalar")
for correction in [0, 1]:
    for name in ["var", "std"]:
        case("x." + name, lambda x: getattr(torch, name)(x, -1, correction=correction), [-1, {"correction": correction}],
             "rows", "one", "noColumns")
for p in [0.5, 1.0, 2.0, 3.0, inf, -inf, 0.0]:
    case("x.norm", lambda x: torch.linalg.vector_norm(x, p, -1), [p, -1], "rows", "one")
for name in ["softmax", "logSoftmax", "F.softmin"]:
    case(name, lambda x: (F.softmin if name == "F.softmin" else getattr(torch, snake(name)))(x, -1), [-1], "rows", "one")
for name in ["cumsum", "cumprod", "logcumsumexp"]:
    case(name, lambda x: getattr(torch, name)(x, -1), [-1], "rows", "one")
for descending in [False, True]:
    case("sort", lambda x: torch.sort(x, dim=-1, descending=descending, stable=True), [-1, descending], "rows", "one")
case("topkValues", lambda x: torch.topk(x, 2, -1).values, [2, -1], "rows")
case("topkValues", lambda x: torch.topk(x, 2, -1, largest=False).values, [2, -1, False], "rows")
case("argsort", lambda x: torch.argsort(x.detach(), dim=-1, descending=True, stable=True), [-1, True], "rows")
case("kthSmallest", lambda x: torch.kthvalue(x.detach(), 2, -1).values, [], "rows")
case("nanquantile", lambda x: torch.nanquantile(x, 0.3, -1), [0.3, -1], "rows")
case("quantile", lambda x: torch.quantile(x, 0.3, -1), [0.3, -1], "rows", "one")
case("aminmax", lambda x: torch.aminmax(x.detach(), dim=-1), [{"dim": -1}], "rows")
case("diff", lambda x: torch.diff(x), [], "rows")
case("F.normalize", lambda x: F.normalize(x, dim=-1), [{"dim": -1}], "rows", "one")
case("F.normalize", lambda x: F.normalize(x, p=1.0, dim=-1), [{"p": 1, "dim": -1}], "rows")
case("F.cosineSimilarity", lambda a, b: F.cosine_similarity(a, b), [], "near far")
case("F.pairwiseDistance", lambda a, b: F.pairwise_distance(a, b), [], "near far")
case("dist", lambda a, b: torch.dist(a, b), [], "row row", "equal equal")
case("cdist", lambda a, b: torch.cdist(a, b), [], "equal equal", "distributions distributions")

# Norms.
case("F.layerNorm", lambda x: F.layer_norm(x, [3]), [[3]], "rows")
case("F.layerNorm", lambda x: F.layer_norm(x, [1]), [[1]], "one")
case("F.rmsNorm", lambda x: F.rms_norm(x, [3]), [[3]], "rows")
case("F.rmsNorm", lambda x: F.rms_norm(x, [1]), [[1]], "one")
case("F.groupNorm", lambda x: F.group_norm(x, 1), [1], "rows", "one")
case("F.groupNorm", lambda x: F.group_norm(x, 3), [3], "rows")
case("F.groupNorm", lambda x: F.group_norm(x, 2), [2], "twoPixels")
case("F.groupNorm", lambda x: F.group_norm(x, 1), [1], "twoPixels", "pixel")
case("F.instanceNorm", lambda x: F.instance_norm(x), [], "images")
case("F.batchNorm", lambda x: F.batch_norm(x, None, None, training=True), [None, None, {"training": True}], "equal",
     "distributions")
case("F.localResponseNorm", lambda x: F.local_response_norm(x, 2), [2], "images")

# Windows.
case("F.maxPool1d", lambda x: F.max_pool1d(x, 2), [2], "images")
case("F.maxPool1d", lambda x: F.max_pool1d(x, 3, 2, 1), [3, {"stride": 2, "padding": 1}], "images")
case("F.avgPool1d", lambda x: F.avg_pool1d(x, 3, 2), [3, {"stride": 2}], "images")
case("F.adaptiveMaxPool1d", lambda x: F.adaptive_max_pool1d(x, 3), [3], "images")
for size in [[2, 3], [1, 1], [7, 7]]:
    case("F.adaptiveAvgPool2d", lambda x: F.adaptive_avg_pool2d(x, size), [size], "pixel", "twoPixels")
    case("F.adaptiveMaxPool2d", lambda x: F.adaptive_max_pool2d(x, size), [size], "pixel", "twoPixels")
case("F.lpPool1d", lambda x: F.lp_pool1d(x, 2.0, 2), [2, 2], "images")

case("maxPool2dOfImage", lambda x: F.max_pool2d(x.reshape(1, 1, 20, 7), 2), [], "images")
case("maxPool3dOfImage", lambda x: F.max_pool3d(x.reshape(1, 1, 4, 5, 7), 2, 1), [], "images")
case("adaptiveMaxPool2dOfImage", lambda x: F.adaptive_max_pool2d(x.reshape(1, 1, 20, 7), (6, 3)), [], "images")

# Losses.
for reduction in ["none", "mean"]:
    for name in ["F.mseLoss", "F.l1Loss", "F.smoothL1Loss", "F.huberLoss"]:
        case(name, lambda x, y: same(name)(x, y, reduction=reduction), [{"reduction": reduction}],
             "left right" if reduction == "none" else "empty empty")
    case("F.binaryCrossEntropy", lambda x, y: F.binary_cross_entropy(x, y, reduction=reduction),
         [{"reduction": reduction}], "odds wanted")
    case("F.binaryCrossEntropyWithLogits",
         lambda x, y: F.binary_cross_entropy_with_logits(x, y, reduction=reduction), [{"reduction": reduction}],
         "logits chances")
    case("F.poissonNllLoss", lambda x, y: F.poisson_nll_loss(x, y, reduction=reduction), [{"reduction": reduction}],
         "logits chances")
    case("F.softMarginLoss", lambda x, y: F.soft_margin_loss(x, y.detach(), reduction=reduction), [{"reduction": reduction}],
         "edges signs")
    case("F.hingeEmbeddingLoss", lambda x, y: F.hinge_embedding_loss(x, y, reduction=reduction),
         [{"reduction": reduction}], "edges signs")
    case("F.crossEntropy", lambda x, y: F.cross_entropy(x, y, reduction=reduction), [{"reduction": reduction}],
         "rows labels")
    case("F.crossEntropy", lambda x, y: F.cross_entropy(x, y, reduction=reduction, label_smoothing=0.1),
         [{"reduction": reduction, "labelSmoothing": 0.1}], "rows labels")
    case("F.nllLoss", lambda x, y: F.nll_loss(x, y, reduction=reduction), [{"reduction": reduction}], "rows labels")
    case("F.multiMarginLoss", lambda x, y: F.multi_margin_loss(x, y, reduction=reduction), [{"reduction": reduction}],
         "rows labels")
    case("F.multilabelMarginLoss", lambda x, y: F.multilabel_margin_loss(x, y, reduction=reduction),
         [{"reduction": reduction}], "rows multi")
    case("F.crossEntropy", lambda x, y: F.cross_entropy(x, y, reduction=reduction), [{"reduction": reduction}],
         "equal ignored", "few distributions")
    case("F.multilabelSoftMarginLoss", lambda x, y: F.multilabel_soft_margin_loss(x, y, reduction=reduction),
         [{"reduction": reduction}], "distributions distributions")
    case("gaussianOfZeroVariance", lambda x, y: F.gaussian_nll_loss(x, y, torch.zeros_like(x), reduction=reduction),
         [{"reduction": reduction}], "left right" if reduction == "none" else "row row")
for log in [False, True]:
    case("F.klDiv", lambda x, y: F.kl_div(x, y, reduction="none", log_target=log),
         [{"reduction": "none", "logTarget": log}], "left right")
case("F.poissonNllLoss", lambda x, y: F.poisson_nll_loss(x, y, log_input=False, full=True, reduction="none"),
     [{"logInput": False, "full": True, "reduction": "none"}], "odds wanted")
case("tripletOfEqualPair", lambda a, b: F.triplet_margin_loss(a, a, b), [], "near far")
case("cosineEmbeddingOfOnes", lambda a, b: F.cosine_embedding_loss(a, b, torch.ones(len(a))), [], "near far")
case("marginRankingOfOnes", lambda a, b: F.margin_ranking_loss(a, b, torch.ones(len(a)), reduction="none"), [],
     "left right")

# Attention: rows that see no key.
case("attentionByMask", lambda q, k, v, m: F.scaled_dot_product_attention(q, k, v, attn_mask=m), [],
     "queries keys values mask")
case("F.scaledDotProductAttention", lambda q, k, v: F.scaled_dot_product_attention(q, k, v), [], "queries keys values")

# Choice.
case("where", lambda m, a, b: torch.where(m, a, b), [], "flags equal scalar")
case("x.maskedFill", lambda x, m: x.masked_fill(m, -inf), [-inf], "equal flags")


def kind(tensor):
    return str(tensor.dtype).removeprefix("torch.")


header = {name: [kind(tensor), list(tensor.shape), flat(tensor)] for name, tensor in tensors.items()}
with open(__file__.replace(".py", ".jsonl"), "w") as file:
    for line in [header, *lines]:
        file.write(json.dumps(line, separators=(",", ":")) + "\n")
entries = sum(max(sum(map(len, line.get("y", []))), 1) for line in lines)
print(len(lines), "calls,", entries, "values,", sum(line.get("error", False) for line in lines), "errors")
for line in lines:
    if line.get("error"):
        print("error:", line["call"], line["args"], line["on"])

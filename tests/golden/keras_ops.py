"""Writes keras_ops.json: functions of keras.ops and keras.activations on small tensors.

    python tests/golden/keras_ops.py      (needs keras and tensorflow of PyPI)

Arguments are {"x": a tensor}, {"xs": a list of tensors} or {"a": a plain value}; names and options are in camelCase.
"""
import json
import os
import pathlib
import re

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np


def spread(count, step, modulus):
    return ((np.arange(count) * step % modulus) / (modulus - 1) * 2 - 1).astype("float32")


SPECIAL = {"var": "var", "nanToNum": "nan_to_num", "log1p": "log1p", "log10": "log10", "log2": "log2",
           "exp2": "exp2", "expm1": "expm1", "arctan2": "arctan2", "logaddexp2": "logaddexp2",
           "relu6": "relu6", "rot90": "rot90", "deg2rad": "deg2rad", "rad2deg": "rad2deg"}


def snake(name):
    return SPECIAL.get(name) or re.sub(r"([A-Z])", lambda m: "_" + m[1].lower(), name)


def snake_option(name):
    if name == "N":
        return name
    return re.sub(r"([A-Z])", lambda m: "_" + m[1].lower(), name)


def x(values, dtype="float32"):
    return {"x": np.asarray(values, dtype)}


def xs(*values):
    return {"xs": [np.asarray(value, "float32") for value in values]}


def a(value):
    return {"a": value}


M = spread(12, 5, 17).reshape(3, 4) * 2
P = np.abs(M) + 0.1
U = spread(12, 7, 13).reshape(3, 4) * 0.9
V = spread(4, 3, 5)
T = spread(24, 7, 23).reshape(2, 3, 4)
S = (spread(9, 5, 11).reshape(3, 3) + 2 * np.eye(3)).astype("float32")
SPD = (S @ S.T).astype("float32")
NAN = M.copy(); NAN[0, 1] = np.nan; NAN[2, 3] = np.nan
BIG = np.array([1.5, np.inf, -np.inf, np.nan, 0], "float32")
IMG = ((spread(96, 7, 23) + 1) / 2).reshape(2, 4, 4, 3)
B = M > 0
cases = []


def case(name, *args, **options):
    cases.append((name, list(args), options))


for name in ["abs", "arcsinh", "arctan", "cbrt", "ceil", "cos", "cosh", "deg2rad", "erf", "exp", "exp2", "expm1",
             "floor", "negative", "rad2deg", "reciprocal", "round", "sign", "sin", "sinc", "sinh", "square", "tan",
             "tanh", "trunc", "signbit", "isnan", "real", "erfc"]:
    case(name, x(M))
for name in ["arccos", "arcsin", "arctanh"]:
    case(name, x(U))
for name in ["log", "log10", "log1p", "log2", "rsqrt", "sqrt"]:
    case(name, x(P))
case("arccosh", x(P + 1))
for name in ["isfinite", "isinf", "isnan", "isneginf", "isposinf"]:
    case(name, x(BIG))
case("nanToNum", x(BIG)); case("nanToNum", x(BIG), nan=2.0, posinf=5.0, neginf=-6.0)
case("round", x(M), decimals=1)
case("clip", x(M), a([-0.5, 0.8]))
case("logicalNot", x(B, "bool"))
for name in ["add", "subtract", "multiply", "divide", "maximum", "minimum", "arctan2", "hypot", "logaddexp", "logaddexp2",
             "equal", "greater", "greaterEqual", "less", "lessEqual", "notEqual", "mod", "floorDivide", "divideNoNan",
             "heaviside", "isclose"]:
    case(name, x(M), x(V))
case("fmax", x(NAN), x(M)) if hasattr(keras.ops, "fmax") else None
case("power", x(P), x(V))
case("ldexp", x(M), x([[1, 2, 0, -1]], "int32"))
for name in ["logicalAnd", "logicalOr", "logicalXor"]:
    case(name, x(B, "bool"), x(U > 0, "bool"))
for name in ["sum", "prod", "mean", "max", "min", "amax", "amin", "std", "var", "logsumexp", "median"]:
    case(name, x(T)); case(name, x(T), axis=1); case(name, x(T), axis=[0, 2], keepdims=True)
case("countNonzero", x(np.maximum(M, 0))); case("countNonzero", x(np.maximum(M, 0)), axis=1)
for name in ["all", "any"]:
    case(name, x(B, "bool")); case(name, x(B, "bool"), axis=0)
for name in ["nansum", "nanmean", "nanmax", "nanmin", "nanprod", "nanvar", "nanstd"]:
    if hasattr(keras.ops, name):
        case(name, x(NAN), axis=1); case(name, x(NAN))
for name in ["argmax", "argmin"]:
    case(name, x(T)); case(name, x(T), axis=1); case(name, x(T), axis=-1, keepdims=True)
for name in ["cumsum", "cumprod"]:
    case(name, x(T)); case(name, x(T), axis=1)
case("ptp", x(M), axis=1) if hasattr(keras.ops, "ptp") else None
case("diff", x(T)); case("diff", x(T), n=2, axis=1)
case("trapezoid", x(M), dx=0.5) if hasattr(keras.ops, "trapezoid") else None
case("average", x(M), axis=1); case("average", x(M), axis=1, weights=[1, 2, 3, 4])
case("sort", x(T)); case("sort", x(T), axis=1); case("argsort", x(T)); case("argsort", x(T), axis=0)
case("quantile", x(M), a(0.3)); case("quantile", x(T), a(0.7), axis=1, keepdims=True)
for method in ["lower", "higher", "midpoint", "nearest"]:
    case("quantile", x(M), a(0.3), axis=1, method=method)
case("percentile", x(M), a(30.0), axis=1) if hasattr(keras.ops, "percentile") else None
case("norm", x(M)); case("norm", x(M), axis=1, ord=1); case("norm", x(M), axis=1, ord=3, keepdims=True)
for ord in ["fro", 1, -1]:
    case("norm", x(M), ord=ord); case("norm", x(T), ord=ord, axis=[2, 0], keepdims=True); case("norm", x(T), ord=ord, axis=[0, 1])
case("normalize", x(M)); case("normalize", x(M), axis=0, order=3)
case("moments", x(T), a([0, 2])); case("moments", x(T), a([1]), keepdims=True)
case("bincount", x([0, 2, 2, 3], "int32"), minlength=5)
case("cdist", x(M), x(U)) if hasattr(keras.ops, "cdist") else None
case("reshape", x(T), a([4, -1])); case("ravel", x(T)); case("transpose", x(T)); case("transpose", x(T), axes=[1, 0, 2])
case("expandDims", x(M), a(1)); case("expandDims", x(M), a(-1)); case("squeeze", x(M[None])); case("squeeze", x(M[None, :, None]), axis=2)
case("broadcastTo", x(V), a([3, 4])); case("cast", x(M), a("int32"))
case("concatenate", xs(M, U)); case("concatenate", xs(M, U), axis=-1); case("stack", xs(M, U), axis=1)
case("hstack", xs(M, U)); case("vstack", xs(M, U)); case("dstack", xs(M, U)) if hasattr(keras.ops, "dstack") else None
case("append", x(M), x(U)); case("append", x(M), x(U), axis=1)
case("split", x(T), a(2)); case("split", x(T), a([1, 3]), axis=2); case("arraySplit", x(M), a(3), axis=1)
case("unstack", x(T), axis=1)
case("repeat", x(M), a(2)); case("repeat", x(M), a(3), axis=1)
case("tile", x(M), a([2, 3])); case("tile", x(V), a([2, 2])); case("roll", x(M), a(2)); case("roll", x(M), a(-1), axis=1)
case("flip", x(M)); case("flip", x(M), axis=1); case("rot90", x(M)); case("rot90", x(M), k=3)
case("fliplr", x(M)) if hasattr(keras.ops, "fliplr") else None
case("moveaxis", x(T), a(0), a(2)); case("moveaxis", x(T), a([0, 1]), a([2, 0])); case("swapaxes", x(T), a(0), a(2))
case("pad", x(M), a([[1, 0], [2, 1]])); case("pad", x(M), a([[1, 1], [2, 1]]), mode="reflect")
case("pad", x(M), a([[1, 0], [0, 2]]), mode="symmetric"); case("pad", x(M), a([[1, 0], [0, 1]]), constantValues=3)
case("slice", x(T), a([0, 1, 1]), a([2, 2, 3]))
case("take", x(M), x([2, 0, -1], "int32"), axis=1); case("take", x(M), x([5, 0], "int32"))
case("takeAlongAxis", x(M), x([[0, 1], [3, 2], [1, 1]], "int32"), axis=-1); case("takeAlongAxis", x(M), x([0, 7, 3], "int32")); case("takeAlongAxis", x(M), x([[0, 2, 1, 0]], "int32"), axis=0)
case("where", x(B, "bool"), x(M), x(U)); case("oneHot", x([0, 2, 1], "int32"), a(4)); case("multiHot", x([[0, 2], [1, 1]], "int32"), a(4))
case("inTopK", x([0, 3, 2], "int32"), x(M), a(2))
UNSURE = np.array([[-1, -np.inf, 2, 3], [-1, np.nan, 2, 3], [0, 1, 2, 3], [0, 1, 2, 3], [0, 1, 2, 3]])
case("inTopK", x([3, 3, 4, -1, 3], "int32"), x(UNSURE), a(2)); case("takeAlongAxis", x(UNSURE), x([[0, -1], [3, -2], [-4, 1], [0, 0], [-1, -3]], "int32"), axis=1)
case("scatter", x([[0, 1], [2, 0]], "int32"), x([5, 7]), a([3, 2]))
case("scatterUpdate", x(M), x([[0, 1], [2, 0]], "int32"), x([5, 7])); case("sliceUpdate", x(M), a([1, 1]), x([[9, 8]]))
case("segmentSum", x(M), x([0, 2, 0], "int32"), numSegments=3)
case("tril", x(M)); case("triu", x(M), k=1); case("zerosLike", x(M)); case("fullLike", x(M), a(3.0))
case("eye", a(3), a(4), k=1); case("tri", a(3), a(4), k=-1); case("arange", a(5)); case("arange", a(1), a(7), step=2)
case("linspace", a(0.0), a(1.0), num=5); case("linspace", a(0.0), a(1.0), num=5, endpoint=False)
case("logspace", a(0.0), a(2.0), num=4); case("geomspace", a(1.0), a(8.0), num=4) if hasattr(keras.ops, "geomspace") else None
case("full", a([2, 3]), a(2.5)); case("identity", a(3)); case("meshgrid_", xs(V, [1, 2]))
for name in ["bartlett", "hanning", "hamming", "blackman"]:
    case(name, a(7))
case("kaiser", a(7), a(3.0))
case("matmul", x(M), x(U.T)); case("matmul", x(T), x(T.transpose(0, 2, 1))); case("matmul", x(V), x(M.T)); case("matmul", x(M), x(V))
case("dot", x(M), x(V)); case("dot", x(M), x(T.transpose(0, 2, 1))); case("inner", x(M), x(U)); case("outer", x(V), x([1, 2]))
case("vdot", x(M), x(U)) if hasattr(keras.ops, "vdot") else None
case("tensordot", x(T), x(T), axes=[[0, 2], [0, 2]]); case("tensordot", x(T), x(M.T), axes=1)
case("einsum", a("bij,bkj->bik"), x(T), x(T)); case("einsum", a("ij,jk"), x(M), x(U.T))
case("cross", x(M[:, :3]), x(U[:, :3])); case("kron", x(M[:2, :2]), x(V[None])) if hasattr(keras.ops, "kron") else None
case("diag", x(V)); case("diag", x(V), k=-1); case("diag", x(M)); case("diag", x(M), k=1)
case("diagflat", x(M[:2, :2]), k=1) if hasattr(keras.ops, "diagflat") else None
case("diagonal", x(T)); case("diagonal", x(T), offset=1, axis1=1, axis2=2); case("trace", x(M)); case("trace", x(T), axis1=1, axis2=2)
case("cholesky", x(SPD)); case("det", x(S)); case("inv", x(S)); case("solve", x(S), x(M)); case("solve", x(SPD), x(V[:3]))
case("solveTriangular", x(np.tril(SPD)), x(M), lower=True)
case("gelu", x(M)); case("gelu", x(M), approximate=False); case("psnr", x(P), x(U), maxVal=2.0)
case("maxPool", x(IMG), a(2)); case("averagePool", x(IMG), a([2, 3]), strides=1, padding="same")
case("maxPool", x(T), a(2), strides=1, padding="same")
K = spread(54, 5, 17).reshape(3, 3, 3, 2)
case("conv", x(IMG), x(K), padding="same", strides=2); case("conv", x(IMG), x(K[:, :, :1].repeat(3, 3)[..., :3]))
case("conv", x(T), x(spread(16, 5, 17).reshape(2, 4, 2)), dilationRate=2)
case("depthwiseConv", x(IMG), x(K), padding="same")
case("batchNormalization", x(T), x(V), x(np.abs(V) + 1), a(-1)); case("rmsNormalization", x(M))
case("layerNormalization", x(M))
case("binaryCrossentropy", x(B.astype("float32")), x((U + 1) / 2))
case("categoricalCrossentropy", x(np.eye(4)[[0, 1, 3]]), x(M), fromLogits=True)
case("sparseCategoricalCrossentropy", x([0, 1, 3], "int32"), x(M), fromLogits=True)
Q = spread(48, 5, 17).reshape(2, 3, 2, 4)
case("dotProductAttention", x(Q), x(Q[:, ::-1]), x(Q * 2)); case("dotProductAttention", x(Q), x(Q), x(Q), isCausal=True, scale=0.3)
case("depthToSpace", x(spread(32, 5, 17).reshape(1, 2, 2, 8)), a(2)) if hasattr(keras.ops, "depth_to_space") else None
case("spaceToDepth", x(spread(32, 5, 17).reshape(1, 4, 4, 2)), a(2)) if hasattr(keras.ops, "space_to_depth") else None
case("searchsorted", x([-0.5, 0.1, 0.7]), x(V)); case("searchsorted", x([-1, 0, 0.5]), x(V), side="right")
case("digitize", x(M), a([-0.5, 0.0, 0.7])); case("isin", x(M), x([M[0, 0], M[1, 2]])); case("vander", x(V)); case("vander", x(V), N=3)
case("nanargmax", x(NAN), axis=1); case("nanargmin", x(NAN)); case("corrcoef", x(M))
case("unravelIndex", x([5, 0, 11], "int32"), a([3, 4]))
for interpolation in ["bilinear", "nearest", "bicubic"]:
    case("image.resize", x(IMG), a([6, 3]), interpolation=interpolation)
case("image.resize", x(IMG[0]), a([2, 2]), antialias=True)
case("image.rgbToGrayscale", x(IMG)); case("image.rgbToHsv", x(IMG)); case("image.hsvToRgb", x(IMG))
case("image.cropImages", x(IMG), topCropping=1, leftCropping=0, targetHeight=2, targetWidth=3)
case("image.padImages", x(IMG), topPadding=1, leftPadding=2, bottomPadding=0, rightPadding=1)
for options in [{}, {"kernelSize": [5, 5], "sigma": [0.8, 1.7]}]:
    case("image.gaussianBlur", x(IMG), **options)
CORNERS = np.array([[[0, 0], [3, 0], [0, 2], [3, 2]], [[0, 0], [3, 0], [0, 2], [3, 2]]], "float32")
MOVED = CORNERS + np.array([[[0.1, -0.2], [0.4, 0.3], [-0.3, 0.2], [0.2, -0.4]], [[0, 0], [-0.5, 0], [0, 0.5], [0.3, 0.4]]], "float32")
TWO = np.concatenate([IMG, IMG[:, ::-1]])[:2]
for options in [{}, {"interpolation": "nearest", "fillValue": 0.5}]:
    case("image.perspectiveTransform", x(TWO), x(CORNERS), x(MOVED), **options)
case("image.perspectiveTransform", x(IMG[0]), x(CORNERS[0]), x(MOVED[0]))
POINTS = np.array([[[-0.7, 0.2], [1.4, 2.6]], [[0.3, -1.2], [2.5, 3.8]]], "float32")
for fill in ["constant", "nearest", "wrap", "reflect"]:
    for order in [0, 1]:
        case("image.mapCoordinates", x(IMG[0, :, :, 0]), x(POINTS), a(order), fillMode=fill, fillValue=0.25)
case("image.extractPatches", x(IMG), a([2, 3]), strides=1); case("image.extractPatches", x(IMG), a(2))
for name, sets in {
    "elu": [{}, {"alpha": 0.5}], "celu": [{}, {"alpha": 0.5}], "glu": [{}], "hardShrink": [{}, {"threshold": 0.2}],
    "hardSigmoid": [{}], "hardSilu": [{}], "hardTanh": [{}], "leakyRelu": [{}, {"negativeSlope": 0.4}], "logSigmoid": [{}],
    "logSoftmax": [{}, {"axis": 0}], "mish": [{}], "relu": [{}, {"maxValue": 0.7, "negativeSlope": 0.1, "threshold": 0.2},
    {"negativeSlope": 0.3, "maxValue": 1.0}], "relu6": [{}], "selu": [{}], "sigmoid": [{}], "silu": [{}], "softmax": [{}, {"axis": 0}],
    "softplus": [{}], "softShrink": [{}, {"threshold": 0.2}], "softsign": [{}], "sparsePlus": [{}], "sparseSigmoid": [{}],
    "sparsemax": [{}], "squareplus": [{}, {"b": 2}], "tanh": [{}], "tanhShrink": [{}], "exponential": [{}],
    "gelu": [{}, {"approximate": True}], "threshold": [{"threshold": 0.3, "defaultValue": 0.1}], "linear": [{}],
}.items():
    for options in sets:
        case("activations." + name, x(M), **options)


def plain(value):
    return tuple(plain(each) for each in value) if isinstance(value, list) else value


def run(name, args, options):
    *path, last = name.split(".")
    module = keras.activations if path == ["activations"] else keras.ops.image if path else keras.ops
    if last in ("norm", "cholesky", "det", "inv", "solve", "solveTriangular"):
        module = keras.ops.linalg
    function = getattr(module, snake(last.rstrip("_")))
    given = []
    for argument in args:
        ((kind, value),) = argument.items()
        given.append(keras.ops.convert_to_tensor(value) if kind == "x" else value if kind == "xs" else plain(value))
    if last == "clip":
        given = [given[0], *given[1]]
    if last == "meshgrid_":
        given = given[0]
    if last == "cropImages":
        pass
    known = {snake_option(key): plain(value) if key != "weights" else value for key, value in options.items()}
    result = function(*given, **known)
    results = list(result) if isinstance(result, (list, tuple)) else [result]
    stored = [{kind: np.asarray(value).tolist() if kind == "x" else [np.asarray(v).tolist() for v in value]
               if kind == "xs" else value, **({"dtype": str(value.dtype)} if kind == "x" else {})}
              for argument in args for kind, value in argument.items()]
    return {"name": name, "args": stored, "options": options, "results": [
        {"shape": list(each.shape), "values": [float(f"{v:.6g}") for v in np.asarray(each, "float64").ravel()]}
        for each in map(np.asarray, results)]}


lines = []
for each in cases:
    try:
        text = json.dumps(run(*each))
    except Exception as error:
        print("FAILED", each[0], each[2], type(error).__name__, str(error)[:150].replace("\n", " "))
        continue
    lines.append("  " + re.sub(r"-?\d+\.\d{7,}(e-?\d+)?", lambda m: f"{float(m[0]):.7g}", text)
                 .replace("NaN", '"NaN"').replace("-Infinity", '"-Infinity"').replace(" Infinity", ' "Infinity"')
                 .replace('"-"Infinity""', '"-Infinity"'))
path = pathlib.Path(__file__).with_name("keras_ops.json")
part = path.with_suffix(".part")
part.write_text("{\n \"keras\": \"" + keras.__version__ + "\",\n \"cases\": [\n" + ",\n".join(lines) + "\n ]\n}\n")
part.replace(path)
json.loads(path.read_text())
print(path, path.stat().st_size, "bytes,", len(lines), "cases")

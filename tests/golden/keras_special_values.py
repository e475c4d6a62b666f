"""Writes keras_special_values.json: kinks, infinities, -0 and NaN through Keras' activations, choices and poolings, values
and gradients by TensorFlow, for tests/keras_style/special_values_test.ts.

    python tests/golden/keras_special_values.py      (needs keras and tensorflow of PyPI)

A case is {"name": "activations.relu", "options": {...}, "on": names of inputs, "y": values, "g": a gradient for each input};
of a layer, `options` are its constructor's. The upstream gradient is 1, -0.5, 2, 1, ...
"""
import json
import math
import os
import pathlib
import re

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import keras
import numpy as np
import tensorflow as tf

inf, nan = math.inf, math.nan
EDGES = [0.0, -0.0, 0.25, -0.25, 0.5, -0.5, 1, -1, 2, -2, 3, -3, 6, -6, 20, -20, 104, -104, 1e20, -1e20, inf, -inf, nan]
FEW = [0, 0.5, -1, 2, inf, -inf, nan]
ROWS = [[0, 0, 0, 0], [1, 3, 2, 3], [2, 2, -1, 2], [1, inf, 2, 0], [1, -inf, 2, 0], [inf, -inf, 0, inf], [-inf] * 4,
        [1, nan, 3, 2], [nan, 1, 0, -1], [3, 1, 0, nan], [nan] * 4, [nan, inf, -inf, nan]]
# Pooled by two along rows of pairs: each pair is a window.
INPUTS = {
    "edges": EDGES, "rows": ROWS, "left": [a for a in FEW for _ in FEW], "right": [b for _ in FEW for b in FEW],
    "ties": [[1, -2, 3, 1], [4, 4, 0.5, 4], [-2.5, 1, 1, 0]],
    "steps": [[[a] for a in row] for row in ROWS], "image": [[[[a] for a in row] for row in ROWS]],
}
tensors = {name: np.array(values, "float32") for name, values in INPUTS.items()}
cases = []


def number(value):
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return float(f"{value:.8g}")


def flat(tensor):
    return [number(float(value)) for value in np.asarray(tensor).ravel()]


def snake(name):
    return re.sub(r"([A-Z])", lambda m: "_" + m[1].lower(), name)


def case(name, *on, **options):
    room, own = name.split(".")
    keywords = {snake(key): value for key, value in options.items()}
    if room == "layers":
        run = getattr(keras.layers, own)(**keywords)
        if own == "PReLU":
            run = keras.layers.PReLU(alpha_initializer=keras.initializers.Constant(0.5))
            options = {"alphaInitializer": {"className": "Constant", "config": {"value": 0.5}}}
    else:
        function = getattr(getattr(keras, room), snake(own))
        run = lambda *xs: function(*xs, **keywords)
    variables = [tf.Variable(tensors[key]) for key in on]
    with tf.GradientTape() as tape:
        y = run(*variables)
        size = int(tf.size(y))
        upstream = tf.reshape(tf.constant([[1.0, -0.5, 2.0][i % 3] for i in range(size)]), y.shape)
    gradients = tape.gradient(y, variables, output_gradients=upstream)
    cases.append({"name": name, "options": options, "on": on, "y": flat(y),
                  "g": [flat(tf.zeros_like(v) if g is None else g) for v, g in zip(variables, gradients)]})


for name in ("celu elu exponential gelu hardShrink hardSigmoid hardSilu hardTanh leakyRelu logSigmoid mish relu relu6 selu "
             "sigmoid silu softShrink softplus softsign sparsePlus sparseSigmoid squareplus tanh tanhShrink").split():
    case(f"activations.{name}", "edges")
case("activations.celu", "edges", alpha=0.5)
case("activations.elu", "edges", alpha=0.5)
case("activations.gelu", "edges", approximate=True)
case("activations.hardShrink", "edges", threshold=0.25)
case("activations.softShrink", "edges", threshold=0.25)
case("activations.leakyRelu", "edges", negativeSlope=0.01)
case("activations.relu", "edges", negativeSlope=0.1)
case("activations.relu", "edges", maxValue=6)
case("activations.relu", "edges", maxValue=3)
case("activations.relu", "edges", threshold=0.5)
for slope in [0, 0.1]:
    case("activations.relu", "edges", threshold=-1.5, maxValue=3, negativeSlope=slope)
case("activations.relu", "edges", threshold=0.5, negativeSlope=0.1, maxValue=3)
case("activations.threshold", "edges", threshold=0.5, defaultValue=-2)
for name in ["softmax", "logSoftmax"]:
    case(f"activations.{name}", "rows")
for name in ["ReLU", "LeakyReLU", "ELU", "PReLU"]:
    case(f"layers.{name}", "edges" if name != "PReLU" else "rows")
case("layers.ReLU", "edges", maxValue=6)
case("layers.ReLU", "edges", threshold=0.5, negativeSlope=0.1, maxValue=3)
case("layers.ELU", "edges", alpha=0.5)
for name in ["abs", "sign", "square", "sqrt", "relu", "negative"]:
    case(f"ops.{name}", "edges")
case("ops.clip", "edges", xMin=-1, xMax=2)
for axis in [0, -1]:
    case("ops.sort", "ties", axis=axis)
    case("ops.median", "ties", axis=axis)
for name in ["maximum", "minimum"]:
    case(f"ops.{name}", "left", "right")
for name in ["max", "min", "amax", "amin", "sum", "mean", "prod"]:
    case(f"ops.{name}", "rows", axis=-1)
for kind in ["Max", "Average"]:
    case(f"layers.{kind}Pooling1D", "steps", poolSize=2)
    case(f"layers.{kind}Pooling2D", "image", poolSize=2)
    case(f"layers.{kind}Pooling2D", "image", poolSize=3, strides=1, padding="same")
    case(f"layers.Global{kind}Pooling1D", "steps")
    case(f"layers.Global{kind}Pooling2D", "image")

golden = {"keras": keras.__version__, "inputs": {name: [list(t.shape), flat(t)] for name, t in tensors.items()}, "cases": cases}
text = json.dumps(golden, separators=(",", ":")).replace('{"name"', '\n{"name"')
pathlib.Path(__file__).with_suffix(".json").write_text(text + "\n")
print(len(cases), "cases,", sum(len(c["y"]) + sum(map(len, c["g"])) for c in cases), "values")

"""Writes keras_layers_more.json: attention, normalization and preprocessing layers of Keras, forward and gradients.

    python tests/golden/keras_layers_more.py      (needs keras and tensorflow of PyPI)

Weights come from a formula that the test repeats. Random layers have ranges of one value, so that they are no longer random.
"""
import json
import os
import pathlib
import re

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
import tensorflow as tf


def spread(count, step, modulus):
    return ((np.arange(count) * step % modulus) / (modulus - 1) * 2 - 1).astype("float32")


def rounded(values):
    return [float(f"{v:.6g}") for v in np.asarray(values, "float64").ravel()]


def snake(name):
    return re.sub(r"([A-Z])", lambda m: "_" + m[1].lower(), name)


X = spread(40, 7, 23).reshape(2, 5, 4)
Y = spread(24, 5, 17).reshape(2, 3, 4)
Z = spread(24, 11, 19).reshape(2, 3, 4)
IMG = ((spread(4 * 5 * 3, 7, 29) + 1) / 2).reshape(1, 4, 5, 3)
DEEP = spread(2 * 3 * 3 * 6, 7, 29).reshape(2, 3, 3, 6)
MASK = np.array([[True, True, False], [True, False, True]])
IDS = np.array([[0, 2, 2], [3, 1, 0]])
cases = []


def case(name, *inputs, call=None, many=False, training=False, gradient=True, adapt=None, **options):
    cases.append((name, inputs, call or {}, many, training, gradient, adapt, options))


case("Attention", X, Y, many=True); case("Attention", X, Y, Z, many=True, useScale=True)
case("Attention", X, Y, many=True, scoreMode="concat", useScale=True)
case("Attention", X, X, many=True, call={"useCausalMask": True, "returnAttentionScores": True})
case("Attention", X, Y, many=True, call={"mask": [None, MASK]})
case("AdditiveAttention", X, Y, many=True); case("AdditiveAttention", X, Y, Z, many=True, useScale=False)
case("MultiHeadAttention", X, Y, numHeads=2, keyDim=3)
case("MultiHeadAttention", X, Y, Z, numHeads=2, keyDim=3, valueDim=5, outputShape=6, useBias=False)
case("MultiHeadAttention", X, X, numHeads=3, keyDim=2, call={"useCausalMask": True, "returnAttentionScores": True})
case("MultiHeadAttention", X, Y, numHeads=2, keyDim=3, call={"attentionMask": np.tile(MASK[:, None], (1, 5, 1))})
case("MultiHeadAttention", DEEP, DEEP, numHeads=2, keyDim=3)
case("MultiHeadAttention", DEEP, DEEP, numHeads=2, keyDim=3, attentionAxes=[2], call={"returnAttentionScores": True})
case("MultiHeadAttention", DEEP, DEEP[:, :2], numHeads=2, keyDim=3, attentionAxes=[1], outputShape=[2, 3])
case("MultiHeadAttention", DEEP, DEEP, numHeads=2, keyDim=2, attentionAxes=[1, 2], call={"returnAttentionScores": True})
case("MultiHeadAttention", DEEP, DEEP, numHeads=2, keyDim=2, attentionAxes=[1, 2], call={"attentionMask": np.arange(162).reshape(2, 3, 3, 3, 3) % 3 > 0})
case("MultiHeadAttention", X[:1].reshape(1, 5, 2, 2, 1), X[:1].reshape(1, 5, 2, 2, 1), numHeads=2, keyDim=2, attentionAxes=[1, 3], valueDim=1)
case("GroupQueryAttention", X, Y, headDim=3, numQueryHeads=4, numKeyValueHeads=2)
case("GroupQueryAttention", X, X, headDim=2, numQueryHeads=2, numKeyValueHeads=1, call={"useCausalMask": True})
case("EinsumDense", X, equation="abc,cd->abd", outputShape=[None, 3], biasAxes="d", activation="relu")
case("EinsumDense", X, equation="...x,xy->...y", outputShape=6)
case("EinsumDense", X, equation="abc,cde->abde", outputShape=[None, 2, 3], biasAxes="de")
case("EinsumDense", X, equation="abc,bd->adc", outputShape=[2, 4], biasAxes="d")
case("GroupNormalization", DEEP, groups=3); case("GroupNormalization", DEEP, groups=-1, epsilon=0.1)
case("GroupNormalization", DEEP, groups=1, axis=1, scale=False)
case("GroupNormalization", DEEP, groups=2, center=False)
case("RMSNormalization", X); case("RMSNormalization", X, epsilon=0.1)
case("UnitNormalization", X); case("UnitNormalization", X, axis=[1, 2])
path = pathlib.Path(__file__)
exec((path.parent / "keras_preprocessing_cases.py").read_text()) if (path.parent / "keras_preprocessing_cases.py").exists() else None


def run(name, inputs, call, many, training, gradient, adapt, options):
    layer = getattr(keras.layers, name)(**{snake(key): tuple(value) if isinstance(value, list) and key in ("outputShape", "attentionAxes")
                                           else value for key, value in options.items()})
    if adapt is not None:
        layer.adapt(adapt)
    tensors = [tf.constant(value) for value in inputs]
    named = {snake(key): value for key, value in call.items()}
    if training:
        named["training"] = True
    apply = lambda: layer(tensors, **named) if many else layer(*tensors, **named)
    if "mask" in named:
        named["mask"] = [None if m is None else tf.constant(m) for m in named["mask"]]
    apply()
    if layer.weights and adapt is None:
        layer.set_weights([(spread(int(np.prod(w.shape)), 37, 101) * 0.4 + 0.3 * i).reshape(w.shape).astype(w.dtype)
                           for i, w in enumerate(layer.weights)])
    with tf.GradientTape() as tape:
        tape.watch([t for t in tensors if t.dtype == tf.float32])
        found = apply()
        outputs = list(found) if isinstance(found, (list, tuple)) else [found]
        probe = tf.constant(spread(int(np.prod(outputs[0].shape)), 13, 31).reshape(outputs[0].shape))
        value = tf.reduce_sum(tf.cast(outputs[0], "float32") * probe)
    result = {"name": name, "options": options, "many": many, "training": training,
              "inputs": [{"shape": list(np.shape(v)), "values": rounded(v), "dtype": str(np.asarray(v).dtype)} for v in inputs],
              "call": {key: [None if m is None else np.asarray(m).tolist() for m in value] if key == "mask"
                       else np.asarray(value).tolist() if isinstance(value, np.ndarray) else value for key, value in call.items()},
              "weights": [list(w.shape) for w in layer.weights],
              "outputs": [{"shape": list(o.shape), "values": rounded(o)} for o in outputs]}
    if adapt is not None:
        result["adapt"] = np.asarray(adapt).tolist()
    if gradient and tensors[0].dtype == tf.float32:
        result["gradient"] = rounded(tape.gradient(value, tensors[0]))
    return result


lines = []
for each in cases:
    try:
        lines.append("  " + json.dumps(run(*each)))
    except Exception as error:
        print("FAILED", each[0], each[7], type(error).__name__, str(error)[:200].replace("\n", " "))
out = path.with_name("keras_layers_more.json")
part = out.with_suffix(".part")
part.write_text("{\n \"keras\": \"" + keras.__version__ + "\",\n \"cases\": [\n" + ",\n".join(lines) + "\n ]\n}\n")
part.replace(out)
print(out, out.stat().st_size, "bytes,", len(lines), "cases")

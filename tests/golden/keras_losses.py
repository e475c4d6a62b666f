"""Writes keras_losses.json: Keras' losses with many options, their gradients, weights, masks and reductions.

    python tests/golden/keras_losses.py      (needs keras and tensorflow of PyPI)
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


def rounded(values, digits=7):
    return [float(f"{v:.{digits}g}") for v in np.asarray(values, dtype="float64").ravel()]


def snake(name):
    return re.sub(r"([A-Z])", lambda m: "_" + m[1].lower(), name)


A = spread(24, 5, 19).reshape(6, 4) * 2
B = spread(24, 7, 23).reshape(6, 4) * 2
A[0, 0] = B[0, 0]  # A difference of 0.
SHARES = tf.nn.softmax(B * 1.5).numpy()
SHARES[0], SHARES[1] = [1, 0, 0, 0], [0, 0, 1, 0]
CLASSES = np.array([0, 1, 2, 3, 0, 1])
HOT = np.eye(4, dtype="float32")[CLASSES]
YES = (np.arange(24).reshape(6, 4) * 5 % 7 < 3).astype("float32")
CHANCES = tf.sigmoid(B * 2).numpy()
CHANCES[0, 0], CHANCES[1, 1] = 0, 1
UNITS = (B / np.linalg.norm(B, axis=1, keepdims=True)).astype("float32")
INPUTS = {
    "numbers": (A, B),
    "positive": (np.abs(A) + 0.1, np.abs(B) + 0.2),
    "column": (A[:, 0], B[:, :1]),
    "signs": (np.sign(A + 0.01), B),
    "answers": (YES, B),
    "chances": (YES, CHANCES),
    "shares": (HOT, SHARES),
    "logits": (HOT, B),
    "classes": (CLASSES, SHARES),
    "classLogits": (CLASSES, B),
    "unsureClasses": (CLASSES, tf.nn.softmax(B).numpy()),
    "firstAxis": (np.array([[0, 2], [1, 1]]), spread(12, 5, 13).reshape(2, 3, 2)),
    "hotFirstAxis": (np.array([[[1, 0], [0, 0], [0, 1]], [[0, 1], [1, 0], [0, 0]]], "float32"),
                     spread(12, 5, 13).reshape(2, 3, 2)),
    "distributions": (tf.nn.softmax(A).numpy(), SHARES),
    "regions": ((np.arange(36).reshape(2, 3, 3, 2) * 5 % 7 < 3).astype("float32"),
                tf.sigmoid(spread(36, 7, 23).reshape(2, 3, 3, 2) * 2).numpy()),
    "embeddings": (np.array([0, 1, 0, 2, 1, 0]), UNITS),
    "sequences": (np.array([[1, 2, 2], [3, 1, 0]]), spread(60, 7, 23).reshape(2, 6, 5) * 2),
}
CASES = [
    ("MeanSquaredError", {}, "numbers"), ("MeanSquaredError", {}, "column"),
    ("MeanAbsoluteError", {}, "numbers"),
    ("MeanAbsolutePercentageError", {}, "numbers"), ("MeanAbsolutePercentageError", {}, "positive"),
    ("MeanSquaredLogarithmicError", {}, "positive"), ("MeanSquaredLogarithmicError", {}, "numbers"),
    ("CosineSimilarity", {}, "numbers"), ("CosineSimilarity", {"axis": 0}, "numbers"),
    ("Huber", {}, "numbers"), ("Huber", {"delta": 0.4}, "numbers"),
    ("LogCosh", {}, "numbers"), ("Poisson", {}, "positive"),
    ("Hinge", {}, "signs"), ("Hinge", {}, "answers"),
    ("SquaredHinge", {}, "signs"), ("SquaredHinge", {}, "answers"), ("CategoricalHinge", {}, "logits"),
    ("KLDivergence", {}, "distributions"),
    ("BinaryCrossentropy", {}, "chances"), ("BinaryCrossentropy", {"labelSmoothing": 0.2}, "chances"),
    ("BinaryCrossentropy", {"fromLogits": True}, "answers"), ("BinaryCrossentropy", {"axis": 0}, "chances"),
    ("BinaryCrossentropy", {"fromLogits": True, "labelSmoothing": 0.3}, "answers"),
    ("BinaryFocalCrossentropy", {}, "chances"),
    ("BinaryFocalCrossentropy", {"applyClassBalancing": True, "alpha": 0.4, "gamma": 3.0}, "chances"),
    ("BinaryFocalCrossentropy", {"fromLogits": True, "labelSmoothing": 0.1}, "answers"),
    ("CategoricalCrossentropy", {}, "shares"), ("CategoricalCrossentropy", {"labelSmoothing": 0.2}, "shares"),
    ("CategoricalCrossentropy", {"fromLogits": True, "labelSmoothing": 0.1}, "logits"),
    ("CategoricalCrossentropy", {"fromLogits": True, "axis": 1}, "hotFirstAxis"),
    ("CategoricalFocalCrossentropy", {}, "shares"),
    ("CategoricalFocalCrossentropy", {"alpha": 0.4, "gamma": 1.5, "fromLogits": True}, "logits"),
    ("CategoricalFocalCrossentropy", {"labelSmoothing": 0.1}, "shares"),
    ("SparseCategoricalCrossentropy", {}, "classes"),
    ("SparseCategoricalCrossentropy", {"fromLogits": True}, "classLogits"),
    ("SparseCategoricalCrossentropy", {"fromLogits": True, "ignoreClass": 1}, "classLogits"),
    ("SparseCategoricalCrossentropy", {"ignoreClass": 0}, "classes"),
    ("CategoricalGeneralizedCrossEntropy", {}, "unsureClasses"),
    ("CategoricalGeneralizedCrossEntropy", {"q": 0.8}, "unsureClasses"),
    ("Dice", {}, "regions"), ("Dice", {"axis": [1, 2, 3]}, "regions"),
    ("Tversky", {}, "regions"), ("Tversky", {"alpha": 0.3, "beta": 0.8, "axis": [1, 2]}, "regions"),
    ("Circle", {}, "embeddings"),
    ("Circle", {"gamma": 10.0, "margin": 0.2, "removeDiagonal": False}, "embeddings"),
    ("CTC", {}, "sequences"),
]


def run(name, options, kind):
    y_true, y_pred = INPUTS[kind]
    given = {snake(key): tuple(value) if isinstance(value, list) else value for key, value in options.items()}
    make = lambda **more: getattr(keras.losses, name)(**given, **more)
    x = tf.constant(y_pred)
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = make()(y_true, x)
    return {"name": name, "options": options, "kind": kind, "mean": rounded(value)[0],
            "each": rounded(make(reduction="none")(y_true, y_pred)),
            "gradient": rounded(tape.gradient(value, x), 6)}


def reductions():
    weights = np.array([1, 0, 0.5, 2, 3, 0.25], "float32")
    mask = tf.constant([True, False, True, True, False, True])
    result = {}
    for reduction in ["sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none"]:
        loss = keras.losses.MeanSquaredError(reduction=reduction)
        masked = keras.ops.convert_to_tensor(B)
        masked._keras_mask = mask
        camel = re.sub(r"_([a-z])", lambda m: m[1].upper(), reduction)
        result[camel] = {
            "plain": rounded(loss(A, B)), "weighted": rounded(loss(A, B, weights)),
            "masked": rounded(loss(A, masked)), "both": rounded(loss(A, masked, weights)),
        }
    return {"weights": rounded(weights), "results": result}


golden = {
    "keras": keras.__version__,
    "inputs": {kind: {name: {"shape": list(np.shape(values)), "values": rounded(values, 9)}
                      for name, values in zip(["yTrue", "yPred"], pair)} for kind, pair in INPUTS.items()},
    "cases": [run(*case) for case in CASES],
    "reductions": reductions(),
}
path = pathlib.Path(__file__).with_name("keras_losses.json")
part = path.with_suffix(".part")
text = ",\n".join(f' "{key}": ' + ("[\n" + ",\n".join("  " + json.dumps(each) for each in value) + "\n ]"
                  if isinstance(value, list) else json.dumps(value)) for key, value in golden.items())
part.write_text("{\n" + text + "\n}\n")
part.replace(path)
print(path, path.stat().st_size, "bytes")

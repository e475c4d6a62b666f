"""Writes keras_metrics.json: Keras' metrics over two batches, with and without weights.

    python tests/golden/keras_metrics.py      (needs keras and tensorflow of PyPI)
"""
import json
import os
import pathlib
import re

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import warnings

warnings.filterwarnings("ignore")
import keras
import numpy as np
import tensorflow as tf


def spread(count, step, modulus):
    return ((np.arange(count) * step % modulus) / (modulus - 1) * 2 - 1).astype("float32")


def rounded(values, digits=7):
    return [float(f"{v:.{digits}g}") for v in np.asarray(values, dtype="float64").ravel()]


def snake(name):
    name = re.sub(r"([A-Z])", lambda m: "_" + m[1].lower(), name)
    return name.replace("_y_", "_y_")


def argument(value):
    """Choices in camelCase are Keras' in snake case."""
    if isinstance(value, str) and value in ("uniformAverage", "varianceWeightedAverage"):
        return snake(value)
    return value


N, C = 10, 4
A, B = spread(N * C, 5, 19).reshape(N, C), spread(N * C, 7, 23).reshape(N, C)
CLASSES = np.arange(N) * 7 % C
HOT = np.eye(C, dtype="float32")[CLASSES]
SHARES = tf.nn.softmax(B * 2).numpy()
YES = (np.arange(N * C).reshape(N, C) * 5 % 7 < 3).astype("float32")
CHANCES = ((spread(N * C, 7, 23) + 1) / 2).reshape(N, C)
INPUTS = {
    "numbers": (A, B),
    "positive": (np.abs(A) + 0.1, np.abs(B) + 0.2),
    "column": (A[:, 0], B[:, :1]),
    "signs": (np.sign(A + 0.01), B),
    "answers": (YES, B),
    "chances": (YES, CHANCES),
    "list": (YES[:, 0], CHANCES[:, 0]),
    "shares": (HOT, SHARES),
    "logits": (HOT, B),
    "classes": (CLASSES, SHARES),
    "classLogits": (CLASSES, B),
    "sequences": (np.arange(N * 3).reshape(N, 3) * 5 % C, spread(N * 3 * C, 7, 23).reshape(N, 3, C)),
    "equal": (CLASSES.astype("float32"), (CLASSES * 3 % C).astype("float32")),
    "regions": (np.arange(N * 6).reshape(N, 3, 2) * 5 % C, np.arange(N * 6).reshape(N, 3, 2) * 7 % C),
    "ids": (CLASSES, np.argsort(-SHARES, axis=-1).astype("float32")),
    "values": (A, None),
}
WEIGHTS = np.array([1, 0, 0.5, 2, 3, 0.25, 1, 1, 4, 0.5], "float32")
CASES = [
    ("Sum", {}, "values"), ("Mean", {}, "values"),
    ("MeanSquaredError", {}, "numbers"), ("MeanSquaredError", {}, "column"),
    ("RootMeanSquaredError", {}, "numbers"), ("MeanAbsoluteError", {}, "numbers"),
    ("MeanAbsolutePercentageError", {}, "numbers"), ("MeanSquaredLogarithmicError", {}, "positive"),
    ("CosineSimilarity", {}, "numbers"), ("LogCoshError", {}, "numbers"),
    ("R2Score", {}, "numbers"), ("R2Score", {"classAggregation": None}, "numbers"),
    ("R2Score", {"classAggregation": "varianceWeightedAverage", "numRegressors": 3}, "numbers"),
    ("PearsonCorrelation", {}, "numbers"), ("ConcordanceCorrelation", {}, "numbers"),
    ("Hinge", {}, "signs"), ("SquaredHinge", {}, "answers"), ("CategoricalHinge", {}, "logits"),
    ("KLDivergence", {}, "shares"), ("Poisson", {}, "positive"),
    ("BinaryCrossentropy", {}, "chances"),
    ("BinaryCrossentropy", {"fromLogits": True, "labelSmoothing": 0.2}, "answers"),
    ("CategoricalCrossentropy", {}, "shares"),
    ("CategoricalCrossentropy", {"fromLogits": True, "labelSmoothing": 0.1}, "logits"),
    ("SparseCategoricalCrossentropy", {}, "classes"),
    ("SparseCategoricalCrossentropy", {"fromLogits": True}, "classLogits"),
    ("SparseCategoricalCrossentropy", {"fromLogits": True}, "sequences"),
    ("SparseCategoricalCrossentropy", {"fromLogits": True, "ignoreClass": 1}, "classLogits"),
    ("Accuracy", {}, "equal"), ("BinaryAccuracy", {}, "chances"), ("BinaryAccuracy", {"threshold": 0.3}, "list"),
    ("CategoricalAccuracy", {}, "shares"), ("SparseCategoricalAccuracy", {}, "classes"),
    ("SparseCategoricalAccuracy", {}, "sequences"),
    ("TopKCategoricalAccuracy", {"k": 2}, "shares"), ("SparseTopKCategoricalAccuracy", {"k": 2}, "classes"),
    ("SparseTopKCategoricalAccuracy", {"k": 3}, "sequences"),
    ("SparseTopKCategoricalAccuracy", {"k": 2, "fromSortedIds": True}, "ids"),
    ("F1Score", {}, "chances"), ("F1Score", {"average": "micro", "threshold": 0.4}, "chances"),
    ("FBetaScore", {"average": "macro", "beta": 2.0, "threshold": 0.6}, "chances"),
    ("FBetaScore", {"average": "weighted", "beta": 0.5}, "shares"),
    ("IoU", {"numClasses": 4, "targetClassIds": [0, 2]}, "regions"),
    ("MeanIoU", {"numClasses": 4}, "regions"), ("MeanIoU", {"numClasses": 3, "ignoreClass": 1}, "regions"),
    ("BinaryIoU", {"threshold": 0.3}, "list"), ("BinaryIoU", {"targetClassIds": [1]}, "chances"),
    ("OneHotIoU", {"numClasses": 4, "targetClassIds": [1, 3]}, "shares"),
    ("OneHotMeanIoU", {"numClasses": 4}, "shares"),
]
for name in ["TruePositives", "FalsePositives", "TrueNegatives", "FalseNegatives", "Precision", "Recall"]:
    CASES += [(name, {}, "chances"), (name, {"thresholds": [0.2, 0.7]}, "list"),
              (name, {"thresholds": [0.0, 0.5, 1.0]}, "chances")]
for name in ["Precision", "Recall"]:
    CASES += [(name, {"topK": 2}, "chances"), (name, {"classId": 2}, "chances"),
              (name, {"topK": 2, "classId": 1, "thresholds": 0.6}, "chances")]
for name, option in [("SensitivityAtSpecificity", "specificity"), ("SpecificityAtSensitivity", "sensitivity"),
                     ("PrecisionAtRecall", "recall"), ("RecallAtPrecision", "precision")]:
    CASES += [(name, {option: 0.4}, "chances"), (name, {option: 0.6, "numThresholds": 11, "classId": 1}, "chances"),
              (name, {option: 0.5, "numThresholds": 1}, "list")]
for curve in ["ROC", "PR", "PRGAIN"]:
    for method in ["interpolation", "majoring", "minoring"]:
        CASES.append(("AUC", {"curve": curve, "summationMethod": method, "numThresholds": 20}, "chances"))
CASES += [
    ("AUC", {}, "list"), ("AUC", {"multiLabel": True, "curve": "PR"}, "chances"),
    ("AUC", {"multiLabel": True, "labelWeights": [1.0, 2.0, 0.5, 0.0], "numLabels": 4}, "chances"),
    ("AUC", {"thresholds": [0.2, 0.3, 0.9]}, "chances"), ("AUC", {"fromLogits": True}, "answers"),
    ("AUC", {"labelWeights": [1.0, 2.0, 0.5, 0.0]}, "chances"),
]
# Keras truncates weights of metrics that count integers, and cannot weigh these with a weight a sample.
UNWEIGHTED = ("IoU", "MeanIoU", "BinaryIoU", "OneHotIoU", "OneHotMeanIoU")


def run(name, options, kind):
    given = {snake(key): argument(value) for key, value in options.items()}
    y_true, y_pred = INPUTS[kind]
    case = {"name": name, "options": options, "kind": kind}
    for weighted in [False, True]:
        if weighted and name in UNWEIGHTED:
            continue
        metric = getattr(keras.metrics, name)(**given)
        results = []
        for rows in [slice(0, 5), slice(5, N)]:
            inputs = [y_true[rows]] + ([] if y_pred is None else [y_pred[rows]])
            more = {"sample_weight": WEIGHTS[rows]} if weighted else {}
            metric.update_state(*inputs, **more)
            results.append(rounded(metric.result()))
        case["weighted" if weighted else "plain"] = results
    return case


golden = {
    "keras": keras.__version__,
    "inputs": {kind: {name: {"shape": list(np.shape(values)), "values": rounded(values, 9)}
                      for name, values in zip(["yTrue", "yPred"], pair) if values is not None}
               for kind, pair in INPUTS.items()},
    "weights": rounded(WEIGHTS),
    "cases": [run(*case) for case in CASES],
}
path = pathlib.Path(__file__).with_name("keras_metrics.json")
part = path.with_suffix(".part")
text = ",\n".join(f' "{key}": ' + ("[\n" + ",\n".join("  " + json.dumps(each) for each in value) + "\n ]"
                  if key == "cases" else json.dumps(value)) for key, value in golden.items())
part.write_text("{\n" + text + "\n}\n")
part.replace(path)
print(path, path.stat().st_size, "bytes")

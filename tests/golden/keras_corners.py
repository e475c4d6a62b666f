"""Writes keras_corners.json: what Keras does where layers, losses and metrics meet in a model, for tests/keras_style/models/keras_corners_test.ts and losses/softmax_logits_test.ts.

    python tests/golden/keras_corners.py      (needs keras and tensorflow of PyPI)

Inputs and weights come from formulas that the test repeats.
"""
import json
import os
import pathlib
import warnings

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import keras
import numpy as np
from keras import layers
from keras.src import backend

COUNT = 12
warnings.simplefilter("ignore")


def spread(count, step, modulus):
    return ((np.arange(count) * step % modulus) / (modulus - 1) * 2 - 1).astype("float32")


def numbers(values):
    return [float(f"{v:.9g}") for v in np.asarray(values, dtype="float64").ravel()]


def rounded(logs):
    return {name: numbers(values) for name, values in logs.items()}


X = spread(COUNT * 6, 7, 31).reshape(COUNT, 6)
KINDS = np.arange(COUNT) * 5 % 3
SIZES = spread(COUNT, 5, 11).reshape(COUNT, 1)
YES = (np.arange(COUNT) % 2).astype("float32").reshape(COUNT, 1)
STEPS = spread(72, 7, 31).reshape(3, 4, 6)


def fixed_weights(layer):
    layer.set_weights([
        (spread(int(np.prod(w.shape)), 37, 101) * 0.4).reshape(w.shape) for w in layer.get_weights()
    ])
    return layer


def activity():
    """What activity regularizers of layers add to the loss, each called twice: [what, x, layer]."""
    l1, l2 = keras.regularizers.L1(0.1), keras.regularizers.L2(0.1)
    heads = {"activity_regularizer": l2}
    cases = {
        "Dense": (layers.Dense(3, activity_regularizer=l2), [X]),
        "ActivityRegularization": (layers.ActivityRegularization(l1=0.1, l2=0.2), [X]),
        "LSTM": (layers.LSTM(2, return_sequences=True, return_state=True, activity_regularizer=l1), [STEPS]),
        "MultiHeadAttention": (layers.MultiHeadAttention(2, 3, **heads), [STEPS, STEPS]),
        "GroupQueryAttention": (layers.GroupQueryAttention(3, 2, 1, **heads), [STEPS, STEPS]),
    }
    result = {}
    for name, (layer, inputs) in cases.items():
        layer(*inputs)
        fixed_weights(layer)
        layer(*inputs)
        result[name] = numbers([sum(float(loss) for loss in layer.losses)])[0]
    return result


def merges():
    """Merges of embeddings whose first (and second) has a mask."""
    first, second = np.array([[1, 0, 2, 0], [0, 3, 0, 4]]), np.array([[0, 0, 1, 2], [3, 4, 0, 0]])
    result = []
    for name in ["Add", "Average", "Maximum", "Minimum", "Multiply"]:
        for masked in [[True, False], [False, True], [True, True]]:
            x = []
            for ids, mask_zero in zip([first, second], masked):
                layer = layers.Embedding(5, 3, mask_zero=mask_zero)
                layer(ids)
                x.append(fixed_weights(layer)(ids))
            merged = getattr(layers, name)()(x)
            mask = backend.get_keras_mask(merged)
            result.append({"name": name, "masked": masked, "values": numbers(merged),
                           "mask": None if mask is None else np.asarray(mask).astype(int).ravel().tolist()})
    return result


class Watch(layers.Layer):
    """Gives its input, whose mean it keeps."""

    def __init__(self):
        super().__init__()
        self.seen = keras.metrics.Mean(name="activity")

    def call(self, x):
        self.seen.update_state(x)
        return x


def field_metrics():
    model = fixed_weights(keras.Sequential([
        keras.Input((6,)), Watch(), layers.Dense(3, activation="softmax"),
    ]))
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss="sparse_categorical_crossentropy",
                  metrics=["accuracy"], weighted_metrics=["sparse_categorical_crossentropy"])
    history = model.fit(X, KINDS, epochs=2, batch_size=5, shuffle=False, verbose=0)
    return {"history": rounded(history.history), "evaluate": numbers(model.evaluate(X, KINDS, verbose=0)),
            "names": [metric.name for metric in model.metrics]}


def two_heads(**options):
    inputs = keras.Input((6,))
    hidden = layers.Dense(8, activation="tanh")(inputs)
    model = fixed_weights(keras.Model(inputs, [
        layers.Dense(3, activation="softmax", name="kind")(hidden), layers.Dense(1, name="size")(hidden),
    ]))
    model.compile(optimizer=keras.optimizers.SGD(0.1), **options)
    history = model.fit(X, [KINDS, SIZES], epochs=1, batch_size=4, shuffle=False, verbose=0)
    return {"history": rounded(history.history),
            "evaluate": numbers(model.evaluate(X, [KINDS, SIZES], batch_size=4, verbose=0))}


def heads():
    scce = "sparse_categorical_crossentropy"
    return {
        "all": two_heads(loss=[scce, "mse"], metrics=[["accuracy"], ["mse", "mae"]]),
        "named": two_heads(loss={"kind": scce, "size": None}, metrics={"size": ["mae"]}),
        "second": two_heads(loss=[None, "mse"], metrics=[["accuracy"], ["mae"]]),
    }


def one_head(loss, units, activation, labels, metrics=()):
    model = fixed_weights(keras.Sequential([keras.Input((6,)), layers.Dense(units, activation=activation)]))
    # Far from 0, so that probabilities and logits behave differently.
    model.set_weights([w * 9 for w in model.get_weights()])
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss=loss, metrics=list(metrics))
    history = model.fit(X, labels, epochs=2, batch_size=4, shuffle=False, verbose=0)
    return {**rounded(history.history), "kernel": numbers(model.get_weights()[0])}


def crossentropies():
    losses = keras.losses
    hot = np.eye(3, dtype="float32")[KINDS]
    return {
        # Logits are asked for, and a softmax or sigmoid is there.
        "sparse": one_head(losses.SparseCategoricalCrossentropy(from_logits=True), 3, "softmax", KINDS),
        "categorical": one_head(losses.CategoricalCrossentropy(from_logits=True), 3, "softmax", hot),
        "binary": one_head(losses.BinaryCrossentropy(from_logits=True), 1, "sigmoid", YES),
        # The one that fits.
        "fittingSparse": one_head("crossentropy", 3, "softmax", KINDS),
        "fittingCategorical": one_head("ce", 3, "softmax", hot),
        "fittingBinary": one_head("crossentropy", 1, "sigmoid", YES),
    }


def saturated():
    """Loss and metric of probabilities that are rounded to 0 or 1: [fit's, evaluate's] with and without from_logits."""
    far = np.array([[30, -40, 0], [1, 2, 3], [-200, 100, 5]], "float32")
    many = np.array([[0, 1, 1], [1, 0, 0], [1, 0, 0]], "float32")
    first = np.array([1, 0, 0])
    result = {}
    for name, activation, labels in [("BinaryCrossentropy", "sigmoid", many), ("CategoricalCrossentropy", "softmax", np.eye(3)[first]),
                                     ("SparseCategoricalCrossentropy", "softmax", first)]:
        for from_logits in (False, True):
            model = keras.Sequential([keras.Input((3,)), layers.Dense(3, activation, False, "identity")])
            model.compile(optimizer=keras.optimizers.SGD(0.0), loss=getattr(keras.losses, name)(from_logits=from_logits),
                          metrics=[getattr(keras.metrics, name)(from_logits=from_logits, name="metric")])
            history = model.fit(far, labels, verbose=0).history
            result.setdefault(name, []).append([rounded(history), numbers(model.evaluate(far, labels, verbose=0))])
    return result


def eager():
    """Losses of predictions that some way makes of [[30, -40, 0]], called one by one: with logits where the way keeps them."""
    losses, ops, activations = keras.losses, keras.ops, keras.activations
    x = ops.convert_to_tensor([[30.0, -40.0, 0.0]])
    second, hot, many = np.array([1]), np.float32([[0, 1, 0]]), np.float32([[0, 1, 1]])
    mask = ops.convert_to_tensor([[0.7, 0.6, 0.4]])
    column = ops.reshape(x, (1, 3, 1))
    found = {}
    for name, predictions in {
        "activation": activations.softmax(x), "op": ops.softmax(x), "layer": layers.Softmax()(x), "sigmoid": ops.sigmoid(x),
        "dense": layers.Dense(3, "softmax", False, "identity")(x), "identity": layers.Identity()(ops.softmax(x)),
        "dropped": layers.Dropout(0.5)(ops.softmax(x)), "linear": layers.Activation("linear")(ops.softmax(x)),
        "reshaped": layers.Reshape((3,))(ops.softmax(x)),
    }.items():
        found[name] = [losses.SparseCategoricalCrossentropy()(second, predictions), losses.CategoricalCrossentropy()(hot, predictions),
                       losses.BinaryCrossentropy()(many, predictions), ops.sparse_categorical_crossentropy(second, predictions)[0],
                       ops.categorical_crossentropy(hot, predictions)[0], ops.mean(ops.binary_crossentropy(many, predictions))]
    columns = layers.Softmax(axis=1)(column), activations.softmax(column, axis=1), ops.softmax(column, axis=1)
    found["columns"] = [losses.CategoricalCrossentropy(axis=1)(hot[..., None], one) for one in columns]
    found["focal"] = [losses.BinaryFocalCrossentropy(from_logits=True)(many, x)]
    found["masked"] = list(layers.Softmax()(x, mask=mask)[0])
    return {name: numbers([float(value) for value in values]) for name, values in found.items()}


class Weighed(keras.metrics.Metric):
    """The sum of the weights, 1 where there are none."""

    def __init__(self, name):
        super().__init__(name=name)
        self.total = self.add_weight(shape=(), initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.total.assign_add(keras.ops.sum(1.0 if sample_weight is None else sample_weight))

    def result(self):
        return self.total


def masks():
    """Metrics of an output with a mask."""
    ids = np.arange(COUNT * 4).reshape(COUNT, 4) * 3 % 5
    truth = (np.arange(COUNT * 4) * 5 % 7 < 3).astype("float32").reshape(COUNT, 4, 1)
    model = fixed_weights(keras.Sequential([
        keras.Input((4,), dtype="int32"), layers.Embedding(5, 3, mask_zero=True), layers.Dense(1, activation="sigmoid"),
    ]))
    model.compile(loss="binary_crossentropy",
                  metrics=["mae", keras.metrics.BinaryAccuracy(), keras.metrics.Precision(0.4, name="precision"), Weighed("weighed")],
                  weighted_metrics=[Weighed("weighed_too")])
    return rounded(model.evaluate(ids, truth, verbose=0, return_dict=True))


def bins():
    """Boundaries that Discretization finds: batches as [count, step, modulus] of `spread`."""
    result = []
    for batches, options in [
        ([[9, 1, 10]], {"num_bins": 3}),
        ([[700, 311, 701]], {"num_bins": 4}),
        ([[500, 311, 701], [37, 5, 41], [300, 7, 331]], {"num_bins": 5}),
        ([[250, 7, 31], [250, 11, 23]], {"num_bins": 3, "epsilon": 0.1}),
        ([[2, 1, 3]], {"num_bins": 4}),
    ]:
        layer = layers.Discretization(**options)
        layer.adapt([spread(*batch) for batch in batches])
        result.append({"batches": batches, "numBins": options["num_bins"], "epsilon": options.get("epsilon", 0.01),
                       "boundaries": numbers(layer.bin_boundaries),
                       "saved": keras.saving.serialize_keras_object(layer)})
    return result


parts = {"activity": activity, "merges": merges, "fieldMetrics": field_metrics, "heads": heads,
         "crossentropies": crossentropies, "saturated": saturated, "eager": eager, "masks": masks, "bins": bins}
golden = {"keras": keras.__version__, **{name: part() for name, part in parts.items()}}
path = pathlib.Path(__file__).with_name("keras_corners.json")
part = path.with_suffix(".part")
part.write_text("{\n" + ",\n".join(f' "{name}": {json.dumps(value)}' for name, value in golden.items()) + "\n}\n")
part.replace(path)
print(path, path.stat().st_size, "bytes")

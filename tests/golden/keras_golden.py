"""Writes keras.json: what Keras 3 on TensorFlow computes, for tests/keras_style to compare with.

    python tests/golden/keras_golden.py      (needs keras and tensorflow of PyPI)

Inputs come from formulas in integers, which the tests repeat, so that only results are stored.
"""
import json
import os
import pathlib

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["COLUMNS"] = "80"
import keras
import numpy as np
import tensorflow as tf
from keras import layers

ROWS, CLASSES = 6, 4


def spread(count, step, modulus):
    """Numbers from -1 to 1 that look unordered: (i step mod modulus) scaled."""
    return ((np.arange(count) * step % modulus) / (modulus - 1) * 2 - 1).astype("float32")


def numbers(tensor):
    return [float(f"{v:.9g}") for v in np.asarray(tensor, dtype="float64").ravel()]


def loss_cases():
    scores = tf.constant(spread(ROWS * CLASSES, 7, 23).reshape(ROWS, CLASSES) * 3)
    # One row is sure and right, one is sure and wrong: probabilities of exactly 1 and 0.
    shares = tf.nn.softmax(scores).numpy()
    shares[0] = [1, 0, 0, 0]
    shares[1] = [0, 0, 1, 0]
    labels = np.array([0, 1, 2, 3, 0, 1])
    hot = np.eye(CLASSES, dtype="float32")[labels]
    losses = keras.losses
    cases = {
        "sparseLogits": (losses.SparseCategoricalCrossentropy(from_logits=True), labels, scores),
        "sparseShares": (losses.SparseCategoricalCrossentropy(), labels, shares),
        "categoricalLogits": (losses.CategoricalCrossentropy(from_logits=True), hot, scores),
        "categoricalShares": (losses.CategoricalCrossentropy(), hot, shares),
        "binaryLogits": (losses.BinaryCrossentropy(from_logits=True), hot, scores),
        "binaryShares": (losses.BinaryCrossentropy(), hot, shares),
        "meanSquared": (losses.MeanSquaredError(), hot, scores),
        "meanAbsolute": (losses.MeanAbsoluteError(), hot, scores),
    }
    result = {}
    for name, (loss, y_true, y_pred) in cases.items():
        y_pred = tf.constant(y_pred)
        with tf.GradientTape() as tape:
            tape.watch(y_pred)
            value = loss(y_true, y_pred)
        gradient = tape.gradient(value, y_pred)
        result[name] = {"loss": numbers(value)[0], "gradient": numbers(gradient)}
    return result


def metric_cases():
    scores = spread(ROWS * CLASSES, 7, 23).reshape(ROWS, CLASSES)
    result = []
    metric = keras.metrics.SparseCategoricalAccuracy()
    for labels in ([0, 1, 2, 3, 0, 1], [3, 3, 1, 0, 2, 2]):
        metric.update_state(np.array(labels), scores)
        result.append(float(metric.result()))
    return result


def optimizer_cases():
    optimizers = keras.optimizers
    cases = {
        "rmsprop": optimizers.RMSprop(learning_rate=0.01),
        "rmspropMomentum": optimizers.RMSprop(learning_rate=0.01, momentum=0.5),
        "rmspropCentered": optimizers.RMSprop(learning_rate=0.01, centered=True, rho=0.8),
        "sgd": optimizers.SGD(learning_rate=0.1),
        "sgdMomentum": optimizers.SGD(learning_rate=0.1, momentum=0.9),
        "sgdNesterov": optimizers.SGD(learning_rate=0.1, momentum=0.9, nesterov=True),
        "adam": optimizers.Adam(learning_rate=0.01),
    }
    result = {}
    for name, optimizer in cases.items():
        variable = keras.Variable(spread(5, 3, 11))
        steps = []
        for step in range(4):
            # The first element's gradient is tiny: there epsilon counts.
            gradient = spread(5, 5 + step, 13) * np.array([1e-4, 1, 1, 1, 1], dtype="float32")
            optimizer.apply([tf.constant(gradient)], [variable])
            steps.append(numbers(variable.value))
        result[name] = steps
    return result


def small_network(dropout=None):
    model = keras.Sequential([
        keras.Input((8, 8, 2)),
        layers.Conv2D(4, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(8, activation="relu"),
        layers.Dense(3, activation="softmax"),
    ])
    model.set_weights([
        (spread(int(np.prod(w.shape)), 37, 101) * 0.4).reshape(w.shape) for w in model.get_weights()
    ])
    return model


def training_case():
    count = 20
    x = (np.arange(count * 128) * 7919 % 251 / 250).astype("float32").reshape(count, 8, 8, 2)
    y = np.arange(count) * 5 % 3
    x[:, :4] *= (y / 2).reshape(count, 1, 1, 1).astype("float32")
    model = small_network()
    model.compile(optimizer=keras.optimizers.RMSprop(0.01),
                  loss=keras.losses.SparseCategoricalCrossentropy(), metrics=["accuracy"])
    history = model.fit(x, y, batch_size=8, epochs=4, shuffle=False, verbose=0,
                        validation_data=(x[:7], y[:7]))
    return {
        "history": {name: numbers(values) for name, values in history.history.items()},
        "epoch": history.epoch,
        "weights": [numbers(w) for w in model.get_weights()],
        "evaluate": numbers(model.evaluate(x, y, batch_size=6, verbose=0)),
        "predict": numbers(model.predict(x, verbose=0)),
    }


def summary_of(model):
    lines = []
    model.summary(print_fn=lines.append)
    return "\n".join(line.rstrip() for line in "\n".join(lines).split("\n"))


def summaries():
    keras.utils.clear_session()
    seed = keras.Sequential([
        keras.Input((32, 32, 3)),
        layers.Conv2D(32, 3, padding="same", activation="relu"), layers.MaxPooling2D(),
        layers.Conv2D(64, 3, padding="same", activation="relu"), layers.MaxPooling2D(),
        layers.Flatten(), layers.Dense(100, activation="relu"), layers.Dropout(0.5),
        layers.Dense(10, activation="softmax"),
    ])
    result = {"seed": summary_of(seed)}
    seed.compile(optimizer="rmsprop", loss="sparse_categorical_crossentropy")
    seed.fit(np.zeros((2, 32, 32, 3)), np.zeros(2), verbose=0)
    result["seedTrained"] = summary_of(seed)
    keras.utils.clear_session()
    inputs = keras.Input((8,))
    left, right = layers.Dense(4)(inputs), layers.Dense(4)(inputs)
    joined = layers.Concatenate()([left, right])
    result["branched"] = summary_of(keras.Model(inputs, layers.BatchNormalization()(joined)))
    keras.utils.clear_session()
    result["unbuilt"] = summary_of(keras.Sequential([layers.Dense(3), layers.Dense(2)]))
    return result


golden = {
    "keras": keras.__version__,
    "tensorflow": tf.__version__,
    "losses": loss_cases(),
    "accuracy": metric_cases(),
    "optimizers": optimizer_cases(),
    "training": training_case(),
    "summaries": summaries(),
}
path = pathlib.Path(__file__).with_name("keras.json")
part = path.with_suffix(".part")
part.write_text(json.dumps(golden, indent=1, ensure_ascii=False) + "\n")
part.replace(path)
print(path, path.stat().st_size, "bytes")

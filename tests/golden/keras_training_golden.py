"""Writes keras_training.json: how Keras 3 trains with weights, several outputs and callbacks, for tests/keras_style.

    python tests/golden/keras_training_golden.py      (needs keras and tensorflow of PyPI)

Inputs come from formulas that the tests repeat. Batches of models with two outputs are all of one size: Keras' graphs
count a smaller last batch as much as the others in an output's own loss. Callbacks are shown numbers from a list instead of the real ones.
"""
import contextlib
import io
import json
import os
import pathlib
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import keras
import numpy as np
from keras import callbacks, layers

COUNT = 12


def spread(count, step, modulus):
    return ((np.arange(count) * step % modulus) / (modulus - 1) * 2 - 1).astype("float32")


def numbers(values):
    return [float(f"{v:.9g}") for v in np.asarray(values, dtype="float64").ravel()]


def rounded(history):
    return {name: numbers(values) for name, values in history.items()}


X = spread(COUNT * 6, 7, 31).reshape(COUNT, 6)
KINDS = np.arange(COUNT) * 5 % 3
SIZES = spread(COUNT, 5, 11).reshape(COUNT, 1)
WEIGHTS = np.arange(COUNT).astype("float32") % 4 / 2
OTHER_WEIGHTS = 1 + np.arange(COUNT).astype("float32") % 3


def fixed_weights(model):
    model.set_weights([
        (spread(int(np.prod(w.shape)), 37, 101) * 0.4).reshape(w.shape) for w in model.get_weights()
    ])
    return model


def two_heads():
    inputs = keras.Input((6,))
    hidden = layers.Dense(8, activation="tanh")(inputs)
    return fixed_weights(keras.Model(inputs, [
        layers.Dense(3, activation="softmax", name="kind")(hidden),
        layers.Dense(1, name="size")(hidden),
    ]))


def one_head():
    return fixed_weights(keras.Sequential([
        keras.Input((6,)), layers.Dense(8, activation="tanh"), layers.Dense(3, activation="softmax"),
    ]))


def heads_by_name():
    model = two_heads()
    model.compile(optimizer=keras.optimizers.SGD(0.1),
                  loss={"kind": "sparse_categorical_crossentropy", "size": "mse"},
                  loss_weights={"kind": 1.0, "size": 0.5},
                  metrics={"kind": ["accuracy"], "size": ["mae", "mse"]},
                  weighted_metrics={"kind": ["accuracy"], "size": ["mae"]})
    history = model.fit(X, [KINDS, SIZES], sample_weight=[WEIGHTS, OTHER_WEIGHTS], epochs=3,
                        batch_size=4, shuffle=False, verbose=0,
                        validation_data=(X[:8], [KINDS[:8], SIZES[:8]],
                                         [OTHER_WEIGHTS[:8], WEIGHTS[:8]]))
    return {
        "history": rounded(history.history),
        "evaluate": model.evaluate(X, [KINDS, SIZES], batch_size=4, verbose=0, return_dict=True),
    }


def heads_in_order():
    model = two_heads()
    model.compile(optimizer=keras.optimizers.SGD(0.1),
                  loss=["sparse_categorical_crossentropy", "mae"], metrics=[["accuracy"], ["mse"]])
    history = model.fit(X, [KINDS, SIZES], sample_weight=WEIGHTS, epochs=2, batch_size=4,
                        shuffle=False, verbose=0)
    return {"history": rounded(history.history)}


def weighted(**options):
    model = one_head()
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss="sparse_categorical_crossentropy",
                  metrics=["accuracy"], weighted_metrics=["accuracy"])
    history = model.fit(X, KINDS, epochs=2, batch_size=5, shuffle=False, verbose=0, **options)
    return {"history": rounded(history.history), "weights": numbers(model.get_weights()[0])}


class Script(callbacks.Callback):
    """Puts numbers of a list in place of the real ones, and keeps the weights of every epoch."""

    def __init__(self, name, values):
        super().__init__()
        self.name, self.values, self.weights = name, values, []

    def on_epoch_end(self, epoch, logs=None):
        logs.clear()
        logs["loss"] = 0.75
        logs[self.name] = self.values[epoch]
        self.weights.append(self.model.get_weights()[0])


def scripted(name, values, *others, **options):
    model = one_head()
    model.compile(optimizer=keras.optimizers.SGD(0.125), loss="sparse_categorical_crossentropy",
                  metrics=["accuracy"])
    script = Script(name, values)
    history = model.fit(X, KINDS, epochs=len(values), batch_size=COUNT, verbose=0, shuffle=False,
                        callbacks=[script, *others], **options)
    final = model.get_weights()[0]
    same = [i for i, w in enumerate(script.weights) if np.array_equal(w, final)]
    return history, same[-1]


FALLING = [1.0, 0.9, 0.85, 0.84, 0.86, 0.83, 0.9, 0.9, 0.9, 0.5]
RISING = [0.1, 0.4, 0.4, 0.3, 0.45, 0.44, 0.43, 0.42, 0.6, 0.7]
STOPPING = [
    ("val_loss", FALLING, {}),
    ("val_loss", FALLING, {"patience": 2}),
    ("val_loss", FALLING, {"patience": 3, "restore_best_weights": True}),
    ("val_loss", FALLING, {"patience": 1, "min_delta": 0.03, "restore_best_weights": True}),
    ("val_loss", FALLING, {"patience": 2, "baseline": 0.7, "restore_best_weights": True}),
    ("val_loss", FALLING, {"patience": 1, "start_from_epoch": 4, "restore_best_weights": True}),
    ("val_loss", FALLING, {"mode": "max", "patience": 2}),
    ("val_accuracy", RISING, {"monitor": "val_accuracy", "patience": 2}),
    ("val_accuracy", RISING, {"monitor": "val_accuracy", "patience": 4, "min_delta": 0.2,
                              "restore_best_weights": True}),
    ("val_loss", [2.0, 3.0, 4.0, 5.0], {"patience": 0, "restore_best_weights": True}),
]


def early_stopping():
    result = []
    for name, values, options in STOPPING:
        stopping = callbacks.EarlyStopping(**options)
        history, kept = scripted(name, values, stopping)
        result.append({"name": name, "values": values, "options": options,
                       "epochs": len(history.epoch), "stoppedEpoch": stopping.stopped_epoch,
                       "bestEpoch": stopping.best_epoch, "weightsOf": kept})
    return result


def plateaus():
    cases = [
        {"factor": 0.5, "patience": 1},
        {"factor": 0.5, "patience": 1, "cooldown": 2},
        {"factor": 0.5, "patience": 0, "min_lr": 0.03},
        {"factor": 0.25, "patience": 2, "min_delta": 0.05},
    ]
    result = []
    for options in cases:
        history, _ = scripted("val_loss", FALLING, callbacks.ReduceLROnPlateau(**options))
        result.append({"options": options, "learningRate": history.history["learning_rate"]})
    return {"values": FALLING, "cases": result}


def schedule():
    scheduler = callbacks.LearningRateScheduler(lambda epoch, rate: rate if epoch < 2 else rate / 2)
    history, _ = scripted("val_loss", FALLING[:5], scheduler)
    return history.history["learning_rate"]


def checkpoints():
    cases = [
        {"filepath": "{epoch:02d}-{val_loss:.2f}.keras"},
        {"filepath": "{epoch}.keras", "save_best_only": True},
        {"filepath": "{epoch:3d}_{val_loss:.3e}.keras", "save_best_only": True, "mode": "max"},
        {"filepath": "{epoch}.keras", "save_best_only": True, "initial_value_threshold": 0.85},
        {"filepath": "sub/{epoch:02d}-{batch:03d}.keras", "save_freq": 4},
    ]
    result = []
    for options in cases:
        with tempfile.TemporaryDirectory() as folder:
            saving = callbacks.ModelCheckpoint(**{**options, "filepath": f"{folder}/{options['filepath']}"})
            if "save_freq" in options:
                model = one_head()
                model.compile(loss="sparse_categorical_crossentropy")
                model.fit(X, KINDS, epochs=3, batch_size=4, verbose=0, callbacks=[saving])
            else:
                scripted("val_loss", FALLING, saving)
            paths = pathlib.Path(folder).rglob("*.keras")
            names = sorted(str(p.relative_to(folder)) for p in paths)
        result.append({"options": options, "names": names})
    lines = io.StringIO()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(lines):
        for options in [{"save_best_only": True}, {}]:
            scripted("val_loss", [0.5, 0.75, 0.03125 / 1024], callbacks.ModelCheckpoint(f"{folder}/{{epoch}}.keras", verbose=1, **options))
        said = lines.getvalue().replace(folder, "FOLDER").split("\n")
    return {"values": FALLING, "cases": result, "said": said}


def tables():
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/a.csv"
        scripted("val_loss", [0.5, 0.25], callbacks.CSVLogger(path))
        scripted("val_loss", [0.125], callbacks.CSVLogger(path, append=True))
        first = pathlib.Path(path).read_bytes().decode()
        scripted("accuracy", [1.0, 1e-7], callbacks.CSVLogger(path, separator=";"))
        return {"appended": first, "separator": pathlib.Path(path).read_bytes().decode()}


def formats():
    """Numbers in formats of file names, and as tables have them."""
    values = [0.0, 1.0, -0.5, 0.125, 0.375, 2.5, 0.03125, 1e-7, 0.00012345, 123456.789, 1e16, 3e22, 100.0, 9.995, 0.1 + 0.2, -1234.5]
    specs = ["", ".2f", ".0f", "f", "F", "010.3f", "+.1f", " .1f", "8.2f", "<8.2f", "*^9.1f", "x=+9.1f", ".3e", "E", ".0e", "g", ".3g", ".0G",
             ".2", ".3", "05", ".1%", "%", "<05"]
    whole, for_whole = [0, 3, 12, -7], ["", "d", "02d", "3d", "<4", "+d", ".1f", "06.1f", "g", "%", "^5"]
    return {"floats": {"values": values, "texts": {spec: "|".join(format(v, spec) for v in values) for spec in specs}},
            "ints": {"values": whole, "texts": {spec: "|".join(format(v, spec) for v in whole) for spec in for_whole}},
            "path": "{{a}}-{epoch:02d}-{größe a:.2f}".format(epoch=3, **{"größe a": 0.125})}


golden = {
    "keras": keras.__version__,
    "headsByName": heads_by_name(),
    "headsInOrder": heads_in_order(),
    "sampleWeight": weighted(sample_weight=WEIGHTS, validation_split=0.25),
    "classWeight": weighted(class_weight={0: 0.5, 2: 3.0}, validation_split=0.25),
    "earlyStopping": early_stopping(),
    "plateaus": plateaus(),
    "schedule": schedule(),
    "checkpoints": checkpoints(),
    "tables": tables(),
    "formats": formats(),
}
path = pathlib.Path(__file__).with_name("keras_training.json")
part = path.with_suffix(".part")
part.write_text(json.dumps(golden, indent=1) + "\n")
part.replace(path)
print(path, path.stat().st_size, "bytes")

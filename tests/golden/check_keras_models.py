"""Loads all models of a folder (see dump_keras_models.ts) with Python's Keras: their archives, weights and JSON; compares what they
compute, and how training goes on from the optimizer's state.

    KERAS_BACKEND=tensorflow python tests/golden/check_keras_models.py FOLDER
"""
import json
import math
import os
import pathlib
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
import keras
import numpy as np

L = keras.layers


@keras.saving.register_keras_serializable("mine")
class Scaled(L.Layer):
    def __init__(self, units, **others):
        super().__init__(**others)
        self.units = units
        self.inner_dense = L.Dense(units)

    def build(self, shape):
        self.inner_dense.build(shape)
        self.scale = self.add_weight(name="scale", shape=(), initializer="ones")

    def call(self, x):
        return self.inner_dense(x) * self.scale

    def get_config(self):
        return {**super().get_config(), "units": self.units}


class Blocks(keras.Model):
    def __init__(self, **others):
        super().__init__(**others)
        self.dense1 = L.Dense(3)
        self.z_dense = L.Dense(2)
        self.blocks = [L.Dense(2), [L.Dense(2)]]
        self._own = L.Dense(2)
        self.named = {"a": L.Dense(2)}

    def call(self, x):
        return self.named["a"](self._own(self.blocks[1][0](self.blocks[0](self.z_dense(self.dense1(x))))))


def sines(shape):
    return np.array([math.sin(i * 0.7) for i in range(int(np.prod(shape)))], "float32").reshape(shape)


def check(entry):
    name = entry["name"]
    # Python's Sequential has the policy of the process that loads it.
    keras.config.set_dtype_policy(entry["policy"])
    shapes = entry["inputs"]
    inputs = {k: sines(s) for k, s in shapes.items()} if isinstance(shapes, dict) else sines(shapes)
    model = keras.models.load_model(folder / f"{name}.keras", custom_objects={"Blocks": Blocks})
    outputs = model(inputs, training=False)
    found = list(outputs.values()) if isinstance(outputs, dict) else outputs if isinstance(outputs, list) else [outputs]
    error = max(float(np.abs(np.ravel(y) - own).max()) for y, own in zip(found, entry["outputs"], strict=True))
    if name == "subclass":
        other = Blocks()
        other(inputs)
    else:
        other = keras.models.model_from_json((folder / f"{name}.json").read_text())
    other.load_weights(folder / f"{name}.weights.h5")
    for a, b in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    step = ""
    if "next" in entry:
        x, y = np.array(entry["x"], "float32"), np.array(entry["y"])
        losses = model.fit(x, y, epochs=2, shuffle=False, batch_size=3, verbose=0).history["loss"]
        drift = max(abs(a - b) for a, b in zip(losses, entry["next"], strict=True))
        step = f", two more epochs differ by {drift:.1e}"
        error = max(error, drift)
    assert error < (1e-5 if entry["policy"] == "float32" else 5e-3), f"{name}: {error}"
    if entry["policy"] == "mixed_float16":
        assert type(model.optimizer).__name__ == "LossScaleOptimizer", model.optimizer
    print(f"{name}: {error:.1e}{step}")


folder = pathlib.Path(sys.argv[1])
failed = 0
entries = json.loads((folder / "index.json").read_text())
for entry in entries:
    try:
        check(entry)
    except Exception as error:
        failed += 1
        print(entry["name"], "FAILED", type(error).__name__, str(error)[:500])
print(f"{len(entries) - failed} of {len(entries)} models loaded by Keras {keras.__version__}")
sys.exit(failed > 0)

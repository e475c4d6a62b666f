"""Writes keras_activations.json: Keras 3's activations, for tests/keras_style/activations_test.ts.

    KERAS_BACKEND=torch python tests/golden/keras_activations.py      (needs keras and torch of PyPI)
"""
import json
import os
import pathlib

os.environ.setdefault("KERAS_BACKEND", "torch")
import keras
import numpy as np

# Those that take a layer's result as it is; sparsemax of Keras 3.15 gives no distribution (it adds up to 1.5).
LEFT_OUT = ("deserialize", "get", "serialize", "glu", "sparsemax", "threshold")
NAMES = [name for name in sorted(dir(keras.activations)) if name[0] != "_" and name not in LEFT_OUT]
INPUT = np.array([[-7, -3.5, -3, -1, -0.25], [0, 0.25, 1, 3, 7]], dtype="float32")


def numbers(tensor):
    return [float(f"{v:.9g}") for v in np.asarray(tensor, dtype="float64").ravel()]



def recurrent():
    """Layers with their default gates, and weights that rise evenly from -1 to 1."""
    layer = keras.layers.LSTM(2)
    layer.build((1, 2, 5))
    layer.set_weights([np.linspace(-1, 1, w.size).reshape(w.shape) for w in layer.get_weights()])
    return numbers(keras.ops.convert_to_numpy(layer(INPUT[None])))


golden = {
    "lstm": recurrent(),
    "keras": keras.__version__,
    "input": INPUT.tolist(),
    "outputs": {name: numbers(keras.ops.convert_to_numpy(keras.activations.get(name)(keras.ops.convert_to_tensor(INPUT)))) for name in NAMES},
}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(golden, indent=1) + "\n")

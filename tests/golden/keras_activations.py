"""Writes keras_activations.json: Keras 3's activations, for tests/keras_style/activations_test.ts.

    KERAS_BACKEND=torch python tests/golden/keras_activations.py      (needs keras and torch of PyPI)
"""
import json
import os
import pathlib

os.environ.setdefault("KERAS_BACKEND", "torch")
import keras
import numpy as np

NAMES = """celu elu exponential gelu hard_sigmoid hard_silu hard_swish leaky_relu linear log_softmax mish relu relu6
selu sigmoid silu softmax softplus softsign swish tanh""".split()
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

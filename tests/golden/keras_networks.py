"""Writes keras_networks/, for tests/bench/weights: lenet5 of bench/peers/python/keras_networks.py for small grey images, as Keras saves
its weights and as it saves the model, and its logits.

    python tests/golden/keras_networks.py        # needs: pip install keras==3.15 tensorflow
"""
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent / "bench" / "peers" / "python"))
import keras_side  # noqa: E402,F401 - chooses the backend

import keras  # noqa: E402
import keras_networks  # noqa: E402
from same_batch import images  # noqa: E402

SHAPE = (16, 16, 1)

keras.utils.set_random_seed(4)
model = keras_networks.build("lenet5", SHAPE, 3)
folder = HERE / "keras_networks"
folder.mkdir(exist_ok=True)
model.save_weights(folder / "lenet5.weights.h5")
model.save(folder / "lenet5.keras")
x = images(2, SHAPE)
content = {
    "shape": list(x.shape),
    "images": [float(value) for value in x.ravel()],
    "logits": [float(value) for value in model.predict(x, verbose=0).ravel()],
}
(folder / "lenet5.json").write_text(json.dumps(content) + "\n")

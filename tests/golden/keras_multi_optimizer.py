"""Writes keras_multi_optimizer.json: losses and weights of a model that two optimizers train.

    KERAS_BACKEND=tensorflow python tests/golden/keras_multi_optimizer.py
"""
import json
import os
import pathlib

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np

optimizers = keras.optimizers
cases = []
for scale in (None, 8.0):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, name="body"), keras.layers.Dense(2, name="head")])
    chosen = optimizers.OptimizerMap(optimizers.SGD(0.1, 0.9), {".*head/.*": optimizers.Adam(0.01, weight_decay=0.1)})
    model.compile(optimizer=optimizers.MultiOptimizer(chosen, loss_scale_factor=scale), loss="mse")
    model.set_weights([np.sin(np.arange(int(np.prod(w.shape))) + i).reshape(w.shape) for i, w in enumerate(model.weights)])
    x, y = np.cos(np.arange(32.0)).reshape(8, 4), np.sin(np.arange(16) * 3.0).reshape(8, 2)
    history = model.fit(x, y, batch_size=4, epochs=4, shuffle=False, verbose=0)
    cases.append({"scale": scale, "losses": [float(f"{v:.7g}") for v in history.history["loss"]],
                  "weights": [[float(f"{v:.6g}") for v in w.ravel()] for w in model.get_weights()]})
path = pathlib.Path(__file__).with_name("keras_multi_optimizer.json")
part = path.with_suffix(".part")
part.write_text(json.dumps({"keras": keras.__version__, "cases": cases}, indent=1) + "\n")
part.replace(path)
print(path, path.stat().st_size, "bytes")

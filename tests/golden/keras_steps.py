"""Writes keras_steps.json: what one step of SGD makes of keras.applications.ResNet50 and of a small ViT, from weights that
follow from a formula, for tests/keras_style/large_steps.ts.

    KERAS_BACKEND=tensorflow python tests/golden/keras_steps.py
"""
import json
import os
import pathlib

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
import keras
import numpy as np

L = keras.layers


def scattered(shape, i):
    """Values of variance 1 that look random, and are the same in JavaScript; the test repeats them."""
    large = np.sin(np.arange(int(np.prod(shape))) * 12.9898 + i) * 43758.5453
    return ((large - np.floor(large)) * 2 - 1) * np.sqrt(3)


def weight(shape, name, i):
    values = scattered(shape, i)
    if len(shape) > 1:
        values = values * np.sqrt(2 / np.prod(shape[:-1]))
    elif name in ("gamma", "moving_variance"):
        values = 1 + 0.1 * values
    else:
        values = 0.1 * values
    return values.astype("float32").reshape(shape)


def vit():
    images, positions = keras.Input((32, 32, 3), name="images"), keras.Input((16,), name="positions", dtype="int32")
    x = L.Reshape((16, 32))(L.Conv2D(32, 8, strides=8)(images))
    x = L.Add()([x, L.Embedding(16, 32)(positions)])
    for _ in range(2):
        y = L.LayerNormalization(epsilon=1e-6)(x)
        x = L.Add()([L.MultiHeadAttention(4, 8)(y, y), x])
        y = L.LayerNormalization(epsilon=1e-6)(x)
        x = L.Add()([L.Dense(32)(L.Dense(64, activation="gelu")(y)), x])
    x = L.GlobalAveragePooling1D()(L.LayerNormalization(epsilon=1e-6)(x))
    return keras.Model({"images": images, "positions": positions}, L.Dense(10, activation="softmax")(x))


def short(values):
    return [float(f"{v:.6g}") for v in np.ravel(values)]


def step(model, x):
    model.set_weights([weight(w.shape, w.name, i) for i, w in enumerate(model.weights)])
    before = model.get_weights()
    model.compile(keras.optimizers.SGD(0.01, momentum=0.9), "sparse_categorical_crossentropy")
    loss = float(model.train_on_batch(x, np.array([1, 7, 3, 0])))
    after = model.get_weights()
    return {
        "loss": loss,
        # How far each weight went, and its middle value afterwards.
        "changes": short([np.linalg.norm((a - b).ravel().astype("float64")) for a, b in zip(after, before)]),
        "middle": short([a.ravel()[a.size // 2] for a in after]),
        "predictions": short(model(x, training=False)),
    }


images = scattered((4, 64, 64, 3), 0.5).astype("float32").reshape(4, 64, 64, 3)
golden = {"resnet50": step(keras.applications.ResNet50(weights=None, input_shape=(64, 64, 3), classes=10), images)}
patches = {"images": np.ascontiguousarray(images[:, :32, :32]), "positions": np.tile(np.arange(16), (4, 1))}
golden["vit"] = step(vit(), patches)
path = pathlib.Path(__file__).with_name("keras_steps.json")
path.write_text("{\n" + ",\n".join(f' "{name}": {json.dumps(value)}' for name, value in golden.items()) + "\n}\n")
print(path, path.stat().st_size, "bytes", {name: value["loss"] for name, value in golden.items()})

"""Writes keras_archives/: models as Python's Keras saves them, small, with what they compute, for
tests/keras_style/saving/keras_archives_test.ts.

    KERAS_BACKEND=tensorflow python tests/golden/keras_archives.py

Weights and inputs are sines, so that the files do not depend on anything random. The archives are packed, which Keras' own are
not: they are read all the same, and take less room here.
"""
import io
import json
import math
import os
import pathlib
import zipfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
import keras
import numpy as np

L = keras.layers
FOLDER = pathlib.Path(__file__).parent / "keras_archives"
index = []


def sines(shape, step):
    count = int(np.prod(shape))
    return np.array([math.sin(i * step) for i in range(count)], "float32").reshape(shape)


def fill(model):
    for i, weight in enumerate(model.weights):
        values = sines(weight.shape, 1.7 + 0.1 * i) * 0.4
        weight.assign(np.abs(values) + 0.2 if "variance" in weight.name else values)


def outputs_of(model, inputs):
    outputs = model(inputs, training=False)
    named = outputs if isinstance(outputs, dict) else {"output": outputs}
    return {name: {"shape": list(y.shape), "values": [float(f"{v:.7g}") for v in np.ravel(y)]} for name, y in named.items()}


def save(name, model, shapes, weights_only=False, **more):
    """shapes: of the inputs, one or by name."""
    inputs = {k: sines(s, 0.7) for k, s in shapes.items()} if isinstance(shapes, dict) else sines(shapes, 0.7)
    if weights_only:
        file = f"{name}.weights.h5"
        model.save_weights(FOLDER / file)
    else:
        file = f"{name}.keras"
        model.save(FOLDER / file)
        packed = io.BytesIO()
        with zipfile.ZipFile(FOLDER / file) as own, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
            for member in own.infolist():
                out.writestr(zipfile.ZipInfo(member.filename), own.read(member), zipfile.ZIP_DEFLATED)
        (FOLDER / file).write_bytes(packed.getvalue())
    index.append({"file": file, "inputs": shapes, "outputs": outputs_of(model, inputs), **more})


keras.utils.set_random_seed(1)
x4 = [[math.sin((4 * i + k) * 0.9) for k in range(4)] for i in range(6)]
labels = [0, 1, 1, 0, 1, 0]
for optimizer in (keras.optimizers.Adam(0.05, amsgrad=True), keras.optimizers.RMSprop(0.01, momentum=0.5, centered=True),
                  keras.optimizers.Muon(0.05), keras.optimizers.ScheduleFreeAdamW(0.05)):
    keras.utils.clear_session(free_memory=False)
    model = keras.Sequential([keras.Input((4,)), L.Dense(3, activation="relu", kernel_regularizer="l2"), L.BatchNormalization(),
                              L.Dropout(0.0), L.Dense(2, activation="softmax")])
    fill(model)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy", keras.metrics.SparseCategoricalAccuracy(name="other")])
    fit = lambda: model.fit(np.array(x4, "float32"), np.array(labels), epochs=2, shuffle=False, batch_size=3, verbose=0).history["loss"]
    fit()
    name = f"trained_{optimizer.name}"
    save(name, model, [2, 4])
    # What training goes on with, from the file. Keras' ScheduleFreeAdamW reads what it has changed already: see keras_optimizers.py.
    if not isinstance(optimizer, keras.optimizers.ScheduleFreeAdamW):
        index[-1]["next"] = {"x": x4, "y": labels, "loss": [float(f"{v:.7g}") for v in fit()]}

keras.utils.clear_session(free_memory=False)
a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
shared = L.Dense(3, name="shared")
x = keras.ops.mean(shared(a) * 2 + shared(b), axis=-1, keepdims=True)
joined = keras.ops.concatenate([shared(a)[:, 1:], keras.ops.reshape(shared(b), (-1, 3))], axis=1)
model = keras.Model([a, b], {"x": x, "y": keras.ops.relu(joined) / 3, "z": L.Concatenate()([shared(a), shared(b)])})
fill(model)
save("functional", model, {"a": [2, 4], "b": [2, 4]})

keras.utils.clear_session(free_memory=False)
o = keras.ops
a, b = keras.Input((3, 4), batch_size=2, name="a"), keras.Input((3, 4), batch_size=2, name="b")
image = o.reshape(a, (2, 2, 3, 2))
computed = [
    1 / (a + 2), a / (b + 2), o.nan_to_num(o.log(a), nan=1.0, neginf=-2.0), o.hard_shrink(a, 0.3), o.soft_shrink(a), o.squareplus(a, 2), o.threshold(a, 0.5, -1.0),
    o.max(a, axis=1, initial=0.9), o.expand_dims(a, (1, -1)), o.pad(a, ((0, 0), (1, 2), (0, 1))), o.pad(a, ((0, 0), (1, 1), (1, 1)), mode="reflect"),
    o.pad(a, ((0, 0), (1, 1), (0, 0)), constant_values=3.0), o.ones_like(a, dtype="int32"), o.full_like(a, 2), a[:, ::-1], a[:, 2:0:-1, ::-2],
    a @ o.ones((4, 2)), o.tensordot(a, o.ones((4, 2)), axes=1), o.take(a, [2, 0], axis=1), o.sort(a, axis=1), o.argsort(a), o.diff(a, n=2, axis=1),
    o.count_nonzero(a > 0, axis=1), o.trace(a, axis1=1, axis2=2), o.average(a, axis=1, weights=abs(b) + 1), o.quantile(a, 0.3, axis=1),
    *o.moments(a, [1]), o.max_pool(image, 2), o.average_pool(image, (2, 1), strides=1, padding="same"), o.conv(image, o.ones((2, 2, 2, 3)), padding="same"),
    o.space_to_depth(o.reshape(a, (2, 2, 2, 3)), 2), o.where(a > b, x1=a, x2=b),
]
model = keras.Model([a, b], {f"{i:02d}": o.cast(y, "float32") for i, y in enumerate(computed)})
save("operations", model, {"a": [2, 3, 4], "b": [2, 3, 4]})

keras.utils.clear_session(free_memory=False)
model = keras.Sequential([keras.Input((5, 4)), L.Masking(), L.Bidirectional(L.LSTM(2, return_sequences=True, dropout=0.1)),
                          L.RNN([L.GRUCell(2), L.LSTMCell(3)], return_sequences=True), L.TimeDistributed(L.Dense(2)),
                          L.SpectralNormalization(L.Conv1D(2, 1)), L.GRU(2, reset_after=False)])
fill(model)
save("recurrent", model, [2, 5, 4])

keras.utils.clear_session(free_memory=False)
i = keras.Input((5,))
x = L.Embedding(7, 4)(i)
x = x + L.MultiHeadAttention(2, 3, dropout=0.1)(x, x, use_causal_mask=True)
x = L.LayerNormalization(epsilon=1e-6)(x)
x = L.GroupQueryAttention(2, 4, 2)(x, x)
x = L.Dense(4, activation="gelu")(x[:, 0])
model = keras.Model(i, x)
fill(model)
save("attention", model, [2, 5])

keras.utils.clear_session(free_memory=False)
normalization = L.Normalization()
normalization.adapt(np.arange(12.0).reshape(4, 3) ** 1.5)
i = keras.Input((3,))
encoded = L.CategoryEncoding(num_tokens=4, output_mode="multi_hot")(L.Discretization([-0.5, 0.0, 0.5])(i))
save("preprocessing", keras.Model(i, L.Concatenate()([normalization(i), encoded, L.Rescaling(1 / 255.0)(i)])), [2, 3])

keras.utils.clear_session(free_memory=False)
i = keras.Input((8, 8, 3))
x = L.RandomFlip("horizontal")(i)
x = L.Conv2D(4, 3, padding="same", use_bias=False, kernel_initializer="he_normal")(x)
skip = x = L.BatchNormalization()(x)
x = L.ReLU(6)(x)
x = L.DepthwiseConv2D(3, padding="same")(x)
x = L.Add()([x, skip])
x = L.MaxPooling2D(2)(x)
x = L.SeparableConv2D(4, 3)(x)
x = L.Conv2DTranspose(3, 2, strides=2)(L.ZeroPadding2D(1)(x))
x = L.GroupNormalization(3)(L.PReLU(shared_axes=[1, 2])(x))
model = keras.Model(i, L.Dense(2, activation="softmax")(L.GlobalAveragePooling2D()(x)))
fill(model)
save("convolutions", model, [1, 8, 8, 3])

keras.utils.clear_session(free_memory=False)
inner = keras.Sequential([keras.Input((3,)), L.Dense(2, activation="relu")], name="inner")
i = keras.Input((3,))
middle = keras.Model(i, L.Dense(3)(inner(i)), name="middle")
o = keras.Input((3,))
twice = middle(L.add([middle(o), o]))
tail = keras.Sequential([L.Dense(2), L.Softmax()], name="tail")
model = keras.Model(o, {"middle": twice, "tail": tail(twice)})
fill(model)
save("nested", model, [2, 3])


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


keras.utils.clear_session(free_memory=False)
model = keras.Sequential([keras.Input((4,)), Scaled(3), L.Dense(2)])
fill(model)
save("custom", model, [2, 4])


@keras.saving.register_keras_serializable("mine")
class Größe(Scaled):
    """Names of every script."""

    def __init__(self, units, **others):
        super().__init__(units, **others)
        self.über_länge = L.Dense(units)

    def build(self, shape):
        super().build(shape)
        self.über_länge.build(shape)

    def call(self, x):
        return super().call(x) + self.über_länge(x)


keras.utils.clear_session(free_memory=False)
model = keras.Sequential([keras.Input((4,), name="eingang ä"), Größe(3), Größe(3, name="日本 b"), L.Dense(2, name="größe 😀")], name="mein modell")
fill(model)
save("named", model, [2, 4])


class Blocks(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense1 = L.Dense(3)
        self.z_dense = L.Dense(2)
        self.blocks = [L.Dense(2), L.Dense(2), [L.Dense(2)]]
        self._own = L.Dense(2)
        self.named = {"a": L.Dense(2)}

    def call(self, x):
        x = self.z_dense(self.dense1(x))
        for block in self.blocks[:2]:
            x = block(x)
        return self.named["a"](self._own(self.blocks[2][0](x)))


keras.utils.clear_session(free_memory=False)
model = Blocks()
model(np.ones((1, 4), "float32"))
fill(model)
save("subclass", model, [2, 4], weights_only=True)

# Files of Keras 2: a whole model, and weights alone, as Keras publishes those of keras.applications.
from keras.src.legacy.saving import legacy_h5_format
import h5py

keras.utils.clear_session(free_memory=False)
within = keras.Sequential([keras.Input((3,)), L.Dense(3, activation="relu"), L.BatchNormalization()])
model = keras.Sequential([keras.Input((4,)), L.Dense(3), L.BatchNormalization(), within, L.Dropout(0.5), L.Dense(2)])
fill(model)
model.save(FOLDER / "legacy_model.h5")
with h5py.File(FOLDER / "legacy_weights.h5", "w") as file:
    legacy_h5_format.save_weights_to_hdf5_group(file, model)
for name in ("legacy_model.h5", "legacy_weights.h5"):
    index.append({"file": name, "inputs": [2, 4], "outputs": outputs_of(model, sines([2, 4], 0.7))})

# A model within that was frozen when it was saved: its weights lie in another order.
keras.utils.clear_session(free_memory=False)
within = keras.Sequential([keras.Input((4,)), L.Dense(3), L.BatchNormalization(), L.Dense(3)])
within.trainable = False
model = keras.Sequential([keras.Input((4,)), within, L.Dense(2)])
fill(model)
with h5py.File(FOLDER / "legacy_frozen.h5", "w") as file:
    legacy_h5_format.save_weights_to_hdf5_group(file, model)
index.append({"file": "legacy_frozen.h5", "inputs": [2, 4], "outputs": outputs_of(model, sines([2, 4], 0.7))})

# Half precision; what is refused: settings that this idiom has not.
keras.utils.clear_session(free_memory=False)
half = keras.Sequential([keras.Input((4,)), L.Dense(2, dtype="mixed_float16")])
(FOLDER / "half.json").write_text(half.to_json())

(FOLDER / "index.json").write_text("[\n" + ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in index) + "\n]\n")
print(sum(path.stat().st_size for path in FOLDER.iterdir()), "bytes,", len(index), "files")

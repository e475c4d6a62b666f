"""Writes keras_mixed_precision.json: what layers give under short policies, and trainings whose losses are scaled.

    KERAS_BACKEND=tensorflow python tests/golden/keras_mixed_precision.py
"""
import json
import os
import pathlib

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import keras
import numpy as np

L = keras.layers
IMAGE, ROWS, STEPS = (2, 6, 6, 4), (3, 8), (2, 5, 4)
# Class, its arguments, the input's shape, whether it is being trained.
LAYERS = [
    ["Dense", {"units": 5, "activation": "gelu"}, ROWS, False],
    ["Conv2D", {"filters": 3, "kernel_size": 3, "activation": "relu"}, IMAGE, False],
    ["Conv2DTranspose", {"filters": 3, "kernel_size": 3, "strides": 2}, IMAGE, False],
    ["DepthwiseConv2D", {"kernel_size": 3}, IMAGE, False],
    ["SeparableConv2D", {"filters": 3, "kernel_size": 3}, IMAGE, False],
    ["BatchNormalization", {}, IMAGE, True],
    ["BatchNormalization", {}, IMAGE, False],
    ["LayerNormalization", {}, ROWS, False],
    ["GroupNormalization", {"groups": 2}, IMAGE, False],
    ["RMSNormalization", {}, ROWS, False],
    ["UnitNormalization", {}, ROWS, False],
    ["MaxPooling2D", {}, IMAGE, False],
    ["AveragePooling2D", {"padding": "same", "pool_size": 3}, IMAGE, False],
    ["GlobalAveragePooling2D", {}, IMAGE, False],
    ["UpSampling2D", {"interpolation": "bilinear"}, IMAGE, False],
    ["Resizing", {"height": 3, "width": 4}, IMAGE, False],
    ["ZeroPadding2D", {}, IMAGE, False],
    ["Rescaling", {"scale": 0.3, "offset": 0.1}, IMAGE, False],
    ["Softmax", {}, ROWS, False],
    ["PReLU", {}, ROWS, False],
    ["LeakyReLU", {}, ROWS, False],
    ["ELU", {}, ROWS, False],
    ["Activation", {"activation": "silu"}, ROWS, False],
    ["Dropout", {"rate": 0.5}, ROWS, False],
    ["GaussianNoise", {"stddev": 0.5}, ROWS, False],
    ["Flatten", {}, IMAGE, False],
    ["Embedding", {"input_dim": 6, "output_dim": 3}, (2, 4), False],
    ["SimpleRNN", {"units": 3, "recurrent_initializer": "zeros"}, STEPS, False],
    ["LSTM", {"units": 3, "recurrent_initializer": "zeros"}, STEPS, False],
    ["GRU", {"units": 3, "recurrent_initializer": "zeros", "return_sequences": True}, STEPS, False],
    ["Conv1D", {"filters": 3, "kernel_size": 2}, STEPS, False],
]
POLICIES = ["mixed_float16", "mixed_bfloat16", "bfloat16"]


def wave(shape, phase=0.0, scale=1.0):
    """Values by a formula, the same in the test."""
    count = int(np.prod(shape))
    return (scale * np.sin(0.7 * np.arange(count) + phase)).reshape(shape).astype("float32")


def weights(layer):
    """Scales and variances near 1, all else near 0."""
    for i, weight in enumerate(layer.weights):
        near = 1.0 if any(part in weight.name for part in ("gamma", "variance", "scale")) else 0.0
        weight.assign(near + wave(weight.shape, i, 0.3))


def short(values):
    return [float(f"{v:.5g}") for v in np.asarray(values, "float32").ravel()]


def layer_case(name, config, shape, training, policy):
    keras.config.set_dtype_policy(policy)
    layer = getattr(L, name)(**config)
    x = np.arange(8).reshape(shape) % 6 if name == "Embedding" else wave(shape)
    layer(x)
    weights(layer)
    y = layer(x, training=True) if training else layer(x)
    variables = {keras.backend.standardize_dtype(w.dtype) for w in layer.weights}
    return {"dtype": keras.backend.standardize_dtype(y.dtype), "shape": list(y.shape), "variables": sorted(variables),
            "values": short(keras.ops.cast(y, "float32"))[:48]}


OVERFLOWS = [1, 6]


def training(policy):
    keras.config.set_dtype_policy(policy)
    model = keras.Sequential([
        keras.Input(IMAGE[1:]), L.Conv2D(6, 3, activation="relu"), L.BatchNormalization(), L.MaxPooling2D(),
        L.Flatten(), L.LayerNormalization(), L.Dense(8, activation="gelu"), L.Dense(3, dtype="float32"),
    ])
    inner = keras.optimizers.SGD(0.05, momentum=0.9)
    optimizer = keras.optimizers.LossScaleOptimizer(inner, initial_scale=2.0**10, dynamic_growth_steps=3)
    model.compile(optimizer if policy == "mixed_float16" else inner, keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    weights(model)
    losses, scales = [], []
    for step in range(12):
        x = wave((6, *IMAGE[1:]), step % 3)
        # A gradient of float16 that is infinite, of a loss that is not.
        weight = np.full(6, 1e7 if step in OVERFLOWS and policy == "mixed_float16" else 1.0)
        loss = float(model.train_on_batch(x, np.arange(6) % 3, sample_weight=weight))
        model.reset_metrics()
        losses.append(float(f"{loss:.5g}"))
        scales.append(float(optimizer.dynamic_scale) if policy == "mixed_float16" else 1.0)
    return {"losses": losses, "scales": scales, "logits": short(model.predict(wave(IMAGE), verbose=0)),
            "iterations": int(inner.iterations), "dtypes": [layer.compute_dtype for layer in model.layers]}


path = pathlib.Path(__file__).with_name("keras_mixed_precision.json")
result = {
    "keras": keras.__version__,
    "layers": [{"layer": case, **{policy: layer_case(*case, policy) for policy in POLICIES}} for case in LAYERS],
    "training": {policy: training(policy) for policy in POLICIES},
    "overflows": OVERFLOWS,
}
part = path.with_suffix(".part")
part.write_text(json.dumps(result) + "\n")
part.replace(path)
print(path, path.stat().st_size, "bytes")

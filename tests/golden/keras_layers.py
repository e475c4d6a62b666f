"""Writes keras_layers.json: what Keras 3's layers compute, forward and backward, for tests/keras_style/layers/layers_golden_test.ts.

    KERAS_BACKEND=tensorflow python tests/golden/keras_layers.py

Inputs, weights and upstream gradients follow from formulas (see `spread`), which the test repeats; the file holds layers,
their arguments and results only.
"""

import json
import os
import sys

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
import keras
import numpy as np
import tensorflow as tf

L = keras.layers


def spread(shape, step=37, period=101, scale=1.0):
    """Values in (-scale, scale) that look random and are the same in JavaScript."""
    count = int(np.prod(shape)) if len(shape) else 1
    values = [((i * step + 11) % period) / period * 2 - 1 for i in range(count)]
    return (np.array(values, dtype="float64") * scale).astype("float32").reshape(shape)


CASES = []


def case(name, args=None, shapes=((2, 5),), **options):
    """options: training, weight_scale, integer (largest input + 1), mask (rows of 0 and 1), positive, input_scale."""
    if isinstance(shapes, tuple) and shapes and isinstance(shapes[0], int):
        shapes = (shapes,)
    CASES.append((name, args or {}, [list(s) for s in shapes], options))


SEQ, IMG, VOL = (2, 6, 3), (2, 6, 5, 4), (1, 4, 5, 4, 2)

# Core
for units in (1, 4):
    for use_bias in (True, False):
        case("Dense", dict(units=units, use_bias=use_bias))
for activation in ["relu", "sigmoid", "tanh", "softmax", "gelu", "selu", "elu", "softplus", "hard_sigmoid", "silu",
                   "relu6", "mish", "exponential", "softsign", "log_softmax", "leaky_relu", "hard_silu", "celu"]:
    case("Dense", dict(units=3, activation=activation))
    case("Activation", dict(activation=activation), (2, 3, 4), input_scale=3.0)
case("Dense", dict(units=3), (2, 4, 5))
case("Dense", dict(units=3), (2, 2, 3, 4))
case("Identity", {}, (2, 3))
case("Embedding", dict(input_dim=7, output_dim=3), (2, 4), integer=7)
case("Embedding", dict(input_dim=7, output_dim=1), (3,), integer=7)
case("Embedding", dict(input_dim=5, output_dim=2, mask_zero=True), (2, 3), integer=5)
case("Masking", dict(mask_value=0.0), SEQ)
case("Flatten", {}, (2, 3, 4))
case("Flatten", dict(data_format="channels_first"), (2, 3, 4, 5))
case("Flatten", {}, (3,))
case("Reshape", dict(target_shape=(6, 2)), (2, 3, 4))
case("Reshape", dict(target_shape=(-1, 2)), (2, 3, 4))
case("Permute", dict(dims=(2, 1)), (2, 3, 4))
case("Permute", dict(dims=(3, 1, 2)), (2, 3, 4, 2))
case("RepeatVector", dict(n=3), (2, 4))

# Activations
for args in [{}, dict(max_value=0.5), dict(negative_slope=0.2), dict(threshold=0.3), dict(max_value=6.0),
             dict(max_value=0.6, negative_slope=0.1, threshold=0.2)]:
    case("ReLU", args, (2, 3, 4))
for args in [{}, dict(negative_slope=0.1)]:
    case("LeakyReLU", args, (2, 3, 4))
for args in [{}, dict(alpha=0.5)]:
    case("ELU", args, (2, 3, 4))
for args in [{}, dict(axis=1), dict(axis=[1, 2])]:
    case("Softmax", args, (2, 3, 4))
for args in [{}, dict(shared_axes=[1]), dict(shared_axes=[1, 2])]:
    case("PReLU", args, (2, 3, 4))

# Convolutions
for rank, shape in ((1, SEQ), (2, IMG), (3, VOL)):
    name = f"Conv{rank}D"
    channels = shape[-1]
    for padding in ("valid", "same"):
        case(name, dict(filters=3, kernel_size=3, padding=padding), shape)
        case(name, dict(filters=2, kernel_size=2, strides=2, padding=padding), shape)
        case(name, dict(filters=2, kernel_size=3, strides=2, padding=padding), shape)
        case(name, dict(filters=2, kernel_size=2, dilation_rate=2, padding=padding), shape)
    case(name, dict(filters=2, kernel_size=1, use_bias=False), shape)
    case(name, dict(filters=2, kernel_size=2, activation="relu"), shape)
    # As many filters as steps would not do: Keras 3.15 adds the bias along the steps then.
    case(name, dict(filters=5, kernel_size=2, data_format="channels_first"), (2, 3, 5, 4, 4)[: rank + 2])
    case(name, dict(filters=2 * channels, kernel_size=2, groups=channels), shape)
    case(f"Conv{rank}DTranspose", dict(filters=3, kernel_size=3), shape)
    for padding in ("valid", "same"):
        case(f"Conv{rank}DTranspose", dict(filters=2, kernel_size=3, strides=2, padding=padding), shape)
        case(f"Conv{rank}DTranspose", dict(filters=2, kernel_size=2, strides=3, padding=padding), shape)
    case(f"Conv{rank}DTranspose", dict(filters=2, kernel_size=3, strides=2, padding="same", output_padding=0), shape)
    case(f"Conv{rank}DTranspose", dict(filters=2, kernel_size=3, strides=2, padding="same", output_padding=1), shape)
    case(f"Conv{rank}DTranspose", dict(filters=2, kernel_size=2, use_bias=False, activation="tanh"), shape)
case("Conv1D", dict(filters=2, kernel_size=3, padding="causal"), SEQ)
case("Conv1D", dict(filters=2, kernel_size=2, padding="causal", dilation_rate=2), SEQ)
case("Conv1D", dict(filters=2, kernel_size=2, padding="causal", strides=2), SEQ)
case("Conv2D", dict(filters=2, kernel_size=(3, 2), strides=(1, 2), padding="same"), IMG)
case("Conv2D", dict(filters=2, kernel_size=(3, 2), dilation_rate=(1, 2), padding="same"), IMG)
case("Conv2D", dict(filters=4, kernel_size=2, groups=2), IMG)
case("Conv2D", dict(filters=6, kernel_size=3, groups=2, padding="same", strides=2), IMG)
case("Conv2DTranspose", dict(filters=1, kernel_size=3, dilation_rate=2), IMG)
case("Conv2DTranspose", dict(filters=2, kernel_size=(2, 3), strides=(2, 1), padding="same"), IMG)
for rank, shape in ((1, SEQ), (2, IMG)):
    for name in (f"DepthwiseConv{rank}D", f"SeparableConv{rank}D"):
        more = dict(filters=3) if name.startswith("Sep") else {}
        for padding in ("valid", "same"):
            case(name, dict(kernel_size=3, padding=padding, **more), shape)
            case(name, dict(kernel_size=2, strides=2, padding=padding, **more), shape)
            case(name, dict(kernel_size=2, dilation_rate=2, padding=padding, **more), shape)
        case(name, dict(kernel_size=2, depth_multiplier=2, **more), shape)
        case(name, dict(kernel_size=2, use_bias=False, activation="relu", **more), shape)
case("DepthwiseConv2D", dict(kernel_size=(2, 3), dilation_rate=(1, 2), padding="same"), IMG)

# Pooling
for rank, shape in ((1, SEQ), (2, IMG), (3, VOL)):
    for kind in ("Max", "Average"):
        name = f"{kind}Pooling{rank}D"
        case(name, {}, shape)
        for padding in ("valid", "same"):
            case(name, dict(pool_size=3, strides=1, padding=padding), shape)
            case(name, dict(pool_size=2, strides=2, padding=padding), shape)
            case(name, dict(pool_size=3, strides=2, padding=padding), shape)
        case(name, dict(pool_size=2, data_format="channels_first"), (2, 3, 5, 4, 4)[: rank + 2])
        case(f"Global{kind}Pooling{rank}D", {}, shape)
        case(f"Global{kind}Pooling{rank}D", dict(keepdims=True), shape)
        case(f"Global{kind}Pooling{rank}D", dict(data_format="channels_first"), shape)
case("MaxPooling2D", dict(pool_size=(2, 3), strides=(1, 2)), IMG)
case("AveragePooling2D", dict(pool_size=(2, 3), strides=(1, 2), padding="same"), IMG)
case("GlobalAveragePooling1D", {}, SEQ, mask=[[1, 1, 0, 1, 0, 0], [1, 1, 1, 1, 1, 0]])

# Edges and sizes
for rank, shape in ((1, SEQ), (2, IMG), (3, VOL)):
    case(f"ZeroPadding{rank}D", {}, shape)
    case(f"ZeroPadding{rank}D", dict(padding=2), shape)
    case(f"Cropping{rank}D", dict(cropping=1), shape)
    case(f"UpSampling{rank}D", {}, shape)
    case(f"UpSampling{rank}D", dict(size=3), shape)
case("ZeroPadding1D", dict(padding=(1, 2)), SEQ)
case("ZeroPadding2D", dict(padding=((1, 0), (2, 1))), IMG)
case("ZeroPadding2D", dict(padding=(1, 2), data_format="channels_first"), IMG)
case("ZeroPadding3D", dict(padding=((1, 0), (0, 1), (2, 0))), VOL)
case("Cropping1D", dict(cropping=(2, 1)), SEQ)
case("Cropping2D", dict(cropping=((1, 0), (2, 1))), IMG)
case("Cropping2D", dict(cropping=(1, 1), data_format="channels_first"), IMG)
case("UpSampling2D", dict(size=(1, 3), data_format="channels_first"), IMG)
for interpolation in ("bilinear", "bicubic", "lanczos3", "lanczos5"):
    case("UpSampling2D", dict(size=2, interpolation=interpolation), IMG)
for interpolation in ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"):
    case("Resizing", dict(height=9, width=4, interpolation=interpolation), IMG)
    case("Resizing", dict(height=3, width=7, interpolation=interpolation), IMG)
case("Resizing", dict(height=3, width=3, antialias=True), IMG)
case("Resizing", dict(height=4, width=4, crop_to_aspect_ratio=True), IMG)
case("Resizing", dict(height=8, width=4, pad_to_aspect_ratio=True), IMG)
case("Rescaling", dict(scale=2.0, offset=-1.0), IMG)
case("Rescaling", dict(scale=[1.0, 2.0, 3.0, 4.0]), IMG)

# Normalization
for training in (False, True):
    for args in [{}, dict(scale=False), dict(center=False), dict(scale=False, center=False), dict(momentum=0.5, epsilon=0.1)]:
        case("BatchNormalization", args, IMG, training=training)
    case("BatchNormalization", dict(axis=1), (2, 3, 4), training=training)
    case("BatchNormalization", {}, (5, 3), training=training)
case("BatchNormalization", dict(trainable=False), (5, 3), training=True)
case("BatchNormalization", {}, SEQ, training=True, mask=[[1, 1, 0, 1, 0, 0], [1, 1, 1, 1, 1, 0]])
for args in [{}, dict(scale=False), dict(center=False), dict(epsilon=0.1)]:
    case("LayerNormalization", args, SEQ)
case("LayerNormalization", dict(axis=1), SEQ)
case("LayerNormalization", dict(axis=[1, 2]), SEQ)
case("LayerNormalization", dict(axis=[2, 3]), IMG)

# Merging
for name in ("Add", "Average", "Maximum", "Minimum", "Multiply"):
    case(name, {}, ((2, 3), (2, 3)))
    case(name, {}, ((2, 3, 4), (2, 3, 4), (2, 3, 4)))
    case(name, {}, ((2, 3, 4), (2, 1, 4)))
case("Subtract", {}, ((2, 3), (2, 3)))
# The second axis would fit the rows' first one, too.
for name in ("Add", "Average", "Maximum", "Minimum", "Multiply"):
    case(name, {}, ((4, 4, 3), (4, 3)))
case("Subtract", {}, ((4, 3), (4, 4, 3)))
case("Add", {}, ((2, 3, 4), (2, 4), (2, 1)))
case("Concatenate", {}, ((2, 3), (2, 4)))
case("Concatenate", dict(axis=1), ((2, 3, 4), (2, 2, 4)))
case("Concatenate", dict(axis=-2), ((2, 3, 4), (2, 2, 4)))
case("Dot", dict(axes=1), ((2, 3), (2, 3)))
case("Dot", dict(axes=1, normalize=True), ((2, 3), (2, 3)))
case("Dot", dict(axes=(2, 1)), ((2, 4, 3), (2, 3, 5)))
case("Dot", dict(axes=(1, 2)), ((2, 3, 4), (2, 5, 3)))
case("Dot", dict(axes=-1), ((2, 4, 3), (2, 5, 3)))

# Recurrent
MASK = [[1, 1, 0, 1, 0, 0], [0, 1, 1, 1, 1, 1]]
for name in ("SimpleRNN", "LSTM", "GRU"):
    case(name, dict(units=3), SEQ)
    case(name, dict(units=2, return_sequences=True), SEQ)
    case(name, dict(units=2, return_sequences=True, return_state=True), SEQ)
    case(name, dict(units=2, go_backwards=True, return_sequences=True), SEQ)
    case(name, dict(units=2, use_bias=False), SEQ)
    case(name, dict(units=2, activation="relu"), SEQ)
    case(name, dict(units=2), SEQ, mask=MASK)
    case(name, dict(units=2, return_sequences=True), SEQ, mask=MASK)
    case(name, dict(units=2, return_sequences=True, zero_output_for_mask=True), SEQ, mask=MASK)
case("GRU", dict(units=2, reset_after=False), SEQ)
case("GRU", dict(units=2, reset_after=False, use_bias=False, return_sequences=True), SEQ)
case("LSTM", dict(units=2, recurrent_activation="hard_sigmoid"), SEQ)
case("LSTM", dict(units=2, unit_forget_bias=False), SEQ)

for name, shape in [("ConvLSTM1D", (2, 3, 5, 2)), ("ConvLSTM2D", (1, 3, 5, 4, 2)), ("ConvLSTM3D", (1, 2, 3, 4, 3, 2))]:
    case(name, dict(filters=2, kernel_size=2), shape)
    case(name, dict(filters=2, kernel_size=3, padding="same", return_sequences=True), shape)
    case(name, dict(filters=1, kernel_size=2, return_sequences=True, return_state=True, go_backwards=True), shape)
case("ConvLSTM2D", dict(filters=2, kernel_size=(3, 2), strides=2, padding="same"), (1, 2, 6, 5, 2))
case("ConvLSTM2D", dict(filters=2, kernel_size=2, dilation_rate=2, use_bias=False), (1, 2, 6, 5, 2))
case("ConvLSTM2D", dict(filters=2, kernel_size=2, activation="relu", recurrent_activation="hard_sigmoid"), (1, 3, 4, 4, 2))
case("ConvLSTM1D", dict(filters=2, kernel_size=2), (2, 6, 4, 2), mask=MASK)
case("ConvLSTM1D", dict(filters=2, kernel_size=2, return_sequences=True), (2, 6, 4, 2), mask=MASK)


def inner(class_name, **config):
    return {"__layer__": class_name, "config": config}


for merge_mode in ("concat", "sum", "mul", "ave", None):
    case("Bidirectional", dict(layer=inner("LSTM", units=2), merge_mode=merge_mode), SEQ)
    case("Bidirectional", dict(layer=inner("GRU", units=2, return_sequences=True), merge_mode=merge_mode), SEQ)
case("Bidirectional", dict(layer=inner("LSTM", units=2, return_sequences=True)), SEQ, mask=MASK)
case("Bidirectional", dict(layer=inner("SimpleRNN", units=2, return_state=True)), SEQ)
case("TimeDistributed", dict(layer=inner("Dense", units=2)), SEQ)
case("TimeDistributed", dict(layer=inner("Conv2D", filters=2, kernel_size=2)), (2, 2, 4, 4, 2))
case("TimeDistributed", dict(layer=inner("Flatten")), (2, 3, 2, 2))

case("RNN", dict(cell=inner("LSTMCell", units=2)), SEQ)
case("RNN", dict(cell=[inner("GRUCell", units=3), inner("SimpleRNNCell", units=2)], return_sequences=True), SEQ)
case("RNN", dict(cell=inner("StackedRNNCells", cells=[inner("LSTMCell", units=2), inner("LSTMCell", units=3)])), SEQ)
case("RNN", dict(cell=inner("GRUCell", units=2, reset_after=False), return_state=True), SEQ, mask=MASK)

# Nothing is dropped, and no noise is added, at evaluation
for name, args in [("Dropout", dict(rate=0.5)), ("GaussianDropout", dict(rate=0.5)), ("GaussianNoise", dict(stddev=0.5)),
                   ("AlphaDropout", dict(rate=0.5))]:
    case(name, args, (2, 3, 4), training=False)
case("SpatialDropout1D", dict(rate=0.5), SEQ, training=False)
case("SpatialDropout2D", dict(rate=0.5), IMG, training=False)
case("Dropout", dict(rate=0.0), (2, 3), training=True)

# Channels first, where images are not square
FIRST = (2, 3, 5, 7)
case("DepthwiseConv2D", dict(kernel_size=2, data_format="channels_first"), FIRST)
case("SeparableConv2D", dict(filters=4, kernel_size=2, data_format="channels_first"), FIRST)
case("Conv2DTranspose", dict(filters=4, kernel_size=3, strides=2, padding="same", data_format="channels_first"), FIRST)
case("Conv2D", dict(filters=5, kernel_size=3, strides=2, padding="same", data_format="channels_first"), FIRST)
case("Conv2D", dict(filters=9, kernel_size=2, groups=3, data_format="channels_first"), FIRST)
case("MaxPooling2D", dict(pool_size=3, strides=2, padding="same", data_format="channels_first"), FIRST)
case("AveragePooling2D", dict(pool_size=3, strides=2, padding="same", data_format="channels_first"), FIRST)
case("UpSampling2D", dict(size=2, interpolation="bilinear", data_format="channels_first"), FIRST)
case("Resizing", dict(height=4, width=4, data_format="channels_first"), FIRST)
case("BatchNormalization", dict(axis=1), FIRST, training=True)
case("LayerNormalization", dict(axis=1), FIRST)
case("Permute", dict(dims=(2, 3, 1)), FIRST)
case("Dense", dict(units=2, activation="softmax"), (2, 3, 4))
case("Conv2D", dict(filters=3, kernel_size=(1, 3), strides=(2, 1)), IMG)
case("Conv3D", dict(filters=2, kernel_size=(1, 2, 3), padding="same"), VOL)
case("Reshape", dict(target_shape=(3, -1, 2)), (2, 12))
case("Flatten", {}, (2, 1, 3, 1))


def made(value):
    if isinstance(value, dict) and "__layer__" in value:
        return getattr(L, value["__layer__"])(**{k: made(v) for k, v in value["config"].items()})
    if isinstance(value, (list, tuple)):
        return [made(v) for v in value] if any(isinstance(v, dict) for v in value) else value
    return value


def numbers(tensor):
    """All numbers; of many, every so many-th, and the sum of all with signs that change."""
    values = np.asarray(tensor, dtype="float32").reshape(-1)
    short = lambda v: float(f"{v:.6g}")
    if len(values) <= 30:
        return [short(v) for v in values]
    step = -(-len(values) // 24)
    total = float(np.dot(values.astype("float64"), spread(values.shape, 41, 89).astype("float64")))
    return {"count": len(values), "step": step, "total": short(total), "values": [short(v) for v in values[::step]]}


def run(name, args, shapes, options):
    layer = getattr(L, name)(**{k: made(v) for k, v in args.items()})
    scale = options.get("input_scale", 1.0)
    inputs = []
    for i, shape in enumerate(shapes):
        if "integer" in options:
            count = int(np.prod(shape))
            values = np.array([(3 * k + 1) % options["integer"] for k in range(count)], dtype="int32").reshape(shape)
            inputs.append(tf.constant(values))
        else:
            values = spread(shape, 37 + 2 * i, 101, scale)
            if options.get("positive"):
                values = np.abs(values) + 0.1
            inputs.append(tf.constant(values))
    kwargs = {}
    if "training" in options:
        kwargs["training"] = options["training"]
    if "mask" in options:
        kwargs["mask"] = tf.constant(np.array(options["mask"], dtype=bool))
    given = inputs if len(inputs) > 1 else inputs[0]
    positional = options.get("positional", False)

    def call():
        return layer(*inputs, **kwargs) if positional else layer(given, **kwargs)

    call()
    weights = [spread(w.shape, 23 + 2 * i, 97, 0.5) for i, w in enumerate(layer.weights)]
    # Variances are positive.
    weights = [np.abs(v) + 0.2 if "variance" in w.name else v for v, w in zip(weights, layer.weights)]
    layer.set_weights(weights)
    floats = [x for x in inputs if x.dtype == tf.float32]
    variables = [w.value for w in layer.trainable_weights]
    with tf.GradientTape() as tape:
        for x in floats:
            tape.watch(x)
        outputs = call()
        flat = [o for o in tf.nest.flatten(outputs)]
        loss = sum(
            tf.reduce_sum(tf.cast(o, tf.float32) * spread(o.shape, 41, 89)) for o in flat if o.dtype.is_floating
        ) if any(o.dtype.is_floating for o in flat) else tf.constant(0.0)
    grads = tape.gradient(loss, floats + variables, unconnected_gradients="zero")
    result = {
        "layer": name,
        "args": args,
        "shapes": shapes,
        **({"options": options} if options else {}),
        "outputs": [{"shape": list(o.shape), "values": numbers(o)} for o in flat],
        "weights": [[w.name, list(w.shape)] for w in layer.weights],
        "gradients": [numbers(tf.convert_to_tensor(g)) for g in grads],
    }
    if options.get("training"):
        result["after"] = [numbers(w) for w in layer.get_weights()]
    return result


out = []
for entry in CASES:
    try:
        out.append(run(*entry))
    except Exception as error:  # what Keras itself refuses is no case
        print("left out:", entry[0], entry[1], str(error).split("\n")[0][:150], file=sys.stderr)
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "keras_layers.json")
with open(path, "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in out) + "\n]\n")
print(len(out), "cases,", os.path.getsize(path), "bytes")

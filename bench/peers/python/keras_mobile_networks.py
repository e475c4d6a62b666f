"""Networks of depthwise convolutions in Keras."""
import keras
from keras import layers, ops
from keras_blocks import HE_FAN_OUT, batch_norm, conv_norm, depthwise, pointwise


def relu6(x):
    return layers.ReLU(max_value=6)(x)


def inverted_residual(x, filters, strides, expansion):
    inputs = x.shape[-1]
    expanded = x if expansion == 1 else relu6(pointwise(x, inputs * expansion))
    y = pointwise(relu6(depthwise(expanded, strides)), filters)
    return layers.Add()([x, y]) if strides == 1 and inputs == filters else y


def mobilenetv2(image_shape, classes):
    inputs = keras.Input(image_shape)
    stem = layers.Conv2D(32, 3, padding="same", use_bias=False, kernel_initializer=HE_FAN_OUT)
    x = relu6(batch_norm(stem(inputs)))
    stages = ((1, 16, 1, 1), (6, 24, 2, 1), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))
    for expansion, filters, blocks, stride in stages:
        for i in range(blocks):
            x = inverted_residual(x, filters, stride if i == 0 else 1, expansion)
    x = layers.GlobalAveragePooling2D()(relu6(pointwise(x, 1280)))
    x = layers.Dropout(0.2)(x)
    return keras.Model(inputs, layers.Dense(classes, kernel_initializer=keras.initializers.RandomNormal(stddev=0.01))(x))


def shuffle_pointwise(x, filters):
    return layers.ReLU()(pointwise(x, filters))


def shuffle_block(x, filters, strides):
    half = filters // 2
    if strides > 1:
        passing, changed = shuffle_pointwise(depthwise(x, strides), half), x
    else:
        passing, changed = ops.split(x, 2, axis=-1)
    changed = shuffle_pointwise(depthwise(shuffle_pointwise(changed, half), strides), half)
    return layers.Reshape((*passing.shape[1:-1], filters))(ops.stack([passing, changed], axis=-1))


def shufflenetv2(image_shape, classes):
    inputs = keras.Input(image_shape)
    x = layers.ReLU()(conv_norm(inputs, 24, 3, 1, HE_FAN_OUT))
    for filters, blocks in ((116, 4), (232, 8), (464, 4)):
        for i in range(blocks):
            x = shuffle_block(x, filters, 2 if i == 0 else 1)
    x = layers.GlobalAveragePooling2D()(shuffle_pointwise(x, 1024))
    return keras.Model(inputs, layers.Dense(classes)(x))


def silu(x):
    return layers.Activation("silu")(x)


def squeeze_excite(x, squeezed):
    mean = layers.GlobalAveragePooling2D(keepdims=True)(x)
    reduced = layers.Conv2D(squeezed, 1, activation="silu", kernel_initializer=HE_FAN_OUT)(mean)
    weights = layers.Conv2D(x.shape[-1], 1, activation="sigmoid", kernel_initializer=HE_FAN_OUT)(reduced)
    return layers.Multiply()([x, weights])


def mbconv(x, filters, expansion, size, strides, drop_rate):
    inputs = x.shape[-1]
    hidden = x if expansion == 1 else silu(pointwise(x, inputs * expansion))
    padded = hidden if strides == 1 else layers.ZeroPadding2D(size // 2)(hidden)
    padding = "same" if strides == 1 else "valid"
    convolution = layers.DepthwiseConv2D(size, strides, padding, use_bias=False, depthwise_initializer="he_normal")
    y = pointwise(squeeze_excite(silu(batch_norm(convolution(padded))), inputs // 4), filters)
    if strides > 1 or inputs != filters:
        return y
    return layers.Add()([x, layers.Dropout(drop_rate, noise_shape=(None, 1, 1, 1))(y)])


def efficientnet_lite0(image_shape, classes):
    stages = (
        (1, 16, 1, 1, 3), (6, 24, 2, 1, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3), (6, 112, 3, 1, 5), (6, 192, 4, 2, 5),
        (6, 320, 1, 1, 3),
    )
    inputs = keras.Input(image_shape)
    x, done = silu(conv_norm(inputs, 32, 3, 1, HE_FAN_OUT)), 0
    for expansion, filters, blocks, strides, size in stages:
        for i in range(blocks):
            x = mbconv(x, filters, expansion, size, strides if i == 0 else 1, 0.2 * done / 16)
            done += 1
    x = layers.GlobalAveragePooling2D()(silu(pointwise(x, 1280)))
    return keras.Model(inputs, layers.Dense(classes)(layers.Dropout(0.2)(x)))

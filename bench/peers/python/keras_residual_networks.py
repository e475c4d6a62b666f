"""Residual and dense networks in Keras."""
import keras
from keras import layers, ops
from keras_blocks import HE_FAN_OUT, batch_norm, conv_norm


@keras.saving.register_keras_serializable()
class PadChannels(layers.Layer):
    def __init__(self, before, after):
        super().__init__()
        self.before, self.after = before, after

    def call(self, x):
        return ops.pad(x, [[0, 0], [0, 0], [0, 0], [self.before, self.after]])

    def compute_output_shape(self, shape):
        return (*shape[:-1], shape[-1] + self.before + self.after)


def cifar_block(x, filters, strides):
    hidden = layers.ReLU()(conv_norm(x, filters, 3, strides))
    y = conv_norm(hidden, filters, 3)
    missing = filters - x.shape[-1]
    if strides > 1:
        x = layers.MaxPooling2D(1, strides)(x)
    if missing:
        x = PadChannels(missing // 2, missing - missing // 2)(x)
    return layers.ReLU()(layers.Add()([y, x]))


def resnet20(image_shape, classes, blocks=3):
    inputs = keras.Input(image_shape)
    x = layers.ReLU()(conv_norm(inputs, 16, 3))
    for filters in (16, 32, 64):
        for i in range(blocks):
            x = cifar_block(x, filters, 2 if filters > 16 and i == 0 else 1)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(classes, kernel_initializer="he_normal")(x))


def resnet56(image_shape, classes):
    return resnet20(image_shape, classes, blocks=9)


def basic_block(x, filters, strides):
    hidden = layers.ReLU()(conv_norm(x, filters, 3, strides, HE_FAN_OUT))
    y = conv_norm(hidden, filters, 3, 1, HE_FAN_OUT)
    is_same = strides == 1 and x.shape[-1] == filters
    shortcut = x if is_same else conv_norm(x, filters, 1, strides, HE_FAN_OUT)
    return layers.ReLU()(layers.Add()([y, shortcut]))


def resnet18(image_shape, classes):
    inputs = keras.Input(image_shape)
    x = layers.ReLU()(conv_norm(inputs, 64, 3, 1, HE_FAN_OUT))
    for filters in (64, 128, 256, 512):
        x = basic_block(x, filters, 2 if filters > 64 else 1)
        x = basic_block(x, filters, 1)
    return keras.Model(inputs, layers.Dense(classes)(layers.GlobalAveragePooling2D()(x)))


def plain_conv(x, filters, size, strides=1, initializer=HE_FAN_OUT):
    padded = x if size == 1 or strides == 1 else layers.ZeroPadding2D(1)(x)
    padding = "same" if strides == 1 else "valid"
    return layers.Conv2D(filters, size, strides, padding, use_bias=False, kernel_initializer=initializer)(padded)


def norm_relu(x):
    return layers.ReLU()(batch_norm(x))


def wide_block(x, filters, strides):
    is_same = strides == 1 and x.shape[-1] == filters
    active = norm_relu(x)
    y = plain_conv(norm_relu(plain_conv(active, filters, 3, strides)), filters, 3)
    return layers.Add()([y, x if is_same else plain_conv(active, filters, 1, strides)])


def wide_resnet16_4(image_shape, classes):
    inputs = keras.Input(image_shape)
    x = plain_conv(inputs, 16, 3)
    for filters, strides in ((64, 1), (128, 2), (256, 2)):
        x = wide_block(wide_block(x, filters, strides), filters, 1)
    x = layers.GlobalAveragePooling2D()(norm_relu(x))
    return keras.Model(inputs, layers.Dense(classes)(x))


def densenet40_12(image_shape, classes, growth=12):
    inputs = keras.Input(image_shape)
    x = plain_conv(inputs, 16, 3, 1, "he_normal")
    for block in range(3):
        if block > 0:
            x = layers.AveragePooling2D(2)(plain_conv(norm_relu(x), x.shape[-1], 1, 1, "he_normal"))
        for _ in range(12):
            x = layers.Concatenate()([x, plain_conv(norm_relu(x), growth, 3, 1, "he_normal")])
    x = layers.GlobalAveragePooling2D()(norm_relu(x))
    return keras.Model(inputs, layers.Dense(classes)(x))

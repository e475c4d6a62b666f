"""Parts of several networks in Keras."""
import keras
from keras import layers

HE_FAN_OUT = keras.initializers.VarianceScaling(2.0, "fan_out", "untruncated_normal")
SMALL = keras.initializers.TruncatedNormal(stddev=0.02)


def batch_norm(x):
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(x)


def conv_norm(x, filters, size, strides=1, initializer="he_normal"):
    padded = x if size == 1 else layers.ZeroPadding2D(1)(x)
    convolution = layers.Conv2D(filters, size, strides, use_bias=False, kernel_initializer=initializer)
    return batch_norm(convolution(padded))


def pointwise(x, filters):
    return conv_norm(x, filters, 1, 1, HE_FAN_OUT)


def depthwise(x, strides):
    padded = layers.ZeroPadding2D(1)(x)
    return batch_norm(layers.DepthwiseConv2D(3, strides, use_bias=False, depthwise_initializer="he_normal")(padded))


def layer_norm(x):
    return layers.LayerNormalization(epsilon=1e-6)(x)


def gelu(x):
    return keras.activations.gelu(x, approximate=False)

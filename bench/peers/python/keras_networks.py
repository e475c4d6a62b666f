"""The networks of bench/models in Keras: the same layers, made in the same order, as the folders' keras.ts.

Each function takes the images' shape [height, width, channels] and the number of classes.
"""
import keras
from keras import layers, ops
from keras_blocks import HE_FAN_OUT, batch_norm, gelu
from keras_mobile_networks import efficientnet_lite0, mobilenetv2, shufflenetv2
from keras_patch_networks import convnext_pico, mlp_mixer, vit_tiny
from keras_residual_networks import densenet40_12, resnet18, resnet20, resnet56, wide_resnet16_4


def published_cnn(image_shape, classes):
    convolution = {"kernel_size": 3, "padding": "same", "activation": "relu"}
    return keras.Sequential([
        keras.Input(image_shape),
        layers.Conv2D(32, **convolution),
        layers.MaxPooling2D(2),
        layers.Conv2D(64, **convolution),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(100, activation="relu"),
        layers.Dropout(0.5),
        layers.Dense(classes),
    ])


def mlp(image_shape, classes):
    return keras.Sequential([
        keras.Input(image_shape),
        layers.Flatten(),
        layers.Dense(512, activation="relu"),
        layers.Dense(512, activation="relu"),
        layers.Dense(classes),
    ])


def lenet5(image_shape, classes):
    return keras.Sequential([
        keras.Input(image_shape),
        layers.Conv2D(6, 5, activation="tanh"),
        layers.AveragePooling2D(2),
        layers.Conv2D(16, 5, activation="tanh"),
        layers.AveragePooling2D(2),
        layers.Flatten(),
        layers.Dense(120, activation="tanh"),
        layers.Dense(84, activation="tanh"),
        layers.Dense(classes),
    ])


def vgg11_bn(image_shape, classes):
    features = []
    for entry in (64, "pool", 128, "pool", 256, 256, "pool", 512, 512, "pool", 512, 512, "pool"):
        if entry == "pool":
            features.append(layers.MaxPooling2D())
            continue
        features.append(layers.Conv2D(entry, 3, padding="same", kernel_initializer=HE_FAN_OUT))
        features.append(layers.BatchNormalization(momentum=0.9, epsilon=1e-5))
        features.append(layers.ReLU())
    return keras.Sequential([
        keras.Input(image_shape), *features, layers.GlobalAveragePooling2D(), layers.Dense(classes),
    ])


def conv_relu(x, filters, size):
    convolved = layers.Conv2D(filters, size, padding="same", use_bias=False)(x)
    return layers.ReLU()(batch_norm(convolved))


def pool(x, strides):
    if strides == 1:
        return layers.MaxPooling2D(3, strides, padding="same")(x)
    return layers.MaxPooling2D(3, strides)(layers.ZeroPadding2D(1)(x))


def inception(x, one, three, five, pooled):
    return layers.Concatenate()([
        conv_relu(x, one, 1),
        conv_relu(conv_relu(x, three[0], 1), three[1], 3),
        conv_relu(conv_relu(x, five[0], 1), five[1], 5),
        conv_relu(pool(x, 1), pooled, 1),
    ])


def googlenet(image_shape, classes):
    inputs = keras.Input(image_shape)
    x = conv_relu(inputs, 192, 3)
    x = inception(x, 64, (96, 128), (16, 32), 32)
    x = pool(inception(x, 128, (128, 192), (32, 96), 64), 2)
    x = inception(x, 192, (96, 208), (16, 48), 64)
    x = inception(x, 160, (112, 224), (24, 64), 64)
    x = inception(x, 128, (128, 256), (24, 64), 64)
    x = inception(x, 112, (144, 288), (32, 64), 64)
    x = pool(inception(x, 256, (160, 320), (32, 128), 128), 2)
    x = inception(x, 256, (160, 320), (32, 128), 128)
    x = inception(x, 384, (192, 384), (48, 128), 128)
    x = layers.Dropout(0.2)(layers.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, layers.Dense(classes)(x))


def as_torch():
    """As PyTorch draws the weights of convolutions and dense layers."""
    return keras.initializers.VarianceScaling(1 / 3, distribution="uniform")


@keras.saving.register_keras_serializable()
class PartialDirac(keras.initializers.Initializer):
    """As PyTorch draws a convolution's weights, but the first filters hand the channels on."""

    def __call__(self, shape, dtype=None):
        height, width, inputs, filters = shape
        others = as_torch()
        first = ops.zeros(shape, dtype)
        eye = ops.eye(inputs, filters, dtype=dtype)[None, None]
        first = ops.slice_update(first, (height // 2, width // 2, 0, 0), eye)
        return ops.where(ops.arange(filters) < inputs, first, others(shape, dtype))


def airbench_conv(x, filters):
    convolution = layers.Conv2D(filters, 3, padding="same", use_bias=False, kernel_initializer=PartialDirac())
    return convolution(x)


def norm_gelu(x):
    norm = layers.BatchNormalization(momentum=0.6, epsilon=1e-12, scale=False)
    return layers.Activation(gelu)(norm(x))


def airbench94(image_shape, classes):
    inputs = keras.Input(image_shape)
    whiten = layers.Conv2D(8 * image_shape[-1], 2, kernel_initializer="he_normal")
    x = layers.Activation(gelu)(whiten(inputs))
    whiten.kernel.trainable = False
    for filters in (64, 256, 256):
        x = norm_gelu(layers.MaxPooling2D(2)(airbench_conv(x, filters)))
        x = norm_gelu(airbench_conv(x, filters))
    head = layers.Dense(classes, use_bias=False, kernel_initializer=as_torch())
    x = head(layers.GlobalMaxPooling2D()(x))
    return keras.Model(inputs, layers.Rescaling(1 / 9)(x))


NETWORKS = {
    function.__name__: function
    for function in (
        published_cnn, mlp, resnet20, resnet56, resnet18, vgg11_bn, mobilenetv2, googlenet, convnext_pico, vit_tiny,
        airbench94, lenet5, mlp_mixer, wide_resnet16_4, densenet40_12, shufflenetv2, efficientnet_lite0,
    )
}


def build(name, image_shape, classes):
    """The network for images [height, width, channels]."""
    return NETWORKS[name](tuple(image_shape), classes)


def without_dropout(model):
    """Leaves nothing out any more, so that a step is the same everywhere."""
    for layer in model.layers:
        if isinstance(layer, layers.Dropout):
            layer.rate = 0
    return model

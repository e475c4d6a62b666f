"""Networks that read images patch by patch in Keras."""
import keras
from keras import layers, ops
from keras_blocks import SMALL, gelu, layer_norm


class LayerScale(layers.Layer):
    def build(self, shape):
        self.gamma = self.add_weight(shape=(shape[-1],), initializer=keras.initializers.Constant(1e-6), name="gamma")

    def call(self, x):
        return x * self.gamma


def small_dense(x, units, activation=None):
    return layers.Dense(units, activation=activation, kernel_initializer=SMALL)(x)


def convnext_block(x, channels, drop_rate):
    spatial = layers.DepthwiseConv2D(7, padding="same", depthwise_initializer=SMALL)(x)
    hidden = layers.Activation(gelu)(small_dense(layer_norm(spatial), 4 * channels))
    y = LayerScale()(small_dense(hidden, channels))
    if drop_rate:
        y = layers.Dropout(drop_rate, noise_shape=(None, 1, 1, 1))(y)
    return layers.Add()([x, y])


def convnext_pico(image_shape, classes):
    inputs = x = keras.Input(image_shape)
    stages = ((2, 64), (2, 128), (6, 256), (2, 512))
    rates = [0.1 * i / 11 for i in range(12)]
    for i, (blocks, channels) in enumerate(stages):
        reduce = {"kernel_size": 2, "strides": 2, "kernel_initializer": SMALL}
        if i == 0:
            x = layer_norm(layers.Conv2D(channels, **reduce)(x))
        else:
            x = layers.Conv2D(channels, **reduce)(layer_norm(x))
        for _ in range(blocks):
            x = convnext_block(x, channels, rates.pop(0))
    x = layer_norm(layers.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, small_dense(x, classes))


class ClassTokenAndPositions(layers.Layer):
    def build(self, shape):
        _, patches, width = shape
        small = keras.initializers.RandomNormal(stddev=1e-6)
        self.class_token = self.add_weight(shape=(1, 1, width), initializer=small, name="class_token")
        self.positions = self.add_weight(shape=(1, patches + 1, width), initializer=SMALL, name="positions")

    def call(self, patches):
        token = ops.broadcast_to(self.class_token, (ops.shape(patches)[0], 1, patches.shape[-1]))
        return ops.concatenate([token, patches], 1) + self.positions


def vit_block(x, width, heads):
    normalized = layer_norm(x)
    attention = layers.MultiHeadAttention(heads, width // heads, kernel_initializer=SMALL)
    y = layers.Add()([x, attention(normalized, normalized)])
    return layers.Add()([y, small_dense(small_dense(layer_norm(y), 4 * width, gelu), width)])


def vit_tiny(image_shape, classes, patch=4, width=192, depth=12, heads=3):
    inputs = keras.Input(image_shape)
    patches = layers.Conv2D(width, patch, patch)(inputs)
    x = ClassTokenAndPositions()(layers.Reshape((-1, width))(patches))
    for _ in range(depth):
        x = vit_block(x, width, heads)
    token = layers.Cropping1D((0, x.shape[1] - 1))(layer_norm(x))
    return keras.Model(inputs, small_dense(layers.Flatten()(token), classes))


def mixer_mlp(x, hidden):
    units = x.shape[-1]
    return layers.Dense(units)(layers.Dense(hidden, activation=gelu)(x))


def mlp_mixer(image_shape, classes, patch=4, width=128, depth=8, tokens=64, channels=512):
    inputs = keras.Input(image_shape)
    x = layers.Reshape((-1, width))(layers.Conv2D(width, patch, patch)(inputs))
    for _ in range(depth):
        mixed = layers.Permute((2, 1))(mixer_mlp(layers.Permute((2, 1))(layer_norm(x)), tokens))
        y = layers.Add()([x, mixed])
        x = layers.Add()([y, mixer_mlp(layer_norm(y), channels)])
    x = layers.GlobalAveragePooling1D()(layer_norm(x))
    return keras.Model(inputs, layers.Dense(classes)(x))

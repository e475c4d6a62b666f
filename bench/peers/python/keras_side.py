"""Keras on TensorFlow as a side of the measurement. See peer.py."""
import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf  # noqa: E402 - after the variables that it reads

import keras  # noqa: E402
import keras_networks  # noqa: E402
import same_batch  # noqa: E402
from safetensors.numpy import load_file  # noqa: E402

VERSION = f"{keras.__version__} on TensorFlow {tf.__version__}"


class KerasSide:
    def __init__(self, kind, threads):
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
        keras.utils.set_random_seed(1)

    def build(self, model, image_shape, classes):
        self.image_shape, self.classes = image_shape, classes
        self.model = keras_networks.build(model, image_shape, classes)
        return sum(int(variable.shape.num_elements()) for variable in self.model.trainable_variables)

    def load(self, path, change):
        """Weights in the order of model.weights, named by their number."""
        weights = load_file(path)
        self.model.set_weights([change(weights[name]) for name in sorted(weights)])

    def without_dropout(self):
        keras_networks.without_dropout(self.model)

    def prepare(self, count):
        self.model.compile(
            optimizer=keras.optimizers.SGD(0.01, momentum=0.9),
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        )
        self.x = same_batch.images(count, self.image_shape)
        self.y = same_batch.labels(count, self.classes)

    def step(self):
        return float(self.model.train_on_batch(self.x, self.y))

    def infer(self):
        return float(self.model.predict_on_batch(self.x)[0, 0])

"""Writes keras_callbacks.json: what Keras' SwapEMAWeights and TensorBoard do in a small training, for tests/keras_style/callbacks/.

    python tests/golden/keras_callbacks.py        # needs: pip install keras==3.15.0 tensorflow
"""
import contextlib
import json
import os
import pathlib
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np

x = np.arange(8, dtype=np.float32).reshape(8, 1) / 8
y = 3 * x - 1


def model():
    made = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones", name="line")], name="model")
    optimizer = keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.8)
    made.compile(optimizer=optimizer, loss="mse", metrics=["mae"])
    return made


class Weights(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.seen = []

    def on_epoch_end(self, epoch, logs=None):
        self.seen.append([float(v.numpy().ravel()[0]) for v in self.model.weights])


def swapped(callbacks):
    weights = Weights()
    made = model()
    history = made.fit(x, y, batch_size=4, epochs=3, shuffle=False, verbose=0, validation_data=(x, y), callbacks=[*callbacks, weights])
    return {
        "val_loss": history.history["val_loss"],
        "loss": history.history["loss"],
        "epochs": weights.seen,
        "end": [float(v.numpy().ravel()[0]) for v in made.weights],
    }


class Summaries:
    """Stands in for tf.summary, which needs the package tensorboard: keeps what is written, and where."""

    def __init__(self):
        self.found, self.parts, self.records = [], [], []

    def create_file_writer(self, folder):
        summaries = self

        class Writer:
            @contextlib.contextmanager
            def as_default(self, step=None):
                summaries.parts.append(os.path.basename(folder))
                yield
                summaries.parts.pop()

            def flush(self):
                pass

            close = flush

        return Writer()

    @contextlib.contextmanager
    def record_if(self, condition):
        self.records.append(condition)
        yield
        self.records.pop()

    def scalar(self, tag, value, step=None):
        if not self.parts or (self.records and tag.startswith("batch_") and not self.records[-1]()):
            return
        self.found.append([self.parts[-1], tag, int(step)])

    histogram = image = scalar


def tags():
    board = keras.callbacks.TensorBoard(tempfile.mkdtemp(), histogram_freq=1, write_graph=False, update_freq=2, write_images=True)
    board._summary_module = Summaries()
    model().fit(x, y, batch_size=4, epochs=2, verbose=0, validation_data=(x, y), callbacks=[board])
    return sorted(board._summary_module.found)


golden = {
    "plain": swapped([]),
    "swapped": swapped([keras.callbacks.SwapEMAWeights()]),
    "swapped on epoch": swapped([keras.callbacks.SwapEMAWeights(swap_on_epoch=True)]),
    "tags": tags(),
}
target = pathlib.Path(__file__).with_name("keras_callbacks.json")
target.write_text(json.dumps(golden, indent=1) + "\n")
print(target, target.stat().st_size, "bytes")

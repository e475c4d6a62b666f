"""Writes parity_keras.safetensors and parity_torch*.safetensors: a real Keras model and ports of it to real PyTorch.

    python3 tests/golden/parity_dumps.py FOLDER      (keras with tensorflow, torch, numpy)

TensorFlow and PyTorch do not load into one process: each part runs in one of its own, weights go through a file.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy

sys.path.insert(0, str(Path(__file__).parents[2] / "bench/parity/dump"))
from tandem_dump import dump_keras, dump_torch

folder = Path(sys.argv[1])
rng = numpy.random.default_rng(0)
x = rng.random((3, 6, 6, 3), dtype=numpy.float32)
y = numpy.array([0, 1, 2])


def keras_part(file):
    import keras

    keras.utils.set_random_seed(0)
    layers = keras.layers
    inputs = keras.Input((6, 6, 3))
    a = layers.Conv2D(4, 3, padding="same", name="first")(inputs)
    a = layers.ReLU(name="relu")(layers.BatchNormalization(epsilon=1e-3, name="norm")(a))
    b = layers.Conv2D(4, 3, padding="same", activation="relu", name="second")(a)
    pooled = layers.MaxPooling2D(2, name="pool")(layers.Add(name="sum")([a, b]))
    model = keras.Model(inputs, layers.Dense(5, name="head")(layers.Flatten(name="flatten")(pooled)))
    for variable in model.weights:
        if "gamma" in variable.path or "variance" in variable.path:
            variable.assign(rng.random(variable.shape) + 0.5)
        elif "kernel" not in variable.path:
            # Negative enough for a relu to be seen.
            variable.assign(rng.normal(size=variable.shape) - 0.3)
    optimizer = keras.optimizers.SGD(0.01, momentum=0.9)
    dump_keras(model, x, y, folder / "parity_keras.safetensors", optimizer=optimizer)
    model.layers[-1].activation = keras.activations.softmax
    optimizer = keras.optimizers.SGD(0.01, momentum=0.9)
    dump_keras(model, x, y, folder / "parity_keras_softmax.safetensors", optimizer=optimizer)
    numpy.savez(file, **{variable.path: numpy.asarray(variable) for variable in model.weights})


def torch_part(file):
    import torch

    weights = {name: torch.tensor(values) for name, values in numpy.load(file).items()}

    class Port(torch.nn.Module):
        def __init__(self, eps, relu):
            super().__init__()
            self.first = torch.nn.Conv2d(3, 4, 3, padding=1)
            self.norm = torch.nn.BatchNorm2d(4, eps=eps)
            self.act = torch.nn.ReLU()
            self.second = torch.nn.Conv2d(4, 4, 3, padding=1)
            self.pool = torch.nn.MaxPool2d(2)
            self.head = torch.nn.Linear(36, 5)
            self.with_relu = relu
            with torch.no_grad():
                for name in ("first", "second"):
                    layer = getattr(self, name)
                    layer.weight.copy_(weights[f"{name}/kernel"].permute(3, 2, 0, 1))
                    layer.bias.copy_(weights[f"{name}/bias"])
                self.norm.weight.copy_(weights["norm/gamma"])
                self.norm.bias.copy_(weights["norm/beta"])
                self.norm.running_mean.copy_(weights["norm/moving_mean"])
                self.norm.running_var.copy_(weights["norm/moving_variance"])
                kernel = weights["head/kernel"].reshape(3, 3, 4, 5).permute(3, 2, 0, 1)
                self.head.weight.copy_(kernel.reshape(5, 36))
                self.head.bias.copy_(weights["head/bias"])

        def forward(self, x):
            a = self.act(self.norm(self.first(x)))
            b = self.second(a)
            return self.head(self.pool(a + (b.relu() if self.with_relu else b)).flatten(1))


    images, labels = torch.tensor(x.transpose(0, 3, 1, 2).copy()), torch.tensor(y)
    for name, eps, relu, momentum in [
        ("torch", 1e-3, True, 0.9),
        ("torch_eps", 1e-1, True, 0.9),
        ("torch_relu", 1e-3, False, 0.9),
        ("torch_momentum", 1e-3, True, 0.8),
    ]:
        optimizer = lambda parameters: torch.optim.SGD(parameters, lr=0.01, momentum=momentum)
        path = folder / f"parity_{name}.safetensors"
        dump_torch(Port(eps, relu), images, labels, path, optimizer=optimizer)


if len(sys.argv) == 2:
    with tempfile.TemporaryDirectory() as place:
        for part in ("keras", "torch"):
            subprocess.run([sys.executable, __file__, str(folder), part, f"{place}/weights.npz"], check=True)
elif sys.argv[2] == "keras":
    keras_part(sys.argv[3])
else:
    torch_part(sys.argv[3])

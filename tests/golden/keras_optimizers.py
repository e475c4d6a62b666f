"""Writes keras_optimizers.json: seven steps of every optimizer of Keras with many options, and learning rate schedules.

    python tests/golden/keras_optimizers.py      (needs keras and tensorflow of PyPI)

Options are stored in camelCase: the tests make the same optimizers from them.
"""
import inspect
import json
import os
import pathlib
import re

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
import tensorflow as tf

STEPS = 7


def spread(count, step, modulus):
    return ((np.arange(count) * step % modulus) / (modulus - 1) * 2 - 1).astype("float32")


def rounded(values):
    return [float(f"{v:.7g}") for v in np.asarray(values, dtype="float64").ravel()]


def snake(name):
    name = re.sub(r"([A-Z])", lambda m: "_" + m[1].lower(), name)
    return re.sub(r"(beta|epsilon)_?([12])", r"\1_\2", name)


def keras_options(options):
    return {snake(name): value for name, value in options.items()}


OWN = {
    "SGD": [{}, {"momentum": 0.9}, {"momentum": 0.9, "nesterov": True}],
    "RMSprop": [{}, {"rho": 0.8, "epsilon": 1e-3}, {"momentum": 0.5}, {"centered": True},
                {"momentum": 0.9, "centered": True}],
    "Adam": [{}, {"beta1": 0.8, "beta2": 0.9, "epsilon": 1e-3}, {"amsgrad": True}],
    "AdamW": [{}, {"weightDecay": 0.2, "amsgrad": True}],
    "Nadam": [{}, {"beta1": 0.8, "beta2": 0.9}],
    "Adamax": [{}, {"beta1": 0.8, "beta2": 0.9}],
    "Adagrad": [{}, {"initialAccumulatorValue": 0.5, "epsilon": 1e-2}],
    "Adadelta": [{}, {"rho": 0.5, "epsilon": 1e-3}],
    "Adafactor": [{}, {"relativeStep": False, "clipThreshold": 0.5}, {"beta2Decay": -0.5, "epsilon2": 0.1}],
    "Ftrl": [{}, {"l1RegularizationStrength": 0.1, "l2RegularizationStrength": 0.2},
             {"l2ShrinkageRegularizationStrength": 0.1, "beta": 0.3, "learningRatePower": -0.8}],
    "Lion": [{}, {"beta1": 0.5, "beta2": 0.7}],
    "Muon": [{}, {"nesterov": False, "rmsRate": None, "nsSteps": 3, "momentum": 0.8}],
    "ScheduleFreeAdamW": [{}, {"warmupSteps": 4, "beta1": 0.8}],
    "Lamb": [{}, {"beta1": 0.8, "epsilon": 1e-3}],
}
SHARED = [
    {"clipnorm": 0.7},
    {"clipvalue": 0.3},
    {"globalClipnorm": 0.7},
    {"weightDecay": 0.1},
    {"useEma": True, "emaMomentum": 0.8},
    {"useEma": True, "emaMomentum": 0.6, "emaOverwriteFrequency": 3},
    {"gradientAccumulationSteps": 3, "clipnorm": 0.7, "weightDecay": 0.1},
    {"lossScaleFactor": 4.0},
]
# Steps large enough to be seen.
RATES = {"Ftrl": 0.1, "Adadelta": 0.5, "Adafactor": 0.5, "Adagrad": 0.1}


def gradient(count, step):
    values = spread(count, 5 + step, 13) * 2
    # The first element's gradient is tiny: there epsilon counts.
    values[0] *= 1e-4
    return values


# Keras 3.15 means the old momentum and reads the variable after it was changed (with TensorFlow); the paper's is the old one.
from keras.src.optimizers import schedule_free_adamw

fixed = inspect.getsource(schedule_free_adamw).replace("momentum_old = momentum.value", "momentum_old = ops.copy(momentum.value)")
assert "ops.copy(momentum.value)" in fixed
exec(fixed.replace('@keras_export(["keras.optimizers.ScheduleFreeAdamW"])', ""))
keras.optimizers.ScheduleFreeAdamW = ScheduleFreeAdamW


def run(name, options):
    options = {"learningRate": RATES.get(name, 0.05), **options}
    optimizer = getattr(keras.optimizers, name)(**keras_options(options))
    kernel = keras.Variable(spread(6, 3, 11).reshape(3, 2), name="kernel")
    bias = keras.Variable(spread(5, 2, 7), name="bias")
    after = []
    for step in range(STEPS):
        gradients = [tf.constant(gradient(6, step).reshape(3, 2)), tf.constant(gradient(5, step + 1))]
        optimizer.apply(gradients, [kernel, bias])
        if step == 3:
            after.append(rounded(np.concatenate([kernel.numpy().ravel(), bias.numpy()])))
    after.append(rounded(np.concatenate([kernel.numpy().ravel(), bias.numpy()])))
    case = {"name": name, "options": options, "after": after}
    if options.get("useEma"):
        optimizer.finalize_variable_values([kernel, bias])
        case["final"] = rounded(np.concatenate([kernel.numpy().ravel(), bias.numpy()]))
    return case


SCHEDULES = [
    ("ExponentialDecay", {"initialLearningRate": 0.1, "decaySteps": 10, "decayRate": 0.7}),
    ("ExponentialDecay", {"initialLearningRate": 0.1, "decaySteps": 10, "decayRate": 0.7, "staircase": True}),
    ("InverseTimeDecay", {"initialLearningRate": 0.1, "decaySteps": 10, "decayRate": 0.7}),
    ("InverseTimeDecay", {"initialLearningRate": 0.1, "decaySteps": 10, "decayRate": 0.7, "staircase": True}),
    ("PolynomialDecay", {"initialLearningRate": 0.1, "decaySteps": 20, "power": 2.0}),
    ("PolynomialDecay", {"initialLearningRate": 0.1, "decaySteps": 20, "endLearningRate": 0.01, "cycle": True}),
    ("PiecewiseConstantDecay", {"boundaries": [5, 20], "values": [0.1, 0.05, 0.01]}),
    ("CosineDecay", {"initialLearningRate": 0.1, "decaySteps": 30, "alpha": 0.1}),
    ("CosineDecay", {"initialLearningRate": 0.0, "decaySteps": 30, "warmupTarget": 0.1, "warmupSteps": 10}),
    ("CosineDecayRestarts", {"initialLearningRate": 0.1, "firstDecaySteps": 7}),
    ("CosineDecayRestarts", {"initialLearningRate": 0.1, "firstDecaySteps": 7, "tMul": 1.0, "mMul": 0.5, "alpha": 0.1}),
]


def rates(name, options):
    schedule = getattr(keras.optimizers.schedules, name)(**keras_options(options))
    steps = [0, 1, 5, 6, 10, 13, 19, 20, 21, 33, 45]
    return {"name": name, "options": options, "steps": steps,
            "rates": rounded([float(schedule(step)) for step in steps])}


cases = [run(name, options) for name, sets in OWN.items() for options in sets]
cases += [run(name, options) for name in OWN for options in SHARED
          if not (name == "AdamW" and options == {"weightDecay": 0.1})]
golden = {"keras": keras.__version__, "cases": cases,
          "schedules": [rates(*schedule) for schedule in SCHEDULES]}
path = pathlib.Path(__file__).with_name("keras_optimizers.json")
part = path.with_suffix(".part")
lines = ",\n".join("  " + json.dumps(case) for case in golden["cases"])
schedules = ",\n".join("  " + json.dumps(case) for case in golden["schedules"])
part.write_text(f'{{\n "keras": "{golden["keras"]}",\n "cases": [\n{lines}\n ],\n "schedules": [\n{schedules}\n ]\n}}\n')
part.replace(path)
print(path, path.stat().st_size, "bytes")

"""Writes keras_weights.json: how Keras' initializers are distributed, what its regularizers and constraints give.

    python tests/golden/keras_weights.py      (needs keras and tensorflow of PyPI)
"""
import json
import os
import pathlib

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
from keras import constraints, initializers, regularizers


def spread(count, step, modulus):
    return ((np.arange(count) * step % modulus) / (modulus - 1) * 2 - 1).astype("float32")


def rounded(values, digits=7):
    return [float(f"{v:.{digits}g}") for v in np.asarray(values, dtype="float64").ravel()]


SHAPE = (3, 3, 40, 80)
DISTRIBUTIONS = {
    "glorotUniform": initializers.GlorotUniform,
    "glorotNormal": initializers.GlorotNormal,
    "heUniform": initializers.HeUniform,
    "heNormal": initializers.HeNormal,
    "lecunUniform": initializers.LecunUniform,
    "lecunNormal": initializers.LecunNormal,
    "randomNormal": initializers.RandomNormal,
    "randomUniform": initializers.RandomUniform,
    "truncatedNormal": initializers.TruncatedNormal,
    "untruncated": lambda seed: initializers.VarianceScaling(
        2.0, "fan_out", "untruncated_normal", seed=seed),
}


def distribution(make):
    values = np.concatenate([np.asarray(make(seed=seed)(SHAPE)).ravel() for seed in range(20)])
    return {
        "std": rounded(values.std())[0],
        "quantiles": rounded(np.quantile(values, np.arange(1, 20) / 20), 5),
    }


MATRIX = spread(12, 5, 17).reshape(4, 3) * 3
MATRIX[0, 0] = 0
REGULARIZERS = {
    "l1": regularizers.L1(0.2),
    "l2": regularizers.L2(0.3),
    "l1L2": regularizers.L1L2(0.2, 0.3),
    "rows": regularizers.OrthogonalRegularizer(0.5),
    "columns": regularizers.OrthogonalRegularizer(0.5, "columns"),
}
CONSTRAINTS = {
    "maxNorm": constraints.MaxNorm(2.0),
    "maxNormBoth": constraints.MaxNorm(2.0, axis=[0, 1]),
    "nonNeg": constraints.NonNeg(),
    "unitNorm": constraints.UnitNorm(axis=1),
    "minMaxNorm": constraints.MinMaxNorm(3.0, 3.5, rate=0.4),
}
STFTS = {
    # By name Keras asks SciPy for a window; these are the same ones of NumPy.
    "real": dict(window=np.hanning(5)),
    "imag": dict(side="imag", window=np.hamming(6)[:-1], scaling="spectrum"),
    "plain": dict(window=None),
}


def gradient(regularizer):
    import tensorflow as tf
    x = tf.Variable(MATRIX)
    with tf.GradientTape() as tape:
        value = regularizer(x)
    return {"value": rounded(value)[0], "gradient": rounded(tape.gradient(value, x))}


golden = {
    "keras": keras.__version__,
    "distributions": {name: distribution(make) for name, make in DISTRIBUTIONS.items()},
    "stft": {name: rounded(initializers.STFT(**options)((5, 1, 4)))
             for name, options in STFTS.items()},
    "regularizers": {name: gradient(each) for name, each in REGULARIZERS.items()},
    "constraints": {name: rounded(each(MATRIX)) for name, each in CONSTRAINTS.items()},
}
path = pathlib.Path(__file__).with_name("keras_weights.json")
part = path.with_suffix(".part")
part.write_text(json.dumps(golden, indent=1) + "\n")
part.replace(path)
print(path, path.stat().st_size, "bytes")

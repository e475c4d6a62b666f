"""Writes python.safetensors, a file as Python's safetensors makes it, or checks a file of Tandem's.

    python tests/golden/safetensors_golden.py            # needs: pip install safetensors numpy
    python tests/golden/safetensors_golden.py FILE       # prints what Python reads in it
"""
import pathlib
import sys

import numpy as np
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

if len(sys.argv) > 1:
    with safe_open(sys.argv[1], "numpy") as file:
        print(file.metadata())
    for name, array in load_file(sys.argv[1]).items():
        print(name, array.dtype, array.shape, array.flatten()[:6])
else:
    tensors = {
        "weight": np.arange(6, dtype=np.float32).reshape(2, 3) / 4,
        "half": np.array([0.5, -2.25], np.float16),
        "double": np.array(np.pi),
        "long": np.array([-(2**40), 7]),
        "int": np.array([[1], [-2]], np.int32),
        "bytes": np.array([0, 255], np.uint8),
        "mask": np.array([True, False, True]),
        "empty": np.zeros((0, 3), np.float32),
    }
    save_file(tensors, pathlib.Path(__file__).with_name("python.safetensors"), {"made by": "Python"})

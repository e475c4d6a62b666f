"""Writes keras_names.json: the public names of Keras that the Keras idiom is counted against.

    python tests/golden/keras_names.py      (needs keras and tensorflow of PyPI)

Left out, each with its reason: what has no sense for dense tensors in TypeScript.
"""
import inspect
import json
import os
import pathlib

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras

OTHER = "runs a model of another framework"
TEXT = "works on strings, which TensorFlow.js' kernels and ONNX Runtime's lack here"
BOXES = "works on ragged bounding boxes"
PYTHON = "is about Python's own objects (inspect, pickles, Python control flow)"
BITS = "works on bits of integers, which TensorFlow.js lacks"
COMPLEX = "works on complex numbers or spectra"
LEFT_OUT = {
    "layers": {
        "FlaxLayer": OTHER, "JaxLayer": OTHER, "TFSMLayer": OTHER, "TorchModuleWrapper": OTHER,
        "HashedCrossing": TEXT,
        "MaxNumBoundingBoxes": BOXES, "MelSpectrogram": COMPLEX, "STFTSpectrogram": COMPLEX,
    },
    "optimizers": {"legacy": OTHER},
    "callbacks": {"OrbaxCheckpoint": "writes files of a Python library (JAX)"},
    "ops": {
        **{name: PYTHON for name in ["vectorize", "vectorized_map", "while_loop", "fori_loop", "scan", "associative_scan",
                                     "map", "cond", "switch", "custom_gradient", "jvp", "numpy", "rearrange",
                                     "saturate_cast", "get_item"]},
        **{name: BITS for name in ["bitwise_and", "bitwise_invert", "bitwise_left_shift", "bitwise_not", "bitwise_or",
                                   "bitwise_right_shift", "bitwise_xor", "left_shift", "right_shift", "gcd", "lcm",
                                   "nextafter", "view"]},
        **{name: COMPLEX for name in ["fft", "fft2", "ifft2", "irfft", "istft", "rfft", "stft", "extract_sequences",
                                      "view_as_complex", "view_as_real", "angle", "polar"]},
        **{name: "gives a shape that follows from numbers" for name in ["nonzero", "unique", "histogram"]},
    },
}
MODULES = ["layers", "losses", "metrics", "optimizers", "callbacks", "ops", "activations", "initializers",
           "regularizers", "constraints", "random"]


def names(module):
    found = getattr(keras, module)
    left_out = LEFT_OUT.get(module, {})
    result = []
    for name in sorted(dir(found)):
        value = getattr(found, name)
        if name.startswith("_") or name in left_out or inspect.ismodule(value) and module != "optimizers":
            continue
        result.append(name)
    return result


golden = {
    "keras": keras.__version__,
    "names": {module: names(module) for module in MODULES},
    "leftOut": {module: sorted(entries) for module, entries in LEFT_OUT.items()},
}
path = pathlib.Path(__file__).with_name("keras_names.json")
part = path.with_suffix(".part")
text = json.dumps(golden, indent=1)
part.write_text(text + "\n")
part.replace(path)
print(path, {module: len(each) for module, each in golden["names"].items()})

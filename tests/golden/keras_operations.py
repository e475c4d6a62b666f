"""Writes keras_operations.json: the classes that Keras' files have for functions of tensors, with their settings, for
tests/keras_style/saving/keras_json_test.ts.

    KERAS_BACKEND=tensorflow python tests/golden/keras_operations.py
"""
import inspect
import json
import os
import pathlib

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
from keras.src import ops
from keras.src.ops.operation import Operation

found = {}
for module in ("core", "linalg", "math", "nn", "numpy"):
    for name, value in vars(getattr(ops, module)).items():
        if not (isinstance(value, type) and issubclass(value, Operation) and value.__module__ == f"keras.src.ops.{module}"):
            continue
        settings = [p for p in inspect.signature(value.__init__).parameters if p not in ("self", "name", "args", "kwargs")]
        found[f"{module}.{name}"] = settings
path = pathlib.Path(__file__).with_name("keras_operations.json")
path.write_text("{\n" + ",\n".join(f" {json.dumps(k)}: {json.dumps(v)}" for k, v in sorted(found.items())) + "\n}\n")
print(path, path.stat().st_size, "bytes,", len(found), "classes of Keras", keras.__version__)

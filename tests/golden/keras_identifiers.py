"""Writes keras_identifiers.json: by which names Python's Keras finds losses, metrics, activations, initializers, regularizers
and constraints, for tests/keras_style/saving/identifiers_test.ts.

    python tests/golden/keras_identifiers.py      (needs keras and tensorflow of PyPI)

"functions" are those that a saved model may hold: {"module": "builtins", "class_name": "function", "config": name}.
"""
import importlib
import inspect
import json
import os
import pathlib

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras

KINDS = ["losses", "metrics", "activations", "initializers", "regularizers", "constraints"]


def is_read(name):
    saved = {"module": "builtins", "class_name": "function", "config": name, "registered_name": "function"}
    try:
        return callable(keras.saving.deserialize_keras_object(saved))
    except Exception:
        return False


golden = {}
for kind in KINDS:
    source = importlib.import_module(f"keras.src.{kind}")
    names = sorted(name for name in source.ALL_OBJECTS_DICT if isinstance(name, str))
    golden[kind] = names
functions = {n for m in (keras.losses, keras.metrics) for n, v in vars(m).items() if inspect.isfunction(v)}
golden["functions"] = sorted(name for name in functions if is_read(name))
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(golden, indent=1) + "\n")

"""Writes keras_positional.json: what Keras' classes and ops take by position, in order.

    python tests/golden/keras_positional.py      (needs keras and tensorflow of PyPI)

Of classes the first four arguments; of ops the first one that has a default.
"""
import inspect
import json
import os
import pathlib

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras

MODULES = ["layers", "losses", "metrics", "optimizers", "optimizers.schedules", "callbacks", "initializers",
           "regularizers", "constraints"]
MOST = 4


def parameters(function):
    return [each for each in inspect.signature(function).parameters.values() if each.kind == each.POSITIONAL_OR_KEYWORD]


def classes(module):
    found = module
    result = {}
    for name in sorted(dir(found)):
        value = getattr(found, name)
        if inspect.isclass(value) and name[0].isupper():
            result[name] = [each.name for each in parameters(value.__init__)][1:1 + MOST]
    return result


def module_of(path):
    found = keras
    for part in path.split("."):
        found = getattr(found, part)
    return found


def optional(function):
    given = parameters(function)
    first = next((i for i, each in enumerate(given) if each.default is not each.empty), None)
    return None if first is None else [first, given[first].name]


golden = {
    "keras": keras.__version__,
    "classes": {path: classes(module_of(path)) for path in MODULES},
    "ops": {name: optional(value) for name, value in sorted(vars(keras.ops).items())
            if inspect.isfunction(value) and optional(value)},
}
path = pathlib.Path(__file__).with_name("keras_positional.json")
part = path.with_suffix(".part")
part.write_text(json.dumps(golden) + "\n")
part.replace(path)
print(path, path.stat().st_size, "bytes")

"""Writes keras_configs.json: what Python's Keras saves of layers, losses, metrics, optimizers and what they are made of, for
tests/keras_style/saving/keras_json_test.ts.

    KERAS_BACKEND=tensorflow python tests/golden/keras_configs.py

Cases are those of the other scripts here. The first case of a class is whole; the others hold what differs from it. Left out
are names (numbered), shared_object_id (addresses) and the policy of float32.
"""
import json
import os
import pathlib
import re

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np

HERE = pathlib.Path(__file__).parent


def cases_of(script, end):
    """The names that a script defines before it computes."""
    found = {"__file__": str(HERE / script)}
    exec((HERE / script).read_text().split(end)[0], found)
    return found


def snake(name):
    name = re.sub(r"([A-Z])", lambda m: "_" + m[1].lower(), name)
    return re.sub(r"(beta|epsilon)_?([12])", r"\1_\2", name)


def made(value):
    if isinstance(value, dict) and "__layer__" in value:
        return getattr(keras.layers, value["__layer__"])(**{k: made(v) for k, v in value["config"].items()})
    return [made(v) for v in value] if isinstance(value, list) else value


def plain(value):
    """What is left of a saved object."""
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if not isinstance(value, dict):
        return value
    if value.get("class_name") == "DTypePolicy":
        return value["config"]["name"]
    return {k: plain(v) for k, v in value.items() if k not in ("shared_object_id", "name", "build_config")}


out, first = [], {}


def add(kind, name, arguments, saved):
    saved = json.loads(json.dumps(plain(saved)))
    config = saved["config"]
    if name not in first.setdefault(kind, {}):
        first[kind][name] = config
        out.append({"kind": kind, "class": name, "args": arguments, "saved": saved})
        return
    base = first[kind][name]
    if config.keys() != base.keys():
        out.append({"kind": kind, "class": name, "args": arguments, "saved": saved})
        return
    changes = {k: v for k, v in config.items() if v != base[k]}
    out.append({"kind": kind, "class": name, "args": arguments, "changes": changes})


def layer(name, arguments):
    try:
        add("layers", name, arguments, keras.saving.serialize_keras_object(getattr(keras.layers, name)(**{k: made(v) for k, v in arguments.items()})))
    except Exception as error:
        print("left out:", name, arguments, str(error).split("\n")[0][:100])


seen = set()
for name, arguments, *_ in cases_of("keras_layers.py", "\nout = []")["CASES"]:
    if (key := (name, json.dumps(arguments))) not in seen:
        seen.add(key)
        layer(name, arguments)
for name, *_, options in cases_of("keras_layers_more.py", "\ndef run(")["cases"]:
    arguments = {snake(k): v for k, v in options.items()}
    if (key := (name, json.dumps(arguments))) not in seen:
        seen.add(key)
        layer(name, arguments)
FURTHER = [("InputLayer", {"shape": [4, 3], "batch_size": 2}), ("SpectralNormalization", {"layer": {"__layer__": "Dense", "config": {"units": 2}}}),
           ("Pipeline", {"layers": [{"__layer__": "Rescaling", "config": {"scale": 0.5}}]}), ("RandomFlip", {}), ("RandomFlip", {"mode": "vertical"}),
           ("RandomColorJitter", {"brightness_factor": 0.2}), ("Conv3DTranspose", {"filters": 2, "kernel_size": 2}),
           ("Dense", {"units": 2, "kernel_regularizer": "l1", "bias_constraint": "non_neg", "trainable": False}),
           ("Dense", {"units": 2, "activity_regularizer": "l2", "kernel_initializer": "he_normal"})]
for further in FURTHER:
    layer(*further)


def others(kind, name, options, saved_by=keras.saving.serialize_keras_object, module=None):
    arguments = {snake(k): snake(v) if isinstance(v, str) and k != "curve" else v for k, v in options.items()}
    add(kind, name, arguments, saved_by(getattr(module, name)(**arguments)))


found = cases_of("keras_optimizers.py", "\ndef rates(")
for name, sets in found["OWN"].items():
    for options in sets + found["SHARED"][:1] + found["SHARED"][3:5]:
        others("optimizers", name, options, module=keras.optimizers)
for name, options in found["SCHEDULES"]:
    others("schedules", name, options, module=keras.optimizers.schedules)
for kind, script, module in (("losses", "keras_losses.py", keras.losses), ("metrics", "keras_metrics.py", keras.metrics)):
    seen = set()
    for name, options, *_ in cases_of(script, "\ndef run(")["CASES"]:
        if (key := (name, json.dumps(options))) not in seen:
            seen.add(key)
            others(kind, name, options, module=module)
INITIALIZERS = {"Constant": {"value": 0.5}, "GlorotNormal": {}, "GlorotUniform": {"seed": 3}, "HeNormal": {}, "HeUniform": {}, "Identity": {"gain": 2.0},
                "LecunNormal": {}, "LecunUniform": {}, "Ones": {}, "Zeros": {}, "Orthogonal": {"gain": 2.0}, "RandomNormal": {"stddev": 0.1},
                "RandomUniform": {"maxval": 2.0}, "TruncatedNormal": {"mean": 1.0},
                "VarianceScaling": {"scale": 2.0, "mode": "fan_avg", "distribution": "uniform"}}
for name, arguments in INITIALIZERS.items():
    others("initializers", name, arguments, module=keras.initializers)
for name, arguments in {"L1": {"l1": 0.5}, "L2": {"l2": 0.5}, "L1L2": {"l1": 0.25, "l2": 0.5}, "OrthogonalRegularizer": {"mode": "columns"}}.items():
    others("regularizers", name, arguments, module=keras.regularizers)
for name, arguments in {"MaxNorm": {"max_value": 3, "axis": 1}, "MinMaxNorm": {"rate": 0.5}, "NonNeg": {}, "UnitNorm": {}}.items():
    others("constraints", name, arguments, module=keras.constraints)
others("random", "SeedGenerator", {"seed": 7}, module=keras.random)

path = HERE / "keras_configs.json"
part = path.with_suffix(".part")
part.write_text("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in out) + "\n]\n")
part.replace(path)
print(path, path.stat().st_size, "bytes,", len(out), "cases")

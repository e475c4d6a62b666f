"""Writes keras_applications.json: what Python's Keras makes of keras.applications, for tests/keras_style/applications_test.ts:
counts of values, and a fingerprint of the whole configuration with all layers' names.

    KERAS_BACKEND=tensorflow python tests/golden/keras_applications.py
    KERAS_BACKEND=tensorflow python tests/golden/keras_applications.py NAME    # prints what the fingerprint is of
"""
import hashlib
import json
import math
import os
import pathlib
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
import keras
import numpy as np

NAMES = ["ResNet50", "ResNet101", "ResNet152", "ResNet50V2", "ResNet101V2", "ResNet152V2", "VGG16", "VGG19", "MobileNet",
         "MobileNetV2", "EfficientNetB0", "EfficientNetB1", "EfficientNetB2", "EfficientNetB3", "EfficientNetB4", "EfficientNetB5",
         "EfficientNetB6", "EfficientNetB7", "DenseNet121", "DenseNet169", "DenseNet201", "Xception"]
VARIANTS = [("top", {}), ("avg", {"include_top": False, "pooling": "avg"}),
            ("small", {"input_shape": [96, 96, 1], "classes": 7, "classifier_activation": None, "name": "own"})]
MORE = [("MobileNetV2", "wide", {"alpha": 1.4, "input_shape": [97, 65, 3]}), ("MobileNet", "narrow", {"alpha": 0.5, "depth_multiplier": 2})]
# Large ones once: each takes seconds.
ONCE = {"ResNet101", "ResNet152", "ResNet101V2", "ResNet152V2", "VGG19", "EfficientNetB2", "EfficientNetB3", "EfficientNetB4", "EfficientNetB5",
        "EfficientNetB6", "EfficientNetB7", "DenseNet169", "DenseNet201"}


def canonical(value):
    """Without addresses, policies and what calls leave to layers; numbers in millionths."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, (int, float)):
        return math.floor(value * 1e6 + 0.5)
    if isinstance(value, (list, tuple)):
        return [canonical(v) for v in value]
    if value.get("class_name") == "DTypePolicy":
        return value["config"]["name"]
    if "kwargs" in value:
        value = {**value, "kwargs": {k: v for k, v in value["kwargs"].items() if (k, v) not in (("mask", None), ("training", False))}}
    return {k: canonical(v) for k, v in value.items() if k not in ("shared_object_id", "build_config", "compile_config")}


def text_of(model):
    return json.dumps(canonical(json.loads(model.to_json())), sort_keys=True, separators=(",", ":"))


def made(name, options):
    keras.utils.clear_session(free_memory=False)
    return getattr(keras.applications, name)(weights=None, **options)


if len(sys.argv) > 1:
    print(text_of(made(sys.argv[1], json.loads(sys.argv[2]) if len(sys.argv) > 2 else {})))
    sys.exit()
entries = []
for name, variant, options in [(n, v, o) for n in NAMES for v, o in VARIANTS[:1 if n in ONCE else 3]] + MORE:
    model = made(name, options)
    trained = sum(int(np.prod(w.shape)) for w in model.trainable_weights)
    text = text_of(model)
    entries.append({"name": name, "variant": variant, "options": options, "values": model.count_params(), "trained": trained,
                    "layers": len(model.layers), "sha256": hashlib.sha256(text.encode()).hexdigest()})
# The network that weights="imagenet" are for, without them.
model_class = keras.src.models.Functional
keras.src.utils.file_utils.get_file = lambda *_, **__: None
model_class.load_weights, load_weights = lambda *_, **__: None, model_class.load_weights
keras.utils.clear_session(free_memory=False)
published = keras.applications.EfficientNetB0(include_top=False, input_shape=(32, 32, 3))
model_class.load_weights = load_weights
published = hashlib.sha256(text_of(published).encode()).hexdigest()
images = np.array([[[[0.0, 127.5, 255.0], [10.0, 20.0, 30.0]]]], "float32")
preprocessed = {mode: np.ravel(keras.applications.imagenet_utils.preprocess_input(images.copy(), mode=mode)).tolist()
                for mode in ("caffe", "tf", "torch")}
path = pathlib.Path(__file__).with_name("keras_applications.json")
rows = ",\n".join("  " + json.dumps(entry) for entry in entries)
path.write_text(f'{{\n "preprocessed": {json.dumps(preprocessed)},\n "published": "{published}",\n "models": [\n{rows}\n ]\n}}\n')
print(path, path.stat().st_size, "bytes,", len(entries), "models")

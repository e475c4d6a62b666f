"""Writes keras_text.json: StringLookup, TextVectorization and Hashing of Keras, for tests/keras_style/layers/text_test.ts.

    python tests/golden/keras_text.py      (needs keras and tensorflow of PyPI)

A case holds options of the constructor (in camelCase), what `adapt` was given, inputs, and what came of them.
"""
import json
import os
import pathlib
import re

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import keras
import numpy as np

TEXTS = ["The quick brown fox, jumps!", "the LAZY dog\tand the fox", "  Élan vital -- naïve? ", "", "don't stop; foo_bar (baz)",
         "日本 語 😀 ａ", "fox"]
SEEN = [["earth", "wind", "and", "fire"], ["fire", "and", "and", "michigan"], ["ärger", "zebra", "😀", "ａ"]]
DATA = [["wind", "nothing", "and", "😀"], ["", "[UNK]", "fire", "Wind"]]
LONG = [["a" * n for n in (1, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 129, 200)], ["word%d" % i for i in range(16)]]
cases = []


def snake(name):
    return re.sub(r"([A-Z])", lambda m: "_" + m[1].lower(), name)


def case(name, inputs, adapt=None, **options):
    arguments = {snake(key): snake(value) if isinstance(value, str) and key in ("outputMode", "standardize") else value
                 for key, value in options.items()}
    if isinstance(arguments.get("ngrams"), list):
        arguments["ngrams"] = tuple(arguments["ngrams"])
    layer = getattr(keras.layers, name)(**arguments)
    if adapt is not None:
        layer.adapt(adapt)
    y = np.asarray(layer(np.array(inputs) if options.get("invert") else inputs))
    values = y.ravel().tolist()
    values = [v.decode() if isinstance(v, bytes) else float(f"{v:.8g}") for v in values]
    cases.append({"name": name, "options": options, "adapt": adapt, "inputs": inputs, "shape": list(y.shape), "values": values,
                  "vocabulary": [str(token) for token in layer.get_vocabulary()], "size": int(layer.vocabulary_size())})


def hashing(inputs, **options):
    arguments = {snake(key): snake(value) if key == "outputMode" else value for key, value in options.items()}
    y = np.asarray(keras.layers.Hashing(**arguments)(inputs))
    cases.append({"name": "Hashing", "options": options, "adapt": None, "inputs": inputs, "shape": list(y.shape),
                  "values": y.ravel().tolist()})


VOCABULARY = ["and", "fire", "wind", "😀"]
for mode in ["int", "multiHot", "count"]:
    case("StringLookup", DATA, vocabulary=VOCABULARY, outputMode=mode)
    case("StringLookup", DATA, vocabulary=VOCABULARY, outputMode=mode, maskToken="", numOovIndices=3)
    case("StringLookup", DATA, adapt=SEEN, outputMode=mode, maskToken="and")
case("StringLookup", DATA[0], vocabulary=VOCABULARY, outputMode="oneHot")
case("StringLookup", DATA, vocabulary=["", "[UNK]", *VOCABULARY], maskToken="")
case("StringLookup", [["and", "fire"]], vocabulary=VOCABULARY, numOovIndices=0)
case("StringLookup", DATA, vocabulary=VOCABULARY, outputMode="tfIdf", idfWeights=[0.5, 0.25, 1.5, 2.0])
case("StringLookup", DATA, adapt=SEEN, outputMode="tfIdf")
case("StringLookup", DATA, adapt=SEEN, maxTokens=4)
case("StringLookup", DATA, adapt=["b", "a", "c", "a"], outputMode="multiHot", maxTokens=7, padToMaxTokens=True)
case("StringLookup", [[0, 1, 4], [2, 5, 3]], vocabulary=VOCABULARY, invert=True)
case("StringLookup", [[0, 1, 4], [2, 9, 3]], vocabulary=VOCABULARY, invert=True, maskToken="", oovToken="?")
case("StringLookup", LONG, vocabulary=["none"], numOovIndices=1000)
for mode in ["int", "multiHot", "count", "tfIdf"]:
    case("TextVectorization", TEXTS, adapt=TEXTS, outputMode=mode)
for standardize in [None, "lower", "stripPunctuation"]:
    case("TextVectorization", TEXTS, adapt=TEXTS, standardize=standardize)
case("TextVectorization", TEXTS, adapt=TEXTS, split="character", maxTokens=12)
case("TextVectorization", TEXTS, adapt=TEXTS, split=None)
case("TextVectorization", ["fox", "the", "fox"], vocabulary=["fox", "the"], split=None, outputMode="count")
case("TextVectorization", [["The fox", "dog"]], vocabulary=["the fox", "dog"], split=None, outputSequenceLength=3)
case("TextVectorization", TEXTS, adapt=TEXTS, ngrams=2, maxTokens=20)
case("TextVectorization", TEXTS, adapt=TEXTS, ngrams=[1, 3], outputMode="count")
case("TextVectorization", [[text] for text in TEXTS], vocabulary=["fox", "the", "dog"], outputSequenceLength=3)
case("TextVectorization", TEXTS, vocabulary=["fox", "the", "dog"], outputSequenceLength=8)
case("TextVectorization", TEXTS, vocabulary=["[UNK]", "fox", "the"], outputMode="multiHot", maxTokens=9, padToMaxTokens=True)
case("TextVectorization", TEXTS, vocabulary=["fox", "the"], outputMode="tfIdf", idfWeights=[0.5, 2.0])
case("TextVectorization", TEXTS[3:4], vocabulary=["fox"])
# One text, and none.
for options in [{}, {"outputSequenceLength": 12}, {"split": None}, {"outputMode": "count"}]:
    case("TextVectorization", TEXTS[0], vocabulary=["fox", "the"], **options)
    case("TextVectorization", [], vocabulary=["fox", "the"], **options)
case("StringLookup", "fire", vocabulary=VOCABULARY)
WORDS = [["A", "B", ""], ["naïve", "😀", "B"]]
NUMBERS = [[0, 1, -5], [20000001, -2000000000, 1]]
for options in [{}, {"salt": 7}, {"salt": [-3, 2 ** 40]}, {"maskValue": "B"}, {"maskValue": "B", "salt": 7}, {"outputMode": "multiHot"},
                {"outputMode": "count", "maskValue": ""}]:
    hashing(WORDS, numBins=5, **options)
for options in [{}, {"salt": 7}, {"maskValue": 1}, {"outputMode": "count"}]:
    hashing(NUMBERS, numBins=5, **options)
hashing([1.75, -0.5, -7.25], numBins=1000)
hashing(WORDS, numBins=1, maskValue="B")
hashing(LONG, numBins=2 ** 31 - 1, salt=1)
hashing([["A"], ["B"], ["C"]], numBins=3, outputMode="oneHot")
hashing(["A", "B", "C"], numBins=3, outputMode="oneHot")
hashing("A", numBins=3)
text = json.dumps({"keras": keras.__version__, "cases": cases}, ensure_ascii=False, separators=(",", ":"))
pathlib.Path(__file__).with_suffix(".json").write_text(text.replace('{"name"', '\n{"name"') + "\n")
print(len(cases), "cases")

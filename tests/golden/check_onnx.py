"""Checks all models of a folder (see dump_models.ts) with Python's onnx.checker, shapes included, and those with an
example beside them with Python's onnxruntime: the same numbers to 1e-5, or to what the example allows.

    python tests/golden/check_onnx.py FOLDER        # needs: pip install onnx==1.23.0 onnxruntime numpy
"""
import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime


def array(value):
    return np.array(value["data"], value["dtype"]).reshape(value["shape"])


def run_example(path):
    example = json.loads(path.with_suffix(".json").read_text())
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    feeds = {i.name: array(value) for i, value in zip(session.get_inputs(), example["inputs"])}
    for own, expected in zip(session.run(None, feeds), example["outputs"], strict=True):
        tolerance = example.get("tolerance", 1e-5)
        np.testing.assert_allclose(own, array(expected), rtol=tolerance, atol=tolerance)


paths = sorted(pathlib.Path(sys.argv[1]).glob("*.onnx"))
failed = examples = 0
for path in paths:
    try:
        onnx.checker.check_model(onnx.load(path), full_check=True)
        if path.with_suffix(".json").exists():
            examples += 1
            run_example(path)
    except Exception as error:  # noqa: BLE001 - whatever is wrong is reported
        failed += 1
        print(path.name, str(error).strip().splitlines()[0])
print(f"{len(paths) - failed} passed, {failed} failed; {examples} run on examples")
sys.exit(1 if failed or not paths else 0)

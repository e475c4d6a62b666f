"""Checks all models of a folder (see dump_models.ts) with Python's onnx.checker, shapes included.

    python tests/golden/check_onnx.py FOLDER        # needs: pip install onnx==1.23.0
"""
import pathlib
import sys

import onnx

paths = sorted(pathlib.Path(sys.argv[1]).glob("*.onnx"))
failed = 0
for path in paths:
    try:
        onnx.checker.check_model(onnx.load(path), full_check=True)
    except Exception as error:  # noqa: BLE001 - whatever is wrong is reported
        failed += 1
        print(path.name, str(error).splitlines()[0])
print(f"{len(paths) - failed} passed, {failed} failed")
sys.exit(1 if failed or not paths else 0)

"""Writes torch_zip/*.pt for tests/torch_style/saving/torch_zip_test.ts: files of torch.save, good and bad, and torch_zip/values.json,
what is in the good ones.

    python tests/golden/torch_zip.py        # needs: pip install torch==2.15.0 safetensors
"""
import collections
import json
import os
import pathlib

import torch
from safetensors.torch import save_file

FOLDER = pathlib.Path(__file__).with_name("torch_zip")


class Runs:
    def __reduce__(self):
        return os.system, ("echo run",)


def values(state):
    return {
        name: {
            "dtype": str(tensor.dtype).removeprefix("torch."),
            "shape": list(tensor.shape),
            "data": [float(value) for value in tensor.detach().flatten().tolist()],
        }
        for name, tensor in state.items()
    }


torch.manual_seed(3)
network = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 2), torch.nn.BatchNorm2d(3))
matrix = torch.arange(12, dtype=torch.float32).reshape(3, 4) / 8
kinds = {
    "half": torch.tensor([0.5, -2.25, 65504], dtype=torch.float16),
    "bfloat16": torch.tensor([1.5, -3e38, 0.00390625], dtype=torch.bfloat16),
    "double": torch.tensor(0.1, dtype=torch.float64),
    "long": torch.tensor([-(2**40), 7]),
    "int": torch.tensor([[1], [-2]], dtype=torch.int32),
    "char": torch.tensor([-128, 127], dtype=torch.int8),
    "byte": torch.tensor([0, 255], dtype=torch.uint8),
    "bool": torch.tensor([True, False, True]),
    "empty": torch.zeros(0, 3),
    "transposed": matrix.t(),
    "rows": matrix[1:, ::2],
    "expanded": torch.tensor([1.0, 2.0]).expand(3, 2),
    "parameter": torch.nn.Parameter(torch.tensor([4.0])),
    "shared": matrix,
}
good = {
    "state": network.state_dict(),
    "kinds": kinds,
    # The first entry of its directory is as long as the records behind the directory.
    "twenty_one_characters": {"weight": matrix},
    "checkpoint": {"state_dict": network.state_dict(), "epoch": 3, "best": 0.5, "name": "a", "done": [1, None, True]},
}
bad = {
    "runs_code": {"weight": matrix, "more": Runs()},
    "module": network,
    "counter": collections.Counter("aab"),
    "sparse": {"weight": matrix.to_sparse()},
    "numbers": {"epoch": 3, "weight": matrix, "note": "x"},
    "complex": {"weight": torch.zeros(2, dtype=torch.complex64)},
    "list": [matrix],
}
FOLDER.mkdir(exist_ok=True)
for name, content in {**good, **bad}.items():
    torch.save(content, FOLDER / f"{name}.pt")
save_file({name: kinds[name] for name in ("half", "bfloat16")}, FOLDER / "halves.safetensors")
torch.save(network.state_dict(), FOLDER / "before_1_6.pt", _use_new_zipfile_serialization=False)
contents = {name: values(content.get("state_dict", content)) for name, content in good.items()}
lines = [f"{json.dumps(name)}: {json.dumps(content)}" for name, content in contents.items()]
(FOLDER / "values.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")

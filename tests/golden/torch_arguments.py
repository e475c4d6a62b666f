"""Writes torch_arguments.json: the names and defaults of the arguments of PyTorch's functions and classes.

    python tests/golden/torch_arguments.py        # needs: pip install torch==2.15.0

Written in Python, a function has a signature; the others say theirs in the first lines of their docstrings.
"""
import ast
import inspect
import json
import pathlib
import re

import torch

FOLDER = pathlib.Path(__file__).parent
NAMES = json.loads((FOLDER / "torch_names.json").read_text())["names"]
MODULES = {
    "nn": torch.nn,
    "functional": torch.nn.functional,
    "optim": torch.optim,
    "lrScheduler": torch.optim.lr_scheduler,
    "torch": torch,
    "init": torch.nn.init,
}


def of_signature(value):
    """Names and defaults; None where Python knows none."""
    try:
        parameters = inspect.signature(value.__init__ if inspect.isclass(value) else value).parameters.values()
    except (TypeError, ValueError):
        return None
    if any(each.kind in (each.VAR_POSITIONAL, each.VAR_KEYWORD) and each.name in ("args", "kwargs") for each in parameters):
        return None
    return {each.name: each.default for each in parameters}


def of_docstring(name, text):
    """Of a function with several forms the names of all."""
    result = {}
    for line in (text or "").split("\n"):
        found = re.match(rf"(?:\.\. function:: ?)?(?:torch\.)?{re.escape(name)}\((.*?)\)\s*(?:->.*)?$", line.strip())
        if found:
            arguments = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", "", found.group(1)).split(",")
            for each in arguments:
                own, _, default = (part.strip(" *\\") for part in each.partition("="))
                own = own.split(":")[0]
                if re.fullmatch(r"\w+", own):
                    result.setdefault(own, literal(default))
    return result


def literal(text):
    try:
        return ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return inspect.Parameter.empty


def is_plain(value):
    return isinstance(value, (bool, int, float, str)) and value == value and abs(value if not isinstance(value, str) else 0) != float("inf")


result = {}
for place, module in MODULES.items():
    result[place] = {}
    for name in NAMES.get(place, sorted(each for each in dir(module) if each.endswith("_") and each[0] != "_")):
        value = getattr(module, name, None)
        arguments = of_signature(value) or of_docstring(name, getattr(value, "__doc__", None))
        if callable(value) and arguments:
            names = [each for each in arguments if each != "self"]
            defaults = {each: arguments[each] for each in names if is_plain(arguments[each])}
            result[place][name] = [names, defaults] if defaults else [names]
text = {"torch": torch.__version__.split("+")[0], "arguments": result}
(FOLDER / "torch_arguments.json").write_text(json.dumps(text, separators=(",", ":")) + "\n")

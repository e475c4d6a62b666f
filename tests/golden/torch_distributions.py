"""Writes torch_distributions.json: figures of torch.distributions, with the gradients of the log probabilities.

    python tests/golden/torch_distributions.py        # needs: pip install torch==2.15.0
"""
import json
import pathlib

import torch
import torch.distributions as D

def t(*values):
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


def rows(*values):
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


inf = float("inf")
CASES = [
    ("Normal", [t(0.0, 1.5), t(1.0, 0.3)], {}, t(0.5, -2.0)),
    ("Normal", [t(0.0), t(2.0)], {}, t(0.5, -2.0, 30.0)),
    ("Uniform", [t(-1.0, 0.0), t(1.0, 0.5)], {}, t(0.25, 0.75)),
    ("Bernoulli", [], {"probs": t(0.2, 0.9, 0.5)}, t(1.0, 0.0, 1.0)),
    ("Bernoulli", [], {"logits": t(-3.0, 0.0, 40.0)}, t(1.0, 0.0, 0.0)),
    ("Categorical", [], {"probs": rows([1.0, 3.0, 4.0], [0.0, 0.5, 0.5])}, torch.tensor([2, 1])),
    ("Categorical", [], {"logits": rows([1.0, -3.0, 4.0])}, torch.tensor([[2], [1]])),
    # What one or both never draw, with the distribution to compare with.
    ("Categorical", [], {"logits": rows([0.0, 1.0, -inf], [1.0, 2.0, -inf])}, torch.tensor([1, 0]), {"logits": [[0.5, 0.0, -inf], [0.5, -inf, 1.0]]}),
    ("Categorical", [], {"probs": rows([0.0, 1.0, 1.0])}, torch.tensor([1]), {"probs": [[0.25, 0.5, 0.25]]}),
    ("Bernoulli", [], {"probs": t(0.0, 1.0, 0.5, 0.5, 0.0)}, t(0.0, 1.0, 1.0, 0.0, 0.0), {"probs": [0.25, 1.0, 0.0, 1.0, 1.0]}),
    ("Bernoulli", [], {"logits": t(-800.0, 800.0, 2.0)}, t(0.0, 1.0, 1.0), {"logits": [0.5, -800.0, 800.0]}),
]
OTHERS = {
    "Normal": lambda: D.Normal(t(0.5, 0.0), t(2.0, 0.7)),
    "Uniform": lambda: D.Uniform(t(-2.0, 0.2), t(2.0, 0.9)),
    "Bernoulli": lambda: D.Bernoulli(probs=t(0.3, 0.3, 0.6)),
    "Categorical": lambda: D.Categorical(logits=t(0.1, 0.2, 0.3)),
}


def plain(x):
    x = x.detach()
    return [plain(row) for row in x] if x.ndim else (float(x) if torch.isfinite(x) else str(float(x)).replace("inf", "Infinity"))


cases = []
for name, args, kwargs, value, *rest in CASES:
    made = getattr(D, name)(*args, **kwargs, validate_args=False)
    log_prob = made.log_prob(value)
    finite = log_prob[torch.isfinite(log_prob)]
    parameters = [*args, *kwargs.values()]
    gradients = torch.autograd.grad(finite.sum(), parameters, retain_graph=True, allow_unused=True)
    case = {
        "name": name, "args": [plain(x) for x in args], "named": {key: plain(x) for key, x in kwargs.items()}, "value": plain(value),
        "logProb": plain(log_prob), "gradients": [None if g is None else plain(g) for g in gradients], "entropy": plain(made.entropy()),
        "batchShape": list(made.batch_shape),
    }
    if name != "Categorical":
        case |= {"mean": plain(made.mean), "stddev": plain(made.stddev)}
    if name in ("Normal", "Uniform"):
        case["cdf"] = plain(made.cdf(value))
    if rest:
        other = getattr(D, name)(**{key: torch.tensor(values, dtype=torch.float64) for key, values in rest[0].items()}, validate_args=False)
        case |= {"other": {key: plain(torch.tensor(values, dtype=torch.float64)) for key, values in rest[0].items()}}
        case["kl"] = plain(D.kl_divergence(made, other))
    elif made.batch_shape == OTHERS[name]().batch_shape or name == "Categorical":
        case["kl"] = plain(D.kl_divergence(made, OTHERS[name]()))
    cases.append(case)
others = {"Normal": [[0.5, 0.0], [2.0, 0.7]], "Uniform": [[-2.0, 0.2], [2.0, 0.9]], "Bernoulli": {"probs": [0.3, 0.3, 0.6]}, "Categorical": {"logits": [0.1, 0.2, 0.3]}}
target = pathlib.Path(__file__).with_name("torch_distributions.json")
target.write_text(json.dumps({"torch": torch.__version__, "others": others, "cases": cases}, separators=(",", ":")) + "\n")
print(target, len(cases), "cases,", target.stat().st_size, "bytes")

"""Writes torch_optim.json, PyTorch's numbers for tests/torch_style/optim/.

    python tests/golden/torch_optim.py        # needs: pip install torch==2.15.0

Two parameters in two groups are trained on made-up gradients: 0.5 p + cos(0 + step), cos(1 + step), ...
"""
import json
import pathlib

import torch
from torch.optim import lr_scheduler as schedulers

from torch_cases import flat

torch.set_num_threads(1)


def parameters():
    return [torch.sin(torch.arange(6.0)).reshape(3, 2).requires_grad_(), torch.cos(torch.arange(4.0)).requires_grad_()]


def set_gradients(params, step):
    for p in params:
        p.grad = (0.5 * p + torch.cos(torch.arange(p.numel()) + float(step)).reshape(p.shape)).detach()


def camel(name):
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def train(name, second, steps=8, **options):
    params = parameters()
    optimizer = getattr(torch.optim, name)([{"params": params[:1]}, {"params": params[1:], **second}], **options)
    for step in range(steps):
        set_gradients(params, step)
        optimizer.step()
    return {
        "name": name,
        "options": {camel(k): v for k, v in options.items()},
        "second": {camel(k): v for k, v in second.items()},
        "steps": steps,
        "parameters": [flat(p) for p in params],
    }


runs = [
    train("SGD", {"lr": 0.02}, lr=0.1),
    train("SGD", {"momentum": 0.5}, lr=0.1, momentum=0.9, weight_decay=0.01),
    train("SGD", {"lr": 0.2}, lr=0.1, momentum=0.9, dampening=0.3, maximize=True),
    train("SGD", {"momentum": 0.8}, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.1),
    train("Adam", {"lr": 0.05}, lr=0.1),
    train("Adam", {"betas": [0.5, 0.9]}, lr=0.1, weight_decay=0.1, eps=1e-3),
    train("Adam", {"lr": 0.2}, lr=0.1, amsgrad=True, maximize=True),
    train("AdamW", {"weight_decay": 0.0}, lr=0.1),
    train("AdamW", {"lr": 0.02}, lr=0.1, weight_decay=0.3, amsgrad=True),
    train("RMSprop", {"lr": 0.02}, lr=0.01),
    train("RMSprop", {"alpha": 0.5}, lr=0.01, alpha=0.9, eps=1e-3, weight_decay=0.1),
    train("RMSprop", {"lr": 0.02}, lr=0.01, centered=True),
    train("RMSprop", {"momentum": 0.5}, lr=0.01, momentum=0.9, centered=True, maximize=True),
    train("Adagrad", {"lr": 0.2}, lr=0.1),
    train("Adagrad", {"lr_decay": 0.5}, lr=0.1, lr_decay=0.1, weight_decay=0.1, initial_accumulator_value=0.3, eps=1e-3),
]


def schedule(title, make, metrics=None, steps=24, optimizer="SGD"):
    params = parameters()
    kind = getattr(torch.optim, optimizer)
    options = {"momentum": 0.9} if optimizer == "SGD" else {}
    made = kind([{"params": params[:1]}, {"params": params[1:], "lr": 0.5}], lr=0.1, **options)
    scheduler = make(made)
    rates, momenta = [], []
    for step in range(steps):
        rates.append([g["lr"] for g in made.param_groups])
        momenta.append([g.get("momentum", g.get("betas", (0,))[0]) for g in made.param_groups])
        set_gradients(params, step)
        made.step()
        if step < steps - 1:
            scheduler.step() if metrics is None else scheduler.step(metrics[step])
    return {"title": title, "optimizer": optimizer, "metrics": metrics, "rates": rates, "momenta": momenta}


falling = [3, 2, 2, 2, 2, 1.9, 1.9, 1.9, 1.9, 1.9, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
S = schedulers
schedules = [
    schedule("StepLR", lambda o: S.StepLR(o, 5, 0.3)),
    schedule("MultiStepLR", lambda o: S.MultiStepLR(o, [3, 4, 12], 0.5)),
    schedule("ExponentialLR", lambda o: S.ExponentialLR(o, 0.9)),
    schedule("CosineAnnealingLR", lambda o: S.CosineAnnealingLR(o, 10, 0.01)),
    schedule("LambdaLR", lambda o: S.LambdaLR(o, lambda e: 1 / (1 + e))),
    schedule("LambdaLR of each", lambda o: S.LambdaLR(o, [lambda e: 0.95**e, lambda e: 1 - e / 50])),
    schedule("LinearLR", lambda o: S.LinearLR(o, 0.1, 0.8, 7)),
    schedule("OneCycleLR", lambda o: S.OneCycleLR(o, 1.0, 24)),
    schedule("OneCycleLR of each", lambda o: S.OneCycleLR(o, [1.0, 0.3], 24, pct_start=0.4, anneal_strategy="linear",
                                                          div_factor=10, final_div_factor=100), optimizer="Adam"),
    schedule("ReduceLROnPlateau", lambda o: S.ReduceLROnPlateau(o, patience=2, factor=0.5), falling),
    schedule("ReduceLROnPlateau max", lambda o: S.ReduceLROnPlateau(o, mode="max", patience=1, cooldown=2, threshold=0.05,
                                                                    threshold_mode="abs", min_lr=0.02), falling[::-1]),
    schedule("SequentialLR", lambda o: S.SequentialLR(o, [S.LinearLR(o, 0.1, 1.0, 4), S.CosineAnnealingLR(o, 20)], [4])),
]
target = pathlib.Path(__file__).with_name("torch_optim.json")
lines = [",\n".join(json.dumps(item, separators=(",", ":")) for item in group) for group in (runs, schedules)]
target.write_text(f'{{"torch":"{torch.__version__}","runs":[\n{lines[0]}\n],"schedules":[\n{lines[1]}\n]}}\n')
print(target, len(runs), len(schedules), target.stat().st_size, "bytes")

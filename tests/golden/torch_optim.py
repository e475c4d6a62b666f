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
    train("Adadelta", {"lr": 0.5}),
    train("Adadelta", {"rho": 0.5}, lr=0.3, eps=1e-3, weight_decay=0.1, maximize=True),
    train("Adamax", {"lr": 0.05}, lr=0.1),
    train("Adamax", {"betas": [0.5, 0.9]}, lr=0.1, weight_decay=0.1, eps=1e-3, maximize=True),
    train("NAdam", {"lr": 0.05}, lr=0.1),
    train("NAdam", {"momentum_decay": 0.1}, lr=0.1, weight_decay=0.1, decoupled_weight_decay=True, maximize=True),
    train("RAdam", {"lr": 0.05}, lr=0.1),
    train("RAdam", {"betas": [0.5, 0.7]}, lr=0.1, weight_decay=0.1, decoupled_weight_decay=True),
    train("RAdam", {"betas": [0.5, 0.7]}, lr=0.1, weight_decay=0.1, maximize=True),
    train("ASGD", {"lr": 0.05}, lr=0.1),
    train("ASGD", {"lambd": 0.1}, lr=0.1, alpha=0.5, t0=2.0, weight_decay=0.1, maximize=True),
    train("Rprop", {"lr": 0.05}, lr=0.1),
    train("Rprop", {"etas": [0.3, 1.5]}, lr=0.1, step_sizes=[0.05, 0.2], maximize=True),
    train("Adafactor", {"lr": 0.05}, lr=0.1),
    train("Adafactor", {"d": 1.5}, lr=0.5, beta2_decay=-0.5, eps=[1e-3, 1e-2], weight_decay=0.1, maximize=True),
]


MAKERS = {}


def schedule(title, make, metrics=None, steps=24, optimizer="SGD"):
    MAKERS[title] = make
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
    schedule("CosineAnnealingLR back again", lambda o: S.CosineAnnealingLR(o, 3, 0.01)),
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
    schedule("ConstantLR", lambda o: S.ConstantLR(o, 0.2, 7)),
    schedule("PolynomialLR", lambda o: S.PolynomialLR(o, 15, 2.0)),
    schedule("MultiplicativeLR", lambda o: S.MultiplicativeLR(o, lambda e: 0.95 if e % 2 else 1.02)),
    schedule("CosineAnnealingWarmRestarts", lambda o: S.CosineAnnealingWarmRestarts(o, 5, eta_min=0.01)),
    schedule("CosineAnnealingWarmRestarts longer", lambda o: S.CosineAnnealingWarmRestarts(o, 3, 2)),
    schedule("CyclicLR", lambda o: S.CyclicLR(o, 0.01, 0.2, 4)),
    schedule("CyclicLR halved", lambda o: S.CyclicLR(o, [0.01, 0.02], [0.2, 0.5], 3, 5, mode="triangular2"), optimizer="Adam"),
    schedule("CyclicLR falling", lambda o: S.CyclicLR(o, 0.01, 0.2, 4, mode="exp_range", gamma=0.9, cycle_momentum=False)),
    schedule("ChainedScheduler", lambda o: S.ChainedScheduler([S.ConstantLR(o, 0.1, 4), S.ExponentialLR(o, 0.9), S.CosineAnnealingLR(o, 30)])),
    schedule("OneCycleLR by epochs", lambda o: S.OneCycleLR(o, 1.0, epochs=4, steps_per_epoch=6)),
    schedule("OneCycleLR in three phases", lambda o: S.OneCycleLR(o, 1.0, 24, pct_start=0.4, three_phase=True)),
    schedule("SWALR", lambda o: torch.optim.swa_utils.SWALR(o, 0.05, anneal_epochs=8)),
    schedule("SWALR along a line", lambda o: torch.optim.swa_utils.SWALR(o, [0.05, 0.02], anneal_epochs=5, anneal_strategy="linear")),
]


def mixed(title, mix, steps):
    """Rates of a scheduler together with others: one is cut by hand, a group comes later; shorter where PyTorch raises."""
    params = parameters()
    made = torch.optim.SGD([{"params": params[:1]}, {"params": params[1:], "lr": 0.5}], lr=0.1, momentum=0.9)
    rates = []
    try:
        together = MIXES[mix](made, MAKERS[title])
        for step in range(steps):
            rates.append([float(f"{g['lr']:.10g}") for g in made.param_groups])
            if step == steps - 1:
                break
            made.step()
            for scheduler in together:
                scheduler.step(*[1.0] if isinstance(scheduler, S.ReduceLROnPlateau) else [])
            if step == 3:
                made.param_groups[0]["lr"] *= 0.5
            if step == 6 and mix == "combined":
                made.add_param_group({"params": [torch.zeros(2, requires_grad=True)], "lr": 0.3})
    except (ValueError, KeyError, NotImplementedError):
        pass
    return {"title": title, "mix": mix, "rates": rates, "refused": len(rates) < steps}


MIXES = {
    "combined": lambda o, make: [make(o), S.ExponentialLR(o, 0.9)],
    "behind": lambda o, make: [S.SequentialLR(o, [S.StepLR(o, 2, 0.5), make(o)], [3])],
    "before": lambda o, make: [S.SequentialLR(o, [make(o), S.StepLR(o, 2, 0.5)], [4])],
}
one_a_class = [title for title in MAKERS if not any(word in title for word in ("each", "longer", "halved", "falling", "epochs", "line", "max"))]
mixes = [mixed(title, mix, 10 if mix == "combined" else 8) for title in one_a_class for mix in MIXES
         if mix == "combined" or not title.startswith("ReduceLR")]


def rosenbrock(**options):
    """Losses and places of five steps from (-1.5, 2)."""
    x = torch.tensor([-1.5, 2.0], requires_grad=True)
    optimizer = torch.optim.LBFGS([x], **options)
    losses, places = [], []

    def closure():
        optimizer.zero_grad()
        loss = (1 - x[0]) ** 2 + 10 * (x[1] - x[0] ** 2) ** 2
        loss.backward()
        return loss

    for _ in range(5):
        losses.append(optimizer.step(closure).item())
        places.append(x.tolist())
    return {"options": {camel(k): v for k, v in options.items()}, "losses": losses, "places": places}


def averaged(**options):
    """Averages of weights [i, 2i] after three updates."""
    module = torch.nn.Linear(2, 1, bias=False)
    kind = options.pop("kind")
    function = torch.optim.swa_utils.get_ema_avg_fn(0.8) if kind == "ema" else None
    model = torch.optim.swa_utils.AveragedModel(module, avg_fn=function)
    rows = []
    for i in range(1, 5):
        with torch.no_grad():
            module.weight.copy_(torch.tensor([[float(i * i), 2.0 * i]]))
        model.update_parameters(module)
        rows.append(model.module.weight.tolist()[0])
    return {"kind": kind, "rows": rows, "state": list(model.state_dict())}


searches = [rosenbrock(line_search_fn="strong_wolfe", max_iter=4), rosenbrock(lr=0.01, max_iter=5), rosenbrock(line_search_fn="strong_wolfe", history_size=2)]
averages = [averaged(kind="ema"), averaged(kind="swa")]
target = pathlib.Path(__file__).with_name("torch_optim.json")
lines = [",\n".join(json.dumps(item, separators=(",", ":")) for item in group) for group in (runs, schedules, mixes, searches, averages)]
target.write_text(f'{{"torch":"{torch.__version__}","runs":[\n{lines[0]}\n],"schedules":[\n{lines[1]}\n],"mixes":[\n{lines[2]}\n],"searches":[\n{lines[3]}\n],"averages":[\n{lines[4]}\n]}}\n')
print(target, len(runs), len(schedules), len(mixes), target.stat().st_size, "bytes")

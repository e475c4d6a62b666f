"""Ways of training of torch_style/examples/: each program's losses, and what else it measures."""
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.optim import lr_scheduler

from torch_examples_formula import BATCHES, data, fill, images


def step(optimizer, loss):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def conv_group(inputs, outputs):
    norm = lambda: nn.BatchNorm2d(outputs, momentum=0.4, eps=1e-12)
    conv = lambda channels: nn.Conv2d(channels, outputs, 3, padding="same", bias=False)
    return nn.Sequential(conv(inputs), nn.MaxPool2d(2), norm(), nn.GELU(), conv(outputs), norm(), nn.GELU())


class AirNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.whiten = nn.Conv2d(3, 24, 2)
        self.layers = nn.Sequential(nn.GELU(), conv_group(24, 32), conv_group(32, 64), nn.MaxPool2d(3), nn.Flatten())
        self.head = nn.Linear(256, 10, bias=False)

    def forward(self, x):
        return self.head(self.layers(self.whiten(x))) / 9


def airbench_like():
    """Look-ahead every second step; then a loss with the averaged weights."""
    net = fill(AirNet())
    frozen = [net.whiten.weight] + [m.weight for m in net.modules() if isinstance(m, nn.BatchNorm2d)]
    for p in frozen:
        p.requires_grad = False
    learned = [(name, p) for name, p in net.named_parameters() if p.requires_grad]
    is_bias = lambda name: name.startswith("layers") and name.endswith("bias")
    optimizer = torch.optim.SGD([{"params": [p for name, p in learned if is_bias(name)], "lr": 0.08, "weight_decay": 5e-3 / 8},
                                 {"params": [p for name, p in learned if not is_bias(name)], "weight_decay": 5e-3}],
                                lr=0.01, momentum=0.85, nesterov=True)
    scheduler = lr_scheduler.LambdaLR(optimizer, lambda i: 0.2 if i < 1 else (6 - i) / 5)
    average = {name: value.clone() for name, value in net.state_dict().items()}
    for batch in BATCHES:
        x, y = images(batch)
        loss = F.cross_entropy(net(x), y, label_smoothing=0.2, reduction="none").sum()
        yield step(optimizer, loss) / len(x)
        scheduler.step()
        i = batch + 1
        if i % 2 == 0:
            decay = 0.95**2 * (i / 6) ** 3
            with torch.no_grad():
                for name, value in net.state_dict().items():
                    if value.dtype == torch.float32:
                        value.copy_(average[name].lerp_(value, 1 - decay))
    net.load_state_dict({**net.state_dict(), **{name: value for name, value in average.items() if value.dtype == torch.float32}})
    x, y = images(0)
    yield F.cross_entropy(net(x), y, label_smoothing=0.2).item()


class Transferred(nn.Module):
    def __init__(self):
        super().__init__()
        stage = lambda a, b: [nn.Conv2d(a, b, 3, 2, 1, bias=False), nn.BatchNorm2d(b), nn.ReLU()]
        self.backbone = nn.Sequential(*stage(3, 16), *stage(16, 32), *stage(32, 64), nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.fc = nn.Linear(64, 10)

    def forward(self, x):
        return self.fc(self.backbone(x))


def transfer_learning():
    """Five losses of the new head, five of all layers."""
    net = fill(Transferred())
    for p in net.parameters():
        p.requires_grad = False
    net.fc = fill(nn.Linear(64, 2), 50)
    optimizer = torch.optim.SGD(net.fc.parameters(), lr=0.05, momentum=0.9)
    net.backbone.eval()
    for batch in BATCHES:
        x, y = images(batch)
        yield step(optimizer, F.cross_entropy(net(x), (y >= 5).long()))
    net.train().requires_grad_(True)
    optimizer = torch.optim.SGD([{"params": net.backbone.parameters(), "lr": 0.002}, {"params": net.fc.parameters()}], lr=0.02, momentum=0.9)
    for batch in BATCHES:
        x, y = images(batch)
        yield step(optimizer, F.cross_entropy(net(x), (y >= 5).long()))


def gradient_accumulation():
    """Losses of the first five steps of two micro-batches each, and the gradients' norms."""
    stage = lambda a, b: [nn.Conv2d(a, b, 3, 2, 1, bias=False), nn.GroupNorm(4, b), nn.ReLU()]
    net = fill(nn.Sequential(*stage(3, 16), *stage(16, 32), *stage(32, 64), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10)))
    optimizer = torch.optim.AdamW(net.parameters(), lr=5e-3)
    for i in BATCHES:
        optimizer.zero_grad()
        total = 0
        for batch in (2 * i, 2 * i + 1):
            x, y = images(batch, 8)
            loss = F.cross_entropy(net(x), y) / 2
            loss.backward()
            total += loss.item()
        norm = nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        yield [total, norm.item()]


def mixup():
    """Shares 0.3, 0.4, ..., each image with the one before it."""
    stage = lambda a, b: [nn.Conv2d(a, b, 3, padding=1, bias=False), nn.BatchNorm2d(b), nn.ReLU(), nn.MaxPool2d(2)]
    net = fill(nn.Sequential(*stage(3, 16), *stage(16, 32), *stage(32, 32), nn.Flatten(), nn.Linear(512, 10)))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    for batch in BATCHES:
        share = 0.3 + batch / 10
        x, y = images(batch)
        y = F.one_hot(y, 10).float()
        mix = lambda a: share * a + (1 - share) * a.roll(1, 0)
        yield step(optimizer, F.cross_entropy(net(mix(x)), mix(y)))


class Distilled(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, width, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(width, 2 * width, 3, padding=1),
                                      nn.ReLU(), nn.MaxPool2d(4))
        self.classifier = nn.Sequential(nn.Linear(32 * width, 8 * width), nn.ReLU(), nn.Linear(8 * width, 10))

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


def distillation():
    """Five losses of the teacher, then five of the student."""
    teacher, student = fill(Distilled(16)), fill(Distilled(4), 50)
    optimizer = torch.optim.Adam(teacher.parameters(), lr=2e-3)
    for batch in BATCHES:
        x, y = images(batch)
        yield step(optimizer, F.cross_entropy(teacher(x), y))
    optimizer = torch.optim.Adam(student.parameters(), lr=5e-3)
    for batch in BATCHES:
        x, y = images(batch)
        with torch.no_grad():
            soft = F.softmax(teacher(x) / 2, dim=1)
        logits = student(x)
        divergence = F.kl_div(F.log_softmax(logits / 2, dim=1), soft, reduction="batchmean") * 4
        yield step(optimizer, 0.25 * divergence + 0.75 * F.cross_entropy(logits, y))


def feature_hooks():
    """Rows of a class activation map, then losses with the lengths of three layers' gradients."""
    net = nn.Sequential(nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                        nn.Conv2d(32, 32, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10))
    fill(net)
    activations, gradients = {}, {}
    for i in (1, 4, 7):
        net[i].register_forward_hook(lambda module, inputs, output, i=i: activations.__setitem__(i, output))
        net[i].register_full_backward_hook(lambda module, grad_input, grad_output, i=i: gradients.__setitem__(i, grad_output[0]))
    net(images(0)[0][:1]).amax(1).sum().backward()
    map = F.relu((activations[7] * gradients[7].mean((2, 3), keepdim=True)).sum(1))[0]
    yield (map / map.max()).mean(1).tolist()
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    for batch in BATCHES:
        x, y = images(batch)
        loss = F.cross_entropy(net(x), y) + 0.01 * sum(activations[i].pow(2).mean() for i in (1, 4, 7))
        yield [step(optimizer, loss)] + [gradients[i].norm().item() for i in (1, 4, 7)]


class TemporalBlock(nn.Module):
    def __init__(self, inputs, outputs, dilation):
        super().__init__()
        norm = nn.utils.parametrizations.weight_norm
        self.padding = 2 * dilation
        self.conv1, self.conv2 = (norm(nn.Conv1d(n, outputs, 3, dilation=dilation)) for n in (inputs, outputs))
        self.downsample = None if inputs == outputs else nn.Conv1d(inputs, outputs, 1)

    def forward(self, x):
        y = F.relu(self.conv1(F.pad(x, (self.padding, 0))))
        y = F.relu(self.conv2(F.pad(y, (self.padding, 0))))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


def weight_norm():
    network = nn.Sequential(*[TemporalBlock(2 if i == 0 else 16, 16, 2**i) for i in range(4)])
    net = fill(nn.ModuleDict({"network": network, "linear": nn.Linear(16, 1)}))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for batch in BATCHES:
        guessed = net["linear"](network(data(1000 + batch, 32, 2, 24))[:, :, -1])
        yield step(optimizer, F.mse_loss(guessed, data(2000 + batch, 32, 1)))


def keep_the_best():
    """Validation losses by epoch, until three were no better; the best one's weights again; the first loss after that."""
    net = fill(nn.Sequential(nn.Linear(20, 128, bias=False), nn.BatchNorm1d(128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 2)))
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    points = lambda batch: (data(1000 + batch, 32, 20), torch.tensor([(5 * i + batch) % 7 % 2 for i in range(32)]))
    best, epoch, losses = -1, 0, []
    while epoch - best <= 3:
        net.train()
        for batch in BATCHES:
            x, y = points(batch)
            step(optimizer, F.cross_entropy(net(x), y))
        net.eval()
        with torch.no_grad():
            losses.append(sum(F.cross_entropy(net(x), y).item() for x, y in map(points, (5, 6))) / 2)
        if best < 0 or losses[epoch] < losses[best]:
            best, state = epoch, {name: value.clone() for name, value in net.state_dict().items()}
        epoch += 1
    net.load_state_dict(state)
    net.train()
    x, y = points(0)
    return [losses, best, F.cross_entropy(net(x), y).item()]


def losses():
    programs = [airbench_like, transfer_learning, gradient_accumulation, mixup, distillation, feature_hooks, weight_norm, keep_the_best]
    return {program.__name__: list(program()) for program in programs}

"""Writes torch.json, PyTorch's numbers for tests/torch_style/golden_test.ts.

    python tests/golden/torch_golden.py        # needs: pip install torch==2.15.0
"""
import math

import torch
import torch.nn.functional as F

from torch_cases import Cases, flat

golden = Cases()
case = golden.add


def draw(*shape):
    return torch.randn(shape)


def conv2d(x, w, b=None, **kw):
    given = [t for t in (x, w, b) if t is not None]
    case("conv2d", lambda x, w, b=None: F.conv2d(x, w, b, **kw), given, **kw)


conv2d(draw(2, 3, 5, 6), draw(4, 3, 3, 3), draw(4))
conv2d(draw(2, 3, 5, 6), draw(4, 3, 3, 3), draw(4), padding="same")
conv2d(draw(1, 2, 7, 5), draw(3, 2, 2, 3), None, padding="same")
conv2d(draw(2, 2, 7, 8), draw(3, 2, 3, 2), draw(3), stride=[2, 3], padding=[1, 0])
conv2d(draw(1, 2, 9, 9), draw(2, 2, 3, 3), draw(2), dilation=2, padding=1)
conv2d(draw(2, 4, 6, 6), draw(6, 2, 3, 3), draw(6), groups=2, padding=1, stride=2)
conv2d(draw(2, 4, 5, 5), draw(4, 1, 3, 3), None, groups=4)

for kernel, kw in [(2, {}), (3, {"stride": 2}), (2, {"stride": 1}), (3, {"stride": 2, "padding": 1})]:
    x = draw(2, 3, 7, 6)
    case("maxPool2d", lambda x: F.max_pool2d(x, kernel, **kw), [x], kernelSize=kernel, **kw)
# Ties: of equal largest elements the first takes the gradient.
case("maxPool2d", lambda x: F.max_pool2d(x, 2), [torch.tensor([[[[1., 2, 0, 0], [2, 0, 0, 0]]]])], kernelSize=2)

for shape in [(3, 4), (2, 3, 4)]:
    case("linear", F.linear, [draw(*shape), draw(5, 4), draw(5)])
case("linear", F.linear, [draw(3, 4), draw(5, 4)])
for dim in [0, 1, -1]:
    case("softmax", lambda x: F.softmax(x, dim), [draw(3, 4) * 3], dim=dim)
    case("logSoftmax", lambda x: F.log_softmax(x, dim), [draw(3, 4) * 30], dim=dim)
case("relu", F.relu, [draw(3, 4)])
for reduction in ["mean", "sum", "none"]:
    case("crossEntropy", lambda x, y: F.cross_entropy(x, y, reduction=reduction),
         [draw(5, 4), torch.tensor([0, 3, 1, 1, 2])], reduction=reduction)

binary = {"add": torch.add, "sub": torch.sub, "mul": torch.mul, "div": torch.div}
for name, function in binary.items():
    for left, right in [((2, 3), (2, 3)), ((2, 3), (3,)), ((2, 1), (4, 1, 3)), ((), (2, 2))]:
        case(name, function, [draw(*left), draw(*right)])
case("pow", torch.pow, [draw(2, 3).abs() + 0.5, draw(3)])
for name in ["exp", "sqrt", "log", "tanh", "sigmoid", "abs", "neg"]:
    case(name, getattr(torch, name), [draw(2, 3).abs() + 0.1 if name in ("sqrt", "log") else draw(2, 3)])
for dims, keep in [(None, False), (0, False), ([0, 2], True), (-1, True)]:
    for name in ["sum", "mean", "amax"]:
        def reduce(x, name=name):
            if dims is None:
                return torch.amax(x) if name == "amax" else getattr(torch, name)(x)
            return getattr(torch, name)(x, dims, keep)
        case(name, reduce, [draw(2, 3, 4)], dim=dims, keepdim=keep)
for a, b in [((2, 3), (3, 4)), ((5, 2, 3), (5, 3, 2)), ((4, 2, 3), (3, 2)), ((3,), (3, 2)), ((2, 3), (3,)), ((3,), (3,))]:
    case("matmul", torch.matmul, [draw(*a), draw(*b)])


def sine(count, scale, offset=0.0):
    return torch.tensor([math.sin(12.9898 * i + offset) * scale for i in range(count)], dtype=torch.float64).float()


class Net(torch.nn.Module):
    """The seed network, small: 6 and 8 filters on 8 x 8 images."""

    def __init__(self):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(3, 6, 3, padding="same")
        self.conv2 = torch.nn.Conv2d(6, 8, 3, padding="same")
        self.dense1 = torch.nn.Linear(32, 12)
        self.dense2 = torch.nn.Linear(12, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.dense2(F.relu(self.dense1(x.flatten(1))))


def training(steps=30, **kw):
    net = Net()
    with torch.no_grad():
        for k, p in enumerate(net.parameters()):
            p.copy_(sine(p.numel(), 0.3, k).reshape(p.shape))
    optimizer = torch.optim.RMSprop(net.parameters(), **kw)
    losses = []
    for step in range(steps):
        x = sine(4 * 3 * 64, 1, step).reshape(4, 3, 8, 8)
        loss = F.cross_entropy(net(x), (torch.arange(4) * 3 + step) % 10)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return {"options": kw, "losses": losses, "bias": flat(net.dense2.bias)}


runs = [training(lr=0.001), training(lr=0.01, alpha=0.9, eps=1e-5)]

def noise(count, scale, offset):
    """Numbers in ±scale that look random and are the same in any language."""
    waves = (math.sin(12.9898 * i + offset) * 43758.5453 for i in range(count))
    return torch.tensor([(w - math.floor(w)) * 2 * scale - scale for w in waves], dtype=torch.float64).float()


class SeedNet(torch.nn.Module):
    """The seed network itself."""

    def __init__(self):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(3, 32, 3, padding="same")
        self.conv2 = torch.nn.Conv2d(32, 64, 3, padding="same")
        self.dense1 = torch.nn.Linear(4096, 100)
        self.dense2 = torch.nn.Linear(100, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.dense2(F.relu(self.dense1(x.flatten(1))))


def seed_training(steps=100):
    """Rate and eps are small: with the published ones PyTorch on one thread leaves PyTorch on two by 1e-4 at step 7,
    because gradients near zero are divided by roots near zero."""
    net = SeedNet()
    with torch.no_grad():
        for k, p in enumerate(net.parameters()):
            fan_in = p[0].numel() if p.dim() > 1 else 100
            p.copy_(noise(p.numel(), fan_in**-0.5, k).reshape(p.shape))
    optimizer = torch.optim.RMSprop(net.parameters(), lr=2e-5, eps=1e-3)
    losses = []
    for step in range(steps):
        labels = torch.arange(32) * 3 % 10
        # A class is a brightness, with noise on it.
        x = noise(32 * 3072, 0.5, step).reshape(32, 3, 32, 32) + (labels / 5.0 - 1).reshape(32, 1, 1, 1)
        loss = F.cross_entropy(net(x), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


golden.write("torch", training=runs, seedTraining=seed_training())

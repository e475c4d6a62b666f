"""Writes torch_examples.json: PyTorch's losses of the first five steps of torch_style/examples/, from the same weights.

    python tests/golden/torch_examples.py        # needs: pip install torch==2.15.0

The programs of torch_examples_networks.py and others beside it are written into the same file; "deviations" is by how much PyTorch's
own losses move when it computes them by other kernels.
"""
import json
import pathlib

import torch
import torch.nn as nn
import torch.nn.functional as F

import torch_examples_more as more
import torch_examples_networks as networks
import torch_examples_training as training
from torch_examples_formula import data, fill, labels

torch.set_num_threads(2)


class Mnist(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 32, 3, 1), nn.Conv2d(32, 64, 3, 1)
        self.fc1, self.fc2 = nn.Linear(9216, 128), nn.Linear(128, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv2(F.relu(self.conv1(x)))), 2)
        return F.log_softmax(self.fc2(F.relu(self.fc1(torch.flatten(x, 1)))), 1)


def mnist():
    net = fill(Mnist())
    optimizer = torch.optim.Adadelta(net.parameters(), lr=1.0)
    for batch in range(5):
        optimizer.zero_grad()
        loss = F.nll_loss(net(data(1000 + batch, 4, 1, 28, 28)), labels(batch, 4))
        loss.backward()
        optimizer.step()
        yield loss.item()


def classify(net, shape, lr):
    optimizer = torch.optim.SGD(net.parameters(), lr=lr, momentum=0.9)
    for batch in range(5):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(data(1000 + batch, *shape)), labels(batch, shape[0]))
        loss.backward()
        optimizer.step()
        yield loss.item()


class Cifar(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.pool, self.conv2 = nn.Conv2d(3, 6, 5), nn.MaxPool2d(2, 2), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        x = self.pool(F.relu(self.conv2(self.pool(F.relu(self.conv1(x))))))
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(torch.flatten(x, 1))))))


class Block(nn.Module):
    def __init__(self, inputs, planes, stride=1):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(inputs, planes, 3, stride, 1, bias=False), nn.BatchNorm2d(planes)
        self.conv2, self.bn2 = nn.Conv2d(planes, planes, 3, 1, 1, bias=False), nn.BatchNorm2d(planes)
        self.downsample = None
        if stride != 1 or inputs != planes:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, planes, 1, stride, bias=False), nn.BatchNorm2d(planes))

    def forward(self, x):
        identity = x if self.downsample is None else self.downsample(x)
        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))) + identity)


class ResNet18(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64)
        layer = lambda inputs, planes, stride: nn.Sequential(Block(inputs, planes, stride), Block(planes, planes))
        self.layer1, self.layer2, self.layer3, self.layer4 = layer(64, 64, 1), layer(64, 128, 2), layer(128, 256, 2), layer(256, 512, 2)
        self.fc = nn.Linear(512, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean((2, 3)))


class CharRNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.rnn, self.decoder = nn.Embedding(12, 16), nn.LSTM(16, 16, 2), nn.Linear(16, 12)

    def forward(self, x, state):
        output, state = self.rnn(self.encoder(x), state)
        return self.decoder(output.flatten(0, 1)), state


def char_rnn():
    net, state = fill(CharRNN()), None
    optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
    for batch in range(5):
        text = torch.tensor([[(3 * t + 5 * i + batch) % 12 for i in range(3)] for t in range(7)])
        optimizer.zero_grad()
        logits, state = net(text[:-1], state)
        loss = F.cross_entropy(logits, text[1:].reshape(-1))
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 0.25)
        optimizer.step()
        state = tuple(s.detach() for s in state)
        yield loss.item()


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc21, self.fc22 = nn.Linear(784, 400), nn.Linear(400, 20), nn.Linear(400, 20)
        self.fc3, self.fc4 = nn.Linear(20, 400), nn.Linear(400, 784)


def vae():
    net = fill(VAE())
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    for batch in range(5):
        x = data(1000 + batch, 4, 784) * 0.5 + 0.5
        optimizer.zero_grad()
        hidden = F.relu(net.fc1(x))
        mean, log = net.fc21(hidden), net.fc22(hidden)
        code = mean + data(2000 + batch, 4, 20) * torch.exp(0.5 * log)
        y = torch.sigmoid(net.fc4(F.relu(net.fc3(code))))
        loss = F.binary_cross_entropy(y, x, reduction="sum") - 0.5 * torch.sum(1 + log - mean.pow(2) - log.exp())
        loss.backward()
        optimizer.step()
        yield loss.item() / 4


def dcgan():
    up = lambda a, b: [nn.ConvTranspose2d(a, b, 4, 2, 1, bias=False), nn.BatchNorm2d(b), nn.ReLU()]
    down = lambda a, b: [nn.Conv2d(a, b, 4, 2, 1, bias=False), nn.BatchNorm2d(b), nn.LeakyReLU(0.2)]
    net_g = fill(nn.Sequential(nn.ConvTranspose2d(16, 64, 4, bias=False), nn.BatchNorm2d(64), nn.ReLU(), *up(64, 32), *up(32, 16),
                               nn.ConvTranspose2d(16, 3, 4, 2, 1, bias=False), nn.Tanh()))
    net_d = fill(nn.Sequential(nn.Conv2d(3, 16, 4, 2, 1, bias=False), nn.LeakyReLU(0.2), *down(16, 32), *down(32, 64), nn.Conv2d(64, 1, 4, bias=False),
                               nn.Sigmoid()), 100)
    g, d = (torch.optim.Adam(net.parameters(), lr=2e-4, betas=(0.5, 0.999)) for net in (net_g, net_d))
    bce, ones, zeros = nn.BCELoss(), torch.ones(4), torch.zeros(4)
    for batch in range(5):
        net_d.zero_grad()
        real = bce(net_d(data(1000 + batch, 4, 3, 32, 32)).view(-1), ones)
        real.backward()
        fake = net_g(data(2000 + batch, 4, 16, 1, 1))
        false = bce(net_d(fake.detach()).view(-1), zeros)
        false.backward()
        d.step()
        net_g.zero_grad()
        loss = bce(net_d(fake).view(-1), ones)
        loss.backward()
        g.step()
        yield [real.item() + false.item(), loss.item()]


def all_losses():
    return {
        "mnist": list(mnist()),
        "cifar_tutorial": list(classify(fill(Cifar()), (4, 3, 32, 32), 0.01)),
        "resnet18": list(classify(fill(ResNet18()), (4, 3, 64, 64), 0.01)),
        "char_rnn": list(char_rnn()),
        "vae": list(vae()),
        "dcgan": list(dcgan()),
        **networks.losses(),
        **training.losses(),
        **more.losses(),
    }


def deviation(a, b):
    return [deviation(x, y) for x, y in zip(a, b)] if isinstance(a, list) else float(f"{abs(a - b):.0e}")


losses = all_losses()
# On one thread by other kernels: what rounding alone makes of the same program.
torch.set_num_threads(1)
with torch.backends.mkldnn.flags(enabled=False):
    other = all_losses()
deviations = {name: deviation(losses[name], other[name]) for name in losses}
target = pathlib.Path(__file__).with_name("torch_examples.json")
target.write_text(json.dumps({"torch": torch.__version__, "losses": losses, "deviations": deviations}, indent=1) + "\n")
print(deviations)

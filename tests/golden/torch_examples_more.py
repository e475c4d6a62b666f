"""More programs of torch_style/examples/: sequences, pictures as outputs, distances, rewards."""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F

from torch_examples_formula import BATCHES, data, fill, images
from torch_examples_training import step


def super_resolution():
    conv = lambda a, b, k: nn.Conv2d(a, b, k, padding=k // 2)
    net = fill(nn.Sequential(conv(1, 32, 5), nn.ReLU(), conv(32, 32, 3), nn.ReLU(), conv(32, 16, 3), nn.ReLU(), conv(16, 4, 3), nn.PixelShuffle(2)))
    optimizer = torch.optim.Adam(net.parameters(), lr=4e-3)
    for batch in BATCHES:
        x = data(1000 + batch, 16, 1, 32, 32)
        small = F.interpolate(x, scale_factor=0.5, mode="bicubic", align_corners=False)
        yield step(optimizer, F.mse_loss(net(small), x))


def siamese_triplet():
    net = fill(nn.Sequential(nn.Conv2d(3, 16, 5, 2, 2), nn.PReLU(), nn.Conv2d(16, 32, 3, 2, 1), nn.PReLU(), nn.MaxPool2d(2), nn.Flatten(),
                             nn.Linear(512, 32)))
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    for batch in BATCHES:
        x, y = images(batch, 32)
        e = F.normalize(net(x))
        with torch.no_grad():
            distances, same = torch.cdist(e, e), y[None] == y[:, None]
            positives, negatives = distances.masked_fill(~same, -1).argmax(1), distances.masked_fill(same, math.inf).argmin(1)
        yield step(optimizer, F.triplet_margin_loss(e, e[positives], e[negatives], margin=0.3))


def policy_gradient():
    policy = fill(nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, 2)))
    optimizer = torch.optim.Adam(policy.parameters(), lr=0.02)
    for batch in BATCHES:
        states, actions = data(1000 + batch, 20, 4), torch.tensor([(7 * i + batch) % 3 % 2 for i in range(20)])
        returns, total = [], 0
        for i in reversed(range(20)):
            total = (i * 7 + batch) % 5 + 0.99 * total
            returns.insert(0, total)
        returns = torch.tensor(returns)
        advantages = (returns - returns.mean()) / (returns.std() + 1e-8)
        chosen = torch.distributions.Categorical(logits=policy(states)).log_prob(actions)
        yield step(optimizer, -(chosen * advantages).mean())


class Sequence(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm1, self.lstm2, self.linear = nn.LSTMCell(1, 16), nn.LSTMCell(16, 16), nn.Linear(16, 1)

    def forward(self, series, future=0):
        h1, c1, h2, c2 = (series.new_zeros(len(series), 16) for _ in range(4))
        outputs = []
        for t in range(series.shape[1] + future):
            h1, c1 = self.lstm1(series[:, t : t + 1] if t < series.shape[1] else outputs[-1], (h1, c1))
            h2, c2 = self.lstm2(h1, (h2, c2))
            outputs.append(self.linear(h2))
        return torch.cat(outputs, 1)


def time_sequence():
    """Five steps of LBFGS, then three values that go on."""
    net = fill(Sequence()).double()
    waves = torch.sin((torch.arange(13)[None] + 1.7 * torch.arange(4)[:, None]) / 3).double()
    optimizer = torch.optim.LBFGS(net.parameters(), max_iter=8, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = F.mse_loss(net(waves[:, :12]), waves[:, 1:])
        loss.backward()
        return loss

    for _ in BATCHES:
        yield optimizer.step(closure).item()
    yield net(waves[:1, :12], future=3)[0, 12:].tolist()


class GPTBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.ln1, self.attention, self.projection = nn.LayerNorm(width), nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.ln2, self.mlp = nn.LayerNorm(width), nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        n, time, width = x.shape
        q, k, v = (part.view(n, time, 4, width // 4).transpose(1, 2) for part in self.attention(self.ln1(x)).split(width, 2))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.projection(y.transpose(1, 2).reshape(n, time, width))
        return x + self.mlp(self.ln2(x))


class GPT(nn.Module):
    def __init__(self, vocabulary=17, width=64):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(vocabulary, width), nn.Embedding(32, width)
        self.h, self.ln_f = nn.Sequential(GPTBlock(width), GPTBlock(width)), nn.LayerNorm(width)
        self.head = nn.Linear(width, vocabulary, bias=False)
        self.head.weight = self.wte.weight

    def forward(self, letters):
        return self.head(self.ln_f(self.h(self.wte(letters) + self.wpe(torch.arange(letters.shape[1])))))


def gpt():
    net = fill(GPT())
    groups = [{"params": [p for p in net.parameters() if p.ndim >= 2], "weight_decay": 0.1},
              {"params": [p for p in net.parameters() if p.ndim < 2], "weight_decay": 0}]
    optimizer = torch.optim.AdamW(groups, lr=3e-3, betas=(0.9, 0.99))
    for batch in BATCHES:
        for group in optimizer.param_groups:
            group["lr"] = 3e-3 * (batch + 1) / 11
        text = torch.tensor([[(t * t + 5 * i + batch) % 17 for t in range(33)] for i in range(8)])
        loss = F.cross_entropy(net(text[:, :-1]).flatten(0, 1), text[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        yield loss.item()


def double_conv(inputs, outputs):
    conv = lambda a: [nn.Conv2d(a, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]
    return nn.Sequential(*conv(inputs), *conv(outputs))


class Up(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.up, self.conv = nn.ConvTranspose2d(inputs, outputs, 2, 2), double_conv(2 * outputs, outputs)

    def forward(self, x, skipped):
        return self.conv(torch.cat([skipped, self.up(x)], 1))


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.inc, self.down1, self.down2 = double_conv(1, 8), double_conv(8, 16), double_conv(16, 32)
        self.up1, self.up2, self.outc = Up(32, 16), Up(16, 8), nn.Conv2d(8, 1, 1)

    def forward(self, x):
        first = self.inc(x)
        second = self.down1(F.max_pool2d(first, 2))
        return self.outc(self.up2(self.up1(self.down2(F.max_pool2d(second, 2)), second), first))


def unet():
    net = fill(UNet())
    optimizer = torch.optim.RMSprop(net.parameters(), lr=2e-3, momentum=0.9)
    for batch in BATCHES:
        x = data(1000 + batch, 16, 1, 32, 32)
        masks = (x > 0.3).float()
        logits = net(x)
        p = logits.sigmoid()
        dice = ((2 * (p * masks).sum((1, 2, 3)) + 1e-6) / (p.sum((1, 2, 3)) + masks.sum((1, 2, 3)) + 1e-6)).mean()
        loss = F.binary_cross_entropy_with_logits(logits, masks) + 1 - dice
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        yield loss.item()


class Attention(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.wa, self.ua, self.va = nn.Linear(hidden, hidden), nn.Linear(hidden, hidden), nn.Linear(hidden, 1)

    def forward(self, query, keys):
        weights = F.softmax(self.va(torch.tanh(self.wa(query) + self.ua(keys))).transpose(1, 2), -1)
        return weights @ keys, weights


class Decoder(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.embedding, self.attention = nn.Embedding(11, hidden), Attention(hidden)
        self.gru, self.out = nn.GRU(2 * hidden, hidden, batch_first=True), nn.Linear(hidden, 10)

    def forward(self, outputs, hidden, target):
        digits = torch.cat([torch.full((len(target), 1), 10), target[:, :-1]], 1)
        logits, attention = [], []
        for t in range(digits.shape[1]):
            context, weights = self.attention(hidden.permute(1, 0, 2), outputs)
            output, hidden = self.gru(torch.cat([self.embedding(digits[:, t : t + 1]), context], 2), hidden)
            logits.append(self.out(output))
            attention.append(weights)
        return torch.cat(logits, 1), torch.cat(attention, 1)


def seq2seq_attention():
    """Five losses, then where the decoder looks for the first digit."""
    encoder = fill(nn.ModuleList([nn.Embedding(10, 32), nn.GRU(32, 32, batch_first=True)]))
    decoder = fill(Decoder(32), 50)
    optimizers = [torch.optim.Adam(net.parameters(), lr=0.01) for net in (encoder, decoder)]
    for batch in BATCHES:
        digits = torch.tensor([[(3 * t * t + 7 * i + batch) % 10 for t in range(6)] for i in range(16)])
        target = digits.flip(1)
        for optimizer in optimizers:
            optimizer.zero_grad()
        outputs, hidden = encoder[1](encoder[0](digits))
        logits, attention = decoder(outputs, hidden, target)
        loss = F.cross_entropy(logits.flatten(0, 1), target.flatten())
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
        yield loss.item()
    outputs, hidden = encoder[1](encoder[0](digits))
    yield decoder(outputs, hidden, target)[1][0, 0].tolist()


def neural_style():
    """Losses of the image, then its mean colours."""
    convs = fill(nn.ModuleList([nn.Conv2d(3, 16, 3, padding=1), nn.Conv2d(16, 32, 3, padding=1), nn.Conv2d(32, 32, 3, padding=1)]))
    convs.requires_grad_(False)

    def features(x):
        first = F.relu(convs[0](x))
        second = F.relu(convs[1](F.avg_pool2d(first, 2)))
        return [first, second, F.relu(convs[2](F.avg_pool2d(second, 2)))]

    def gram(x):
        rows = x.flatten(2)[0]
        return rows @ rows.T / x.numel()

    content, style = (data(seed, 1, 3, 32, 32) * 0.5 + 0.5 for seed in (1000, 1001))
    targets = [gram(layer) for layer in features(style)]
    image = content.clone().requires_grad_()
    optimizer = torch.optim.Adam([image], lr=0.02)
    for _ in BATCHES:
        with torch.no_grad():
            image.clamp_(0, 1)
        layers = features(image)
        styled = sum(F.mse_loss(gram(layer), target) for layer, target in zip(layers, targets))
        yield step(optimizer, F.mse_loss(layers[1], features(content)[1]) + 1e6 * styled)
    yield image.detach().clamp(0, 1).mean((0, 2, 3)).tolist()


def losses():
    programs = [super_resolution, siamese_triplet, policy_gradient, time_sequence, gpt, unet, seq2seq_attention, neural_style]
    return {program.__name__: list(program()) for program in programs}

"""PyTorch's side of `deno task bench:device-steps`: `torch_steps.py MODEL BATCH DEVICE SECONDS`. Prints StepTimes as JSON."""
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "peers"))

import numpy as np  # noqa: E402
import same_batch  # noqa: E402
import torch  # noqa: E402
import torch_networks  # noqa: E402

IMAGE, CLASSES = (32, 32, 3), 10


def measure(name, batch, device, seconds):
    torch.manual_seed(1)
    network = torch_networks.build(name, IMAGE, CLASSES)
    network.to(device)
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9)
    images = np.ascontiguousarray(same_batch.images(batch, IMAGE).transpose(0, 3, 1, 2))
    images, labels = torch.from_numpy(images), torch.from_numpy(same_batch.labels(batch, CLASSES))
    if device == "cuda":
        images, labels = images.pin_memory(), labels.pin_memory()
    losses = []

    def step():
        x, y = images.to(device, non_blocking=True), labels.to(device, non_blocking=True)
        optimizer.zero_grad()
        loss = criterion(network(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())

    begin = time.perf_counter()
    step()
    first = time.perf_counter() - begin
    for _ in range(10):
        step()
    start, steps = time.perf_counter(), 0
    while steps < 3 or time.perf_counter() - start < seconds:
        step()
        steps += 1
    spent = time.perf_counter() - start
    return {"firstCallMs": first * 1000, "stepMs": spent * 1000 / steps, "steps": steps, "losses": losses[:16]}


if __name__ == "__main__":
    model, count, where, duration = sys.argv[1:]
    print(json.dumps(measure(model, int(count), where, float(duration))))

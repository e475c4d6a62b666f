"""Writes torch_data_parallel.json: gradients and weights of DistributedDataParallel with find_unused_parameters where the
workers' passes reach different parameters, for tests/torch_style/distributed/distributed_test.ts.

    python tests/golden/torch_data_parallel.py        # needs: pip install torch==2.15.0

Each case is a list of steps, each step a list of the experts that each rank's passes take (the last pass is averaged). Of a
step are written the gradients, null where there is none, and the weights after it: SGD with momentum and weight decay, so
that a gradient of 0 and none differ.
"""
import json
import os
import pathlib

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch import nn

CASES = [
    [[[1], [1]], [[0], [1]]],
    [[[0], [1]], [[0], [1]], [[2], [2]]],
    [[[0, 1], [2, 1]], [[1, 0], [0]]],
    [[[2, 0], [0, 2]], [[1, 2], [2]]],
]


class Experts(nn.Module):
    def __init__(self):
        super().__init__()
        self.experts = nn.ModuleList(nn.Linear(1, 1, bias=False) for _ in range(3))

    def forward(self, x, expert):
        return self.experts[expert](x)


def work(rank, results):
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT="29517")
    dist.init_process_group("gloo", rank=rank, world_size=2)
    found = []
    for steps in CASES:
        net = Experts()
        for expert in net.experts:
            nn.init.constant_(expert.weight, 0.5)
        net = nn.parallel.DistributedDataParallel(net, find_unused_parameters=True)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=0.1)
        seen = []
        for step in steps:
            optimizer.zero_grad()
            passes = step[rank]
            run = lambda expert: net(torch.full([1, 1], rank + 1.0), expert).sum().backward()
            with net.no_sync():
                for expert in passes[:-1]:
                    run(expert)
            run(passes[-1])
            gradients = [None if p.grad is None else p.grad.item() for p in net.parameters()]
            optimizer.step()
            seen.append({"gradients": gradients, "weights": [float(f"{p.item():.9g}") for p in net.parameters()]})
        found.append(seen)
    results[rank] = found
    dist.destroy_process_group()


if __name__ == "__main__":
    results = mp.Manager().dict()
    mp.spawn(work, args=(results,), nprocs=2)
    assert results[0] == results[1]
    golden = [{"steps": steps, "seen": seen} for steps, seen in zip(CASES, results[0])]
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text("[\n" + ",\n".join(json.dumps(case) for case in golden) + "\n]\n")

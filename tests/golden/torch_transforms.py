"""Writes torch_transforms.json, PyTorch's numbers for tests/torch_style/transforms_test.ts.

    python tests/golden/torch_transforms.py        # needs: pip install torch==2.15.0
"""
import torch
import torch.nn.functional as F

from torch_cases import Cases

golden = Cases()
image = torch.rand(2, 5, 4)
for size in [(5, 4), (10, 8), (3, 7), (2, 2), (1, 9)]:
    golden.add("resize", lambda x: F.interpolate(x[None], size, mode="bilinear", align_corners=False)[0].detach(),
               [image], size=size)
golden.write("torch_transforms")

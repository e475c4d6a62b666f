"""Writes torchvision_transforms.json, torchvision's numbers for tests/torch_style/augmentation_test.ts.

    python tests/golden/torchvision_transforms.py        # needs: pip install torch==2.15.0 torchvision==0.29.2
"""
import re

import torch
import torchvision.transforms.v2.functional as F

from torch_cases import Cases

golden = Cases()
images = [torch.rand(3, 5, 6), torch.rand(1, 4, 5), torch.rand(3, 16, 18)]
images[0][:, 1, 1] = 0.5


def camel(name):
    return re.sub(r"_([a-z0-9])", lambda m: m[1].upper(), name)


def record(name, *args, own=None, which=(0, 1), **options):
    """F.name(image, *args, **options); `own` is what ours is called with if it differs."""
    for i in which:
        golden.add(camel(name), lambda x: getattr(F, name)(x.detach(), *args, **options), [images[i]], args=own or list(args))


for factor in [0.0, 0.4, 1.7]:
    for name in ["adjust_brightness", "adjust_contrast", "adjust_saturation", "adjust_sharpness"]:
        record(name, factor)
for factor in [-0.5, -0.2, 0.1, 0.4]:
    record("adjust_hue", factor)
record("solarize", 0.4)
record("posterize", 3)
record("autocontrast")
record("equalize", which=[0, 2])
record("to_grayscale", 1)
plain = {"angle": 0.0, "translate": [0, 0], "scale": 1.0, "shear": [0.0, 0.0]}
for change in [{"translate": [2, -1]}, {"shear": [15.0, 0.0]}, {"shear": [0.0, -10.0], "center": [0, 0]}, {"angle": 30.0, "scale": 1.3}, {"angle": -20.0, "fill": 0.25}]:
    given = {**plain, **change}
    record("affine", own=[given], which=[0, 2], **given)
record("rotate", 25.0, which=[0, 2])
golden.write("torchvision_transforms")

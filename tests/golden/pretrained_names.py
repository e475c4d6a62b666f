"""Writes pretrained_names.json for tests/bench/weights: the parameters of torchvision's and timm's networks by their names, in
order, with their shapes; the networks are made as those of bench/models are (stems, strides, 10 classes).

With a folder, instead: loads the safetensors in it, NETWORK.NAMING.safetensors as `bench convert --names` wrote them, into those networks and
holds their logits against NETWORK.json (what Tandem computed).

    python tests/golden/pretrained_names.py [FOLDER]    # needs: pip install torch torchvision timm safetensors
"""
import json
import pathlib
import sys

import timm
import torch
import torchvision
from safetensors.torch import load_file
from torch import nn


def resnet18(network):
    network.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
    network.maxpool = nn.Identity()
    return network


def vgg11_bn_torchvision():
    network = torchvision.models.vgg11_bn(num_classes=10)
    network.avgpool = nn.AdaptiveAvgPool2d(1)
    network.classifier = nn.Sequential(*[nn.Identity()] * 6, nn.Linear(512, 10))
    return network


def vgg11_bn_timm():
    network = timm.create_model("vgg11_bn", num_classes=10)
    network.pre_logits = nn.Identity()
    network.head.fc = nn.Linear(512, 10)
    return network


def mobilenetv2_torchvision():
    network = torchvision.models.mobilenet_v2(num_classes=10)
    network.features[0][0].stride = (1, 1)
    network.features[2].conv[1][0].stride = (1, 1)
    return network


def mobilenetv2_timm():
    network = timm.create_model("mobilenetv2_100", num_classes=10)
    network.conv_stem.stride = (1, 1)
    network.blocks[1][0].conv_dw.stride = (1, 1)
    return network


def shufflenetv2_torchvision():
    network = torchvision.models.shufflenet_v2_x1_0(num_classes=10)
    network.conv1[0].stride = (1, 1)
    network.maxpool = nn.Identity()
    return network


def efficientnet_torchvision():
    network = torchvision.models.efficientnet_b0(num_classes=10)
    network.features[0][0].stride = (1, 1)
    network.features[2][0].block[1][0].stride = (1, 1)
    return network


NETWORKS = {
    ("resnet18", "torchvision"): lambda: resnet18(torchvision.models.resnet18(num_classes=10)),
    ("resnet18", "timm"): lambda: resnet18(timm.create_model("resnet18", num_classes=10)),
    ("vgg11_bn", "torchvision"): vgg11_bn_torchvision,
    ("vgg11_bn", "timm"): vgg11_bn_timm,
    ("mobilenetv2", "torchvision"): mobilenetv2_torchvision,
    ("mobilenetv2", "timm"): mobilenetv2_timm,
    ("shufflenetv2", "torchvision"): shufflenetv2_torchvision,
    ("efficientnet_lite0", "torchvision"): efficientnet_torchvision,
    ("vit_tiny", "timm"): lambda: timm.create_model(
        "vit_tiny_patch16_224", img_size=32, patch_size=4, num_classes=10
    ),
    ("vit_tiny", "torchvision"): lambda: torchvision.models.VisionTransformer(32, 4, 12, 3, 192, 768, num_classes=10),
    ("mlp_mixer", "timm"): lambda: timm.models.mlp_mixer.MlpMixer(
        num_classes=10, img_size=32, patch_size=4, num_blocks=8, embed_dim=128, mlp_ratio=(0.5, 4.0)
    ),
}


def write():
    lines = []
    for (name, naming), make in NETWORKS.items():
        shapes = {key: list(value.shape) for key, value in make().state_dict().items()}
        names = {key: shape for key, shape in shapes.items() if not key.endswith("num_batches_tracked")}
        lines.append(f'"{name} {naming}": {json.dumps(names)}')
    path = pathlib.Path(__file__).with_name("pretrained_names.json")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def check(folder):
    x = torch.sin(torch.arange(2 * 3 * 32 * 32, dtype=torch.float32)).reshape(2, 3, 32, 32)
    for (name, naming), make in NETWORKS.items():
        network = make().eval()
        network.load_state_dict(load_file(folder / f"{name}.{naming}.safetensors"))
        with torch.no_grad():
            logits = network(x)
        expected = torch.tensor(json.loads((folder / f"{name}.json").read_text())).reshape(2, 10)
        distance = ((logits - expected).abs().max() / expected.abs().max()).item()
        print(f"{name} as {naming}'s: {distance:.1e} from Tandem's logits")
        assert distance < 1e-4, (name, naming)


if __name__ == "__main__":
    check(pathlib.Path(sys.argv[1])) if len(sys.argv) > 1 else write()

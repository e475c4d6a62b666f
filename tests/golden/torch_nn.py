"""Writes torch_nn.json, PyTorch's numbers and texts for tests/torch_style/nn/.

    python tests/golden/torch_nn.py        # needs: pip install torch==2.15.0

torch_recording.py says what is recorded of functions and modules.
"""
from collections import OrderedDict

import torch
import torch.nn as nn
import torch.nn.functional as F

from torch_cases import flat
from torch_recording import draw, f, m, write

texts = []

# ---- activations: values on, beside and far from every corner
corners = torch.tensor([-90., -25, -7, -3.0, -2.5, -1, -0.5, -0.1, 0, 0.1, 0.5, 0.75, 1, 2, 3.0, 4, 6.0, 7, 25, 90])
for name in ["relu", "relu6", "hardsigmoid", "hardswish", "leaky_relu", "elu", "selu", "celu", "silu", "mish", "softplus",
             "softsign", "tanhshrink", "softshrink", "hardshrink", "logsigmoid", "hardtanh", "gelu"]:
    f(name, [corners])
for name in ["sigmoid", "tanh"]:
    f(name, [corners])
f("leaky_relu", [corners], 0.2)
f("elu", [corners], 0.5)
f("celu", [corners], 0.5)
f("hardtanh", [corners], -2.5, 0.5)
f("softplus", [corners], 2.0, 1.0)
f("softplus", [corners], 0.5)
f("softshrink", [corners], 0.1)
f("hardshrink", [corners], 1.0)
f("threshold", [corners], 0.5, 20.0)
f("gelu", [corners], approximate="tanh")
f("rrelu", [corners])
f("prelu", [corners, torch.tensor([0.3])])
f("prelu", [draw(2, 3, 4), draw(3)])
f("glu", [draw(3, 4)])
f("glu", [draw(4, 3)], 0)
for dim in [0, 1, -1]:
    f("softmax", [draw(3, 4) * 3], dim)
    f("softmin", [draw(3, 4)], dim)
    f("log_softmax", [draw(3, 4) * 30], dim)
f("normalize", [torch.cat([draw(2, 4), torch.zeros(1, 4)])])
f("normalize", [draw(2, 3, 2)], p=3.0, dim=0)
f("normalize", [draw(2, 3)], p=1.0, dim=-1)
rows = torch.tensor([[0.5, -2.0, 1.0, 2.0], [0.0, 0.0, 0.0, 0.0], [3.0, 0.0, -1.0, 1e-3]])
for p in [2.0, 4.0, 12.0, 0.5, 0.0, float("inf"), float("-inf")]:
    f("normalize", [rows], p=p, dim=-1)
    f("normalize", [rows], p=p, dim=0, eps=1.5)
f("normalize", [rows], eps=1e-25)

# ---- losses
x, y = draw(5, 4), torch.tensor([0, 3, 1, 1, 2])
w = torch.rand(4) + 0.2
for reduction in ["mean", "sum", "none"]:
    f("cross_entropy", [x, y], reduction=reduction)
    f("cross_entropy", [x, y], reduction=reduction, weight=w, label_smoothing=0.1)
    f("cross_entropy", [x, torch.tensor([0, -100, 1, -100, 2])], reduction=reduction, label_smoothing=0.2)
    f("cross_entropy", [x, y], reduction=reduction, weight=w, ignore_index=1)
    f("cross_entropy", [x, torch.softmax(draw(5, 4), 1)], reduction=reduction, weight=w, label_smoothing=0.1)
    f("nll_loss", [torch.log_softmax(x, 1), y], reduction=reduction, weight=w, ignore_index=3)
    f("nll_loss", [torch.log_softmax(draw(2, 3, 4), 1), torch.randint(0, 3, (2, 4))], reduction=reduction)
f("cross_entropy", [draw(2, 3, 4, 2), torch.randint(0, 3, (2, 4, 2))])
f("cross_entropy", [draw(2, 3, 4), torch.randint(0, 3, (2, 4))], weight=torch.rand(3), label_smoothing=0.3)
f("cross_entropy", [draw(2, 3, 4), torch.softmax(draw(2, 3, 4), 1)])
f("cross_entropy", [draw(4), torch.tensor(2)])
f("cross_entropy", [draw(4), torch.softmax(draw(4), 0)])
f("cross_entropy", [torch.tensor([[1., -float("inf"), 2], [0, 1, 2]]), torch.tensor([2, 0])])
a, b = draw(3, 4) * 2, draw(3, 4)
p, t = torch.rand(3, 4), torch.rand(3, 4)
for reduction in ["mean", "sum", "none"]:
    for name in ["mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"]:
        f(name, [a, b], reduction=reduction)
    f("smooth_l1_loss", [a, b], reduction=reduction, beta=0.5)
    f("huber_loss", [a, b], reduction=reduction, delta=0.5)
    f("binary_cross_entropy", [p, t], reduction=reduction)
    f("binary_cross_entropy", [p, (t > 0.5).float()], reduction=reduction, weight=torch.rand(4))
    f("binary_cross_entropy_with_logits", [a, t], reduction=reduction)
    f("binary_cross_entropy_with_logits", [a * 30, t], reduction=reduction, weight=torch.rand(3, 1), pos_weight=torch.rand(4) * 3)
f("binary_cross_entropy", [torch.tensor([0., 1, 0, 1, 0.5]), torch.tensor([0., 1, 1, 0, 1])])
f("smooth_l1_loss", [a, b], beta=0.0)
f("mse_loss", [draw(3, 1), draw(4)])
logs = torch.log_softmax(draw(3, 4), 1)
for reduction in ["mean", "sum", "none", "batchmean"]:
    f("kl_div", [logs, torch.softmax(draw(3, 4), 1)], reduction=reduction)
    f("kl_div", [logs, torch.log_softmax(draw(3, 4), 1)], reduction=reduction, log_target=True)
f("kl_div", [logs, torch.tensor([[0., 1, 0, 0], [0.5, 0, 0.5, 0], [0.25, 0.25, 0.25, 0.25]])], reduction="sum", fixed=[1])

# ---- normalization
f("layer_norm", [draw(3, 4) * 3 + 10], [4])
f("layer_norm", [draw(2, 3, 4)], [3, 4], weight=draw(3, 4), bias=draw(3, 4), eps=1e-3)
f("rms_norm", [draw(3, 4)], [4])
f("rms_norm", [draw(3, 4)], [4], weight=draw(4), eps=0.1)
f("group_norm", [draw(2, 4, 3)], 2)
f("group_norm", [draw(2, 6, 2, 2)], 3, weight=draw(6), bias=draw(6), eps=1e-2)
f("instance_norm", [draw(2, 3, 4)])
f("instance_norm", [draw(2, 3, 4, 2)], weight=draw(3), bias=draw(3))

# ---- convolution
f("conv1d", [draw(2, 3, 8), draw(4, 3, 3), draw(4)])
f("conv1d", [draw(2, 4, 9), draw(6, 2, 3), draw(6)], stride=2, padding=2, dilation=2, groups=2)
f("conv1d", [draw(1, 2, 7), draw(3, 2, 4), draw(3)], padding="same")
f("conv1d", [draw(2, 7), draw(3, 2, 4), draw(3)])
f("conv2d", [draw(3, 5, 6), draw(2, 3, 2, 2), draw(2)], stride=[1, 2])
f("conv3d", [draw(1, 2, 4, 5, 4), draw(3, 2, 2, 3, 2), draw(3)])
f("conv3d", [draw(1, 4, 4, 5, 5), draw(4, 2, 2, 3, 2), draw(4)], stride=[1, 2, 2], padding=[1, 1, 0], dilation=[2, 1, 1], groups=2)
f("conv3d", [draw(1, 1, 3, 3, 4), draw(2, 1, 3, 2, 3), draw(2)], padding="same")
f("conv_transpose1d", [draw(2, 3, 5), draw(3, 4, 3), draw(4)])
f("conv_transpose1d", [draw(2, 4, 5), draw(4, 3, 3), draw(6)], stride=3, padding=1, output_padding=2, groups=2)
f("conv_transpose2d", [draw(2, 3, 4, 3), draw(3, 2, 3, 3), draw(2)], stride=2, padding=1, output_padding=1)
f("conv_transpose2d", [draw(1, 4, 3, 4), draw(4, 2, 2, 3), draw(4)], stride=[1, 2], dilation=[2, 1], output_padding=[1, 0], groups=2)
f("conv_transpose2d", [draw(3, 4, 3), draw(3, 2, 3, 3), draw(2)], stride=[3, 2], padding=2, output_padding=[2, 1])
f("conv_transpose3d", [draw(1, 2, 3, 2, 3), draw(2, 3, 2, 3, 2), draw(3)])
f("conv_transpose3d", [draw(1, 2, 3, 2, 2), draw(2, 1, 2, 3, 2), draw(2)], stride=2, padding=[0, 1, 0], output_padding=1, groups=2)

# ---- pooling
f("max_pool1d", [draw(2, 3, 8)], 2)
f("max_pool1d", [draw(2, 8)], 3, stride=2, padding=1, ceil_mode=True)
f("max_pool2d", [draw(2, 2, 7, 6)], [3, 2], stride=[2, 1], padding=[1, 0], dilation=[1, 2])
f("max_pool2d", [draw(1, 2, 8, 7)], 3, stride=2, dilation=2, ceil_mode=True)
f("max_pool2d", [draw(1, 2, 6, 7)], 2, stride=3, ceil_mode=True)
f("max_pool2d", [draw(1, 1, 5, 5)], 2, stride=2, padding=1, ceil_mode=True)
f("max_pool2d", [draw(1, 1, 6, 6)], 2, dilation=3, stride=4, ceil_mode=True)
f("max_pool2d", [torch.randint(0, 3, (1, 2, 6, 6)).float()], 3, stride=2, padding=1)
f("max_pool3d", [draw(1, 2, 4, 5, 4)], 2)
f("max_pool3d", [draw(2, 4, 5, 4)], [2, 3, 2], stride=2, padding=1, ceil_mode=True)
f("avg_pool1d", [draw(2, 3, 8)], 2)
f("avg_pool1d", [draw(2, 3, 8)], 3, stride=2, padding=1, ceil_mode=True, count_include_pad=False)
for include in [True, False]:
    f("avg_pool2d", [draw(1, 2, 6, 7)], [3, 2], stride=2, padding=1, count_include_pad=include)
    f("avg_pool2d", [draw(1, 2, 6, 7)], 3, stride=2, padding=1, ceil_mode=True, count_include_pad=include)
f("avg_pool2d", [draw(2, 4, 4)], 2)
f("avg_pool2d", [draw(1, 1, 5, 5)], 2, divisor_override=3)
f("avg_pool3d", [draw(1, 2, 4, 5, 4)], 2)
f("avg_pool3d", [draw(1, 1, 4, 5, 4)], [2, 3, 2], stride=[1, 2, 2], padding=1, ceil_mode=True)
for kind in ["avg", "max"]:
    f(f"adaptive_{kind}_pool1d", [draw(2, 3, 8)], 4)
    f(f"adaptive_{kind}_pool1d", [draw(2, 3, 7)], 3)
    f(f"adaptive_{kind}_pool1d", [draw(3, 4)], 6)
    f(f"adaptive_{kind}_pool2d", [draw(2, 2, 6, 4)], [3, 2])
    f(f"adaptive_{kind}_pool2d", [draw(1, 2, 7, 5)], [3, 4])
    f(f"adaptive_{kind}_pool2d", [draw(1, 2, 5, 4)], [None, 3])
    f(f"adaptive_{kind}_pool2d", [draw(2, 2, 5, 4)], 1)
    f(f"adaptive_{kind}_pool3d", [draw(1, 2, 4, 5, 3)], [3, 2, 2])
    f(f"adaptive_{kind}_pool3d", [draw(1, 2, 4, 2, 6)], 2)

# ---- padding
for mode in ["reflect", "replicate", "circular"]:
    f("pad", [draw(2, 3, 5)], [2, 1], mode=mode)
    f("pad", [draw(1, 2, 3, 4)], [1, 2, 0, 2], mode=mode)
    f("pad", [draw(1, 1, 3, 3, 4)], [1, 1, 2, 0, 1, 2], mode=mode)
f("pad", [draw(2, 3)], [1, 2, 0, 1])
f("pad", [draw(2, 3)], [-1, 2, 1, -1], value=1.5)

# ---- the rest
f("linear", [draw(2, 3, 4), draw(5, 4), draw(5)])
f("linear", [draw(4), draw(5, 4), draw(5)])
numbers = torch.tensor([[0, 2, 3], [3, 3, 1]])
f("embedding", [numbers, draw(4, 3)])
f("embedding", [numbers, draw(4, 3)], padding_idx=3)
f("embedding", [numbers, draw(4, 3)], padding_idx=-4)
f("one_hot", [numbers], 4)
f("scaled_dot_product_attention", [draw(2, 3, 4), draw(2, 5, 4), draw(2, 5, 3)])
f("scaled_dot_product_attention", [draw(2, 2, 3, 4), draw(2, 2, 3, 4), draw(2, 2, 3, 4)], is_causal=True, scale=0.3)
f("scaled_dot_product_attention", [draw(2, 3, 4), draw(2, 3, 4), draw(2, 3, 4)],
  attn_mask=torch.tensor([[True, False, True], [True, True, False], [False, False, True]]))
f("scaled_dot_product_attention", [draw(2, 3, 4), draw(2, 3, 4), draw(2, 3, 4)], attn_mask=draw(2, 3, 3))
f("dropout", [draw(3)], 0.5, False)
f("alpha_dropout", [draw(3)], 0.5, False)

# ---- modules
for rank, dimensions in [(1, [7]), (2, [5, 6]), (3, [4, 3, 4])]:
    conv = f"Conv{rank}d"
    m(conv, [draw(2, 4, *dimensions)], 4, 6, 3)
    m(conv, [draw(1, 4, *dimensions)], 4, 2, 3, stride=2, padding=1, groups=2, bias=False)
    for mode in ["reflect", "replicate", "circular"]:
        m(conv, [draw(1, 2, *dimensions)], 2, 3, 3, padding=1, padding_mode=mode)
    m(conv, [draw(1, 2, *dimensions)], 2, 2, 2, padding="same", padding_mode="replicate")
    m(conv, [draw(1, 2, *dimensions)], 2, 2, 2, padding="same", dilation=2)
    m(conv, [draw(1, 2, *dimensions)], 2, 2, 2, padding="valid")
    m(f"ConvTranspose{rank}d", [draw(1, 4, *dimensions)], 4, 6, 3, groups=2)
    m(f"ConvTranspose{rank}d", [draw(1, 2, *dimensions)], 2, 3, 3, stride=2, padding=1, output_padding=1, bias=False)
    bn = f"BatchNorm{rank}d"
    for train in [True, False]:
        m(bn, [draw(3, 2, *dimensions) * 2 + 1], 2, train=train, calls=2)
        m(bn, [draw(3, 2, *dimensions)], 2, train=train, affine=False, momentum=None, calls=3)
        m(bn, [draw(3, 2, *dimensions)], 2, train=train, track_running_stats=False, eps=1e-3)
    m(f"InstanceNorm{rank}d", [draw(2, 3, *dimensions)], 3)
    m(f"InstanceNorm{rank}d", [draw(2, 3, *dimensions)], 3, affine=True)
    m(f"MaxPool{rank}d", [draw(1, 2, *dimensions)], 2, stride=1)
    m(f"AvgPool{rank}d", [draw(1, 2, *dimensions)], 3, stride=2, padding=1, ceil_mode=True, count_include_pad=False)
    m(f"AdaptiveAvgPool{rank}d", [draw(1, 2, *dimensions)], 2)
    m(f"AdaptiveMaxPool{rank}d", [draw(1, 2, *dimensions)], 2)
    for name in ["ReflectionPad", "ReplicationPad", "CircularPad", "ZeroPad"]:
        m(f"{name}{rank}d", [draw(1, 2, *dimensions)], 1)
    m(f"ConstantPad{rank}d", [draw(1, 1, *dimensions)], [1, 2] + [0] * (2 * rank - 2), 1.5)
m("BatchNorm1d", [draw(5, 3)], 3, momentum=0.3, bias=False)
m("BatchNorm1d", [draw(5, 3)], 3, train=False)
m("ZeroPad2d", [draw(1, 1, 3, 3)], [1, 2, 0, 1])
m("Conv2d", [draw(1, 2, 6, 7)], 2, 2, [3, 2], stride=[2, 1], padding=[1, 0], dilation=[1, 3])
m("ConvTranspose2d", [draw(1, 2, 3, 4)], 2, 3, [3, 2], stride=[2, 3], call={"output_size": [8, 12]})
m("MaxPool2d", [draw(1, 2, 7, 6)], [3, 2], stride=2, padding=[1, 0], ceil_mode=True)
m("AdaptiveAvgPool2d", [draw(1, 2, 5, 7)], [None, 3])
m("LayerNorm", [draw(2, 3, 4)], 4)
m("LayerNorm", [draw(2, 3, 4)], [3, 4], bias=False, eps=1e-3)
m("LayerNorm", [draw(2, 3, 4)], [4], elementwise_affine=False)
m("RMSNorm", [draw(2, 3, 4)], 4)
m("RMSNorm", [draw(2, 3, 4)], [3, 4], eps=1e-3, elementwise_affine=False)
m("GroupNorm", [draw(2, 4, 3)], 2, 4)
m("GroupNorm", [draw(2, 4, 2, 3)], 4, 4, affine=False, eps=1e-3)
for name in ["ReLU", "ReLU6", "LeakyReLU", "Hardtanh", "Hardsigmoid", "Hardswish", "ELU", "CELU", "SELU", "SiLU", "Mish", "RReLU"]:
    m(name, [corners], train=False)
for name in ["Sigmoid", "LogSigmoid", "Tanh", "Tanhshrink", "Softsign", "Softplus", "Softshrink", "Hardshrink", "GELU", "Identity"]:
    m(name, [corners])
m("GELU", [corners], approximate="tanh")
m("Softplus", [corners], 2.0, 1.0)
m("Threshold", [corners], 0.1, 20.0)
m("LeakyReLU", [corners], 1e-5)
m("Hardtanh", [corners], -2.0, 3.0)
m("PReLU", [draw(2, 3)])
m("PReLU", [draw(2, 3)], 3, init=0.1)
m("GLU", [draw(2, 4)])
for name in ["Softmax", "LogSoftmax", "Softmin"]:
    m(name, [draw(3, 4)], 1)
m("Softmax2d", [draw(2, 3, 2, 2)])
for name in ["Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout"]:
    m(name, [draw(2, 3, 4, 2, 2)[(slice(None),) * 2 + (0,) * {"1": 2, "2": 1}.get(name[7:8], 0)]], 0.2, train=False)
m("Linear", [draw(2, 4)], 4, 3)
m("Linear", [draw(2, 3, 4)], 4, 3, bias=False)
m("Embedding", [numbers], 4, 3)
m("Embedding", [numbers], 4, 3, padding_idx=-1)
m("Flatten", [draw(2, 3, 4)])
m("Flatten", [draw(2, 3, 4, 2)], 0, 2)
m("Unflatten", [draw(2, 6)], 1, [2, 3])

x, y = draw(4, 3), torch.tensor([0, 2, 1, 1])
m("CrossEntropyLoss", [x, y], weight=torch.rand(3), label_smoothing=0.1)
m("CrossEntropyLoss", [x, y])
m("NLLLoss", [torch.log_softmax(x, 1), y], weight=torch.rand(3), reduction="sum")
m("BCELoss", [torch.rand(2, 3), torch.rand(2, 3)])
m("BCEWithLogitsLoss", [draw(2, 3), torch.rand(2, 3)], pos_weight=torch.rand(3))
for name in ["MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss"]:
    m(name, [draw(2, 3), draw(2, 3)], reduction="sum")
m("KLDivLoss", [torch.log_softmax(x, 1), torch.softmax(draw(4, 3), 1)], reduction="batchmean")

# ---- attention
q, k, v = draw(3, 2, 4), draw(5, 2, 4), draw(5, 2, 4)
later = torch.triu(torch.ones(3, 5, dtype=torch.bool), 2)
padding = torch.tensor([[False, False, True, False, False], [False, False, False, True, True]])
m("MultiheadAttention", [q, k, v], 4, 2)
m("MultiheadAttention", [q, q, q], 4, 2)
m("MultiheadAttention", [q, q, q], 4, 2, batch_first=True, bias=False, call={"average_attn_weights": False})
m("MultiheadAttention", [q, k, v], 4, 2, call={"attn_mask": later, "key_padding_mask": padding})
m("MultiheadAttention", [q, k, v], 4, 2, call={"attn_mask": draw(3, 5), "need_weights": False})
m("MultiheadAttention", [q, k, v], 4, 2, call={"attn_mask": draw(4, 3, 5), "key_padding_mask": draw(2, 5)})
m("MultiheadAttention", [q, draw(5, 2, 3), draw(5, 2, 6)], 4, 4, kdim=3, vdim=6)
m("MultiheadAttention", [q, k, v], 4, 1, add_bias_kv=True, add_zero_attn=True, call={"attn_mask": later, "key_padding_mask": padding})
m("MultiheadAttention", [q[:, 0], k[:, 0], v[:, 0]], 4, 2, call={"key_padding_mask": padding[0]})


def text(module):
    """Records how a module prints; the test builds the same ones in the same order."""
    texts.append({"text": str(module), "state": list(module.state_dict())})


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding="same")
        self.blocks = nn.ModuleList([nn.Linear(4, 4), nn.Linear(4, 4), nn.Sequential(nn.Linear(4, 2), nn.ReLU(inplace=True))])
        self.choices = nn.ModuleDict({"a": nn.Identity(), "b": nn.Sequential()})
        self.scales = nn.ParameterList([torch.ones(2, 3), torch.ones(())])
        self.register_buffer("steps", torch.zeros(()))
        self.register_buffer("scratch", torch.zeros(2), persistent=False)
        self.attention = nn.MultiheadAttention(4, 2)
        self.norm = nn.BatchNorm2d(8)


text(Net())
text(nn.Sequential(OrderedDict(conv=nn.Conv2d(1, 2, 3), act=nn.Tanh())))
text(nn.Sequential(nn.Sequential(nn.ReLU6(inplace=True)), nn.LeakyReLU(0.3, inplace=True), nn.Hardtanh(inplace=True), nn.ELU(inplace=True),
                   nn.Dropout(0.25, inplace=True), nn.Hardswish(inplace=True), nn.SiLU(inplace=True)))
text(nn.ModuleList())
text(nn.ModuleList([nn.ReLU()]))

# ---- gradients of gradients: a penalty on the gradient of the input
def penalty():
    net = nn.Sequential(nn.Conv2d(2, 3, 3, padding=1, padding_mode="reflect"), nn.BatchNorm2d(3), nn.GELU(), nn.AvgPool2d(2), nn.ConvTranspose2d(3, 2, 2),
                        nn.GroupNorm(2, 2), nn.SiLU(), nn.MaxPool2d(2, stride=1), nn.Flatten(), nn.LayerNorm(32), nn.Linear(32, 4), nn.Softplus())
    x = draw(3, 2, 8, 8).requires_grad_()
    state = {key: flat(value) for key, value in net.state_dict().items()}
    y = F.cross_entropy(net(x), torch.tensor([1, 3, 0]), label_smoothing=0.1)
    gradient, = torch.autograd.grad(y, x, create_graph=True)
    (gradient * gradient).sum().mul(100).backward()
    return {"state": state, "input": flat(x), "gradient": flat(gradient), "inputGradient": flat(x.grad),
            "parameters": {key: flat(p.grad) for key, p in net.named_parameters()}}


# ---- clipping
clips = []
for kind, bound, p in [("norm", 1.0, 2.0), ("norm", 0.5, 1.0), ("norm", 0.3, float("inf")), ("norm", 100.0, 3.0), ("value", 0.4, 0)]:
    grads = [draw(2, 3), draw(4)]
    parameters = [nn.Parameter(torch.zeros_like(g)) for g in grads]
    for parameter, grad in zip(parameters, grads):
        parameter.grad = grad.clone()
    total = nn.utils.clip_grad_norm_(parameters, bound, p) if kind == "norm" else nn.utils.clip_grad_value_(parameters, bound)
    clips.append({"kind": kind, "bound": bound, "p": "Infinity" if p == float("inf") else p, "before": [flat(g) for g in grads],
                  "after": [flat(q.grad) for q in parameters], "total": total.item() if kind == "norm" else 0})

# Short ones, whose squares are beyond their dtype; the norms are 500, 1300 and 1300.
for dtypes in [["float16"], ["float16", "float16"], ["float16", "float32"], ["float32", "bfloat16"]]:
    parameters = [nn.Parameter(torch.zeros(2, dtype=getattr(torch, dtype))) for dtype in dtypes]
    for parameter, grad in zip(parameters, [torch.tensor([300.0, -400.0]), torch.tensor([0.0, 1200.0])]):
        parameter.grad = grad.to(parameter.dtype)
    before = [flat(q.grad.float()) for q in parameters]
    total = nn.utils.clip_grad_norm_(parameters, 1.0)
    clips.append({"kind": "norm", "bound": 1.0, "p": 2, "before": before, "after": [flat(q.grad.float()) for q in parameters], "total": total.item(), "dtypes": dtypes,
                  "totalType": str(total.dtype).removeprefix("torch.")})

gains = [[name, nn.init.calculate_gain(name)] for name in
         ["linear", "conv2d", "conv_transpose3d", "sigmoid", "tanh", "relu", "leaky_relu", "selu"]]
gains.append(["leaky_relu", nn.init.calculate_gain("leaky_relu", 0.3), 0.3])

write("torch_nn", texts=texts, clips=clips, gains=gains, penalties=[penalty()])

"""Writes torch_nn_more.json, PyTorch's numbers and texts for tests/torch_style/nn/: what torch_nn.py has not.

    python tests/golden/torch_nn_more.py        # needs: pip install torch==2.15.0
"""
import torch
import torch.nn as nn
import torch.nn.functional as F

from torch_recording import draw, f, m, write

t = torch.tensor
REDUCTIONS = ["mean", "sum", "none"]
signs = t([1.0, -1.0, 1.0, -1.0])

# ---- distances
f("cosine_similarity", [draw(3, 4), draw(3, 4)])
f("cosine_similarity", [draw(2, 3, 4), draw(3, 4)], -1, 0.5)
f("pairwise_distance", [draw(3, 4), draw(3, 4)])
f("pairwise_distance", [draw(3, 4), draw(4)], 3.0, 1e-3, True)
f("pdist", [draw(4, 3)])
f("pdist", [draw(4, 3)], 1.0)

# ---- losses
for reduction in REDUCTIONS:
    f("margin_ranking_loss", [draw(4), draw(4), signs], reduction=reduction, margin=0.3, fixed=[2])
    f("hinge_embedding_loss", [draw(4), signs], reduction=reduction, margin=0.7, fixed=[1])
    f("cosine_embedding_loss", [draw(4, 3), draw(4, 3), signs], reduction=reduction, margin=0.1, fixed=[2])
    f("triplet_margin_loss", [draw(4, 3), draw(4, 3), draw(4, 3)], reduction=reduction)
    f("soft_margin_loss", [draw(4) * 3, signs], reduction=reduction, fixed=[1])
    f("multi_margin_loss", [draw(3, 4), t([0, 3, 1])], reduction=reduction)
    f("multilabel_margin_loss", [draw(3, 4), t([[3, 0, -1, 1], [1, -1, 2, 3], [-1, 0, 1, 2]])], reduction=reduction)
    f("multilabel_soft_margin_loss", [draw(3, 4), torch.rand(3, 4).round()], reduction=reduction, weight=torch.rand(4), fixed=[1])
    f("gaussian_nll_loss", [draw(3, 4), draw(3, 4), torch.rand(3, 4) + 0.1], reduction=reduction)
    f("poisson_nll_loss", [draw(3, 4), torch.poisson(torch.full((3, 4), 2.0))], reduction=reduction, full=True, fixed=[1])
f("triplet_margin_loss", [draw(4, 3), draw(4, 3), draw(4, 3)], margin=2.0, p=1.0, swap=True)
f("triplet_margin_with_distance_loss", [draw(4, 3), draw(4, 3), draw(4, 3)], margin=0.5, swap=True)
f("multi_margin_loss", [draw(3, 4), t([0, 3, 1])], p=2, margin=0.5, weight=torch.rand(4))
f("multi_margin_loss", [draw(4), t(2)])
f("multilabel_margin_loss", [draw(4), t([3, 0, -1, 1])])
f("multilabel_soft_margin_loss", [draw(3, 4), torch.rand(3, 4).round()], fixed=[1])
f("gaussian_nll_loss", [draw(3, 4), draw(3, 4), t([0.5, 1e-9, 2.0])], full=True)
f("gaussian_nll_loss", [draw(3, 4), draw(3, 4), torch.rand(3, 1) + 0.1])
f("poisson_nll_loss", [torch.rand(3, 4), torch.poisson(torch.full((3, 4), 2.0))], log_input=False, eps=1e-3, fixed=[1])
f("linear_cross_entropy", [draw(5, 3), draw(4, 3), t([0, 3, 1, 1, 2])], linear_bias=draw(4), label_smoothing=0.1)

# ---- images
for mode in ["nearest", "nearest-exact", "linear", "area"]:
    f("interpolate", [draw(1, 2, 5)], size=8, mode=mode)
    f("interpolate", [draw(1, 2, 7)], size=3, mode=mode)
for mode in ["nearest", "nearest-exact", "bilinear", "bicubic", "area"]:
    f("interpolate", [draw(1, 2, 4, 5)], scale_factor=2.0, mode=mode)
    f("interpolate", [draw(1, 2, 6, 5)], size=[4, 3], mode=mode)
    f("interpolate", [draw(1, 1, 4, 5)], scale_factor=[1.7, 0.6], mode=mode)
for mode in ["bilinear", "bicubic"]:
    f("interpolate", [draw(1, 2, 4, 5)], size=[7, 3], mode=mode, align_corners=True)
    f("interpolate", [draw(1, 1, 4, 5)], scale_factor=1.7, mode=mode, recompute_scale_factor=True)
    f("interpolate", [draw(1, 2, 9, 8)], size=[4, 3], mode=mode, antialias=True)
    f("interpolate", [draw(1, 1, 4, 5)], size=[7, 8], mode=mode, antialias=True)
for mode in ["nearest", "trilinear", "area"]:
    f("interpolate", [draw(1, 1, 3, 2, 3)], size=[2, 4, 5], mode=mode)
for mode in ["bilinear", "nearest"]:
    for padding in ["zeros", "border", "reflection"]:
        for corners in [False, True]:
            f("grid_sample", [draw(2, 2, 3, 4), draw(2, 3, 2, 2)], mode=mode, padding_mode=padding, align_corners=corners,
              fixed=[1] if mode == "nearest" else [])
f("grid_sample", [draw(1, 2, 2, 3, 3), draw(1, 2, 2, 2, 3) * 0.7], align_corners=False)
# All points lie on the centres of pixels.
for padding in ["zeros", "border", "reflection"]:
    for corners in [False, True]:
        f("grid_sample", [torch.arange(16.0).sin().reshape(1, 1, 4, 4), F.affine_grid(torch.eye(2, 3)[None], [1, 1, 4, 4], corners)], padding_mode=padding,
          align_corners=corners)
f("affine_grid", [draw(2, 2, 3)], [2, 1, 3, 4], False)
f("affine_grid", [draw(2, 2, 3)], [2, 1, 3, 4], True)
f("affine_grid", [draw(1, 3, 4)], [1, 1, 2, 3, 2], False)
f("pixel_shuffle", [draw(2, 8, 2, 3)], 2)
f("pixel_unshuffle", [draw(2, 2, 4, 6)], 2)
f("channel_shuffle", [draw(2, 6, 2, 2)], 3)
f("unfold", [draw(2, 2, 5, 6)], 3)
f("unfold", [draw(2, 2, 5, 6)], [2, 3], dilation=[1, 2], padding=[1, 0], stride=2)
f("unfold", [draw(2, 4, 4)], 2, stride=2)
f("fold", [draw(2, 8, 20)], [5, 6], 2)
f("fold", [draw(2, 12, 9)], [6, 7], [2, 3], padding=[0, 1], stride=[2, 3])
for part in [0, 1]:
    f("max_pool1d_with_indices", [draw(2, 3, 8)], 2, part=part)
    f("max_pool2d_with_indices", [draw(1, 2, 7, 6)], [3, 2], stride=[2, 1], padding=[1, 0], part=part)
    f("max_pool2d_with_indices", [draw(2, 7, 6)], 2, ceil_mode=True, part=part)
    f("max_pool3d_with_indices", [draw(1, 1, 4, 5, 4)], 2, dilation=2, stride=1, part=part)
    f("adaptive_max_pool1d_with_indices", [draw(2, 2, 7)], 3, part=part)
    f("adaptive_max_pool2d_with_indices", [draw(1, 2, 5, 7)], [2, 3], part=part)
    f("adaptive_max_pool3d_with_indices", [draw(1, 1, 4, 5, 3)], 2, part=part)
f("max_unpool1d", [draw(1, 2, 3), t([[[0, 3, 4], [1, 2, 5]]])], 2)
f("max_unpool2d", [draw(1, 1, 2, 2), t([[[[1, 2], [8, 11]]]])], 2)
f("max_unpool2d", [draw(1, 1, 2, 2), t([[[[1, 2], [8, 11]]]])], 2, output_size=[5, 5])
f("max_unpool3d", [draw(1, 1, 1, 2, 1), t([[[[[3], [9]]]]])], 2)
f("lp_pool1d", [draw(2, 3, 8)], 2.0, 3)
f("lp_pool2d", [draw(1, 2, 6, 7)], 3.0, [2, 3], stride=2)
f("lp_pool3d", [draw(1, 1, 4, 4, 5)], 2.0, 2)
f("local_response_norm", [draw(2, 5, 3)], 3)
f("local_response_norm", [draw(2, 5, 3, 2)], 2, alpha=0.5, beta=0.5, k=2.0)

# ---- the rest
index = t([[0, 2, 3], [3, 3, 1]])
for mode in ["sum", "mean", "max"]:
    f("embedding_bag", [index, draw(4, 3)], mode=mode)
    f("embedding_bag", [t([0, 2, 3, 3, 1]), draw(4, 3)], offsets=t([0, 2, 2]), mode=mode)
    f("embedding_bag", [index, draw(4, 3)], mode=mode, padding_idx=3)
f("embedding_bag", [index, draw(4, 3)], mode="sum", per_sample_weights=torch.rand(2, 3))
f("bilinear", [draw(2, 3), draw(2, 4), draw(5, 3, 4), draw(5)])
f("feature_alpha_dropout", [draw(2, 3)], 0.5, False)
logs = torch.log_softmax(draw(6, 3, 4), 2)
for reduction in REDUCTIONS:
    f("ctc_loss", [logs, t([[1, 2, 2], [3, 1, 1], [2, 3, 3]])], [6, 5, 6], [3, 2, 1], reduction=reduction, fixed=[0])
f("ctc_loss", [logs, t([1, 2, 2, 3, 1, 2])], [6, 5, 6], [3, 2, 1], blank=0, fixed=[0])
f("ctc_loss", [logs, t([[0, 1, 1], [2, 0, 2], [1, 0, 1]])], [6, 2, 6], [3, 3, 3], blank=3, zero_infinity=True, fixed=[0])
f("ctc_loss", [logs, t([[1, 1, 1], [2, 1, 2], [1, 3, 1]])], [6, 2, 6], [3, 3, 3], reduction="none", fixed=[0])

# ---- float16 and bfloat16, whose squares and small means need float32
for dtype in [torch.float16, torch.bfloat16]:
    x = t([[300.0, -200.0, 100.0, 0.01], [1e-3, 2e-3, -1e-3, 5e-4]], dtype=dtype)
    scale = t([1.0, 0.5, 2.0, -1.0], dtype=dtype)
    f("rms_norm", [x], [4])
    f("rms_norm", [x], [4], weight=scale)
    wide = t([[300.0, -200.0, 100.0, 50.0], [250.0, 150.0, -100.0, -300.0]], dtype=dtype)
    f("layer_norm", [wide], [4], weight=scale, bias=scale)
    f("group_norm", [wide], 1)
    f("instance_norm", [wide[None]])
    f("batch_norm", [wide.mT.contiguous()], None, None, training=True)

# ---- modules
m("TripletMarginLoss", [draw(4, 3), draw(4, 3), draw(4, 3)], margin=0.5, swap=True)
m("TripletMarginWithDistanceLoss", [draw(4, 3), draw(4, 3), draw(4, 3)])
m("MarginRankingLoss", [draw(4), draw(4), signs], margin=0.2)
m("HingeEmbeddingLoss", [draw(4), signs], margin=0.2)
m("CosineEmbeddingLoss", [draw(4, 3), draw(4, 3), signs], margin=0.2)
m("SoftMarginLoss", [draw(4), signs], reduction="sum", fixed=[1])
m("MultiMarginLoss", [draw(3, 4), t([0, 3, 1])], p=2, weight=torch.rand(4))
m("MultiLabelMarginLoss", [draw(3, 4), t([[3, 0, -1, 1], [1, -1, 2, 3], [-1, 0, 1, 2]])])
m("MultiLabelSoftMarginLoss", [draw(3, 4), torch.rand(3, 4).round()], weight=torch.rand(4), fixed=[1])
m("GaussianNLLLoss", [draw(3, 4), draw(3, 4), torch.rand(3, 4) + 0.1], full=True)
m("PoissonNLLLoss", [draw(3, 4), torch.poisson(torch.full((3, 4), 2.0))], full=True, fixed=[1])
m("CosineSimilarity", [draw(3, 4), draw(3, 4)], dim=1)
m("PairwiseDistance", [draw(3, 4), draw(3, 4)], p=1.0)
m("PixelShuffle", [draw(2, 8, 2, 3)], 2)
m("PixelUnshuffle", [draw(2, 2, 4, 6)], 2)
m("ChannelShuffle", [draw(2, 6, 2, 2)], 3)
m("Upsample", [draw(1, 2, 3, 4)], scale_factor=2.0, mode="bilinear")
m("Upsample", [draw(1, 2, 3, 4)], [5, 6])
m("UpsamplingNearest2d", [draw(1, 2, 3, 4)], scale_factor=2.0)
m("UpsamplingBilinear2d", [draw(1, 2, 3, 4)], size=[5, 6])
m("Unfold", [draw(2, 2, 5, 6)], 3, padding=1)
m("Fold", [draw(2, 8, 20)], [5, 6], 2)
m("LPPool1d", [draw(2, 3, 8)], 2.0, 3)
m("LPPool2d", [draw(1, 2, 6, 7)], 2.0, 3, stride=2)
m("LPPool3d", [draw(1, 1, 4, 4, 5)], 2.0, 2)
m("LocalResponseNorm", [draw(2, 5, 3)], 3)
m("MaxUnpool1d", [draw(1, 2, 3), t([[[0, 3, 4], [1, 2, 5]]])], 2)
m("MaxUnpool2d", [draw(1, 1, 2, 2), t([[[[1, 2], [8, 11]]]])], 2)
m("MaxUnpool3d", [draw(1, 1, 1, 2, 1), t([[[[[3], [9]]]]])], 2)
m("Bilinear", [draw(2, 3), draw(2, 4)], 3, 4, 5)
m("Bilinear", [draw(2, 3), draw(2, 4)], 3, 4, 5, bias=False)
m("EmbeddingBag", [index], 4, 3, mode="sum")
m("EmbeddingBag", [index], 4, 3, padding_idx=2)
m("FeatureAlphaDropout", [draw(2, 3, 4)], 0.2, train=False)
m("LinearCrossEntropyLoss", [draw(5, 3), t([0, 3, 1, 1, 2])], 3, 4, bias=True, label_smoothing=0.1)
write("torch_nn_more")

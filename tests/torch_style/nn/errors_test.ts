/** Wrong arguments get PyTorch's kind of message: the name, the shapes of both sides. */
import { assertThrows } from "@std/assert";
import * as torch from "../../../torch_style/mod.ts";

const { nn } = torch;
const { functional: F } = nn;
const zeros = (...shape: number[]) => torch.zeros(shape);
const long = (...values: number[]) => torch.tensor(values, { dtype: "int64" });

/** What is done, and a part of what is said. */
const faults: Record<string, [() => unknown, string]> = {
  "conv channels": [
    () => F.conv2d(zeros(1, 4, 8, 8), zeros(8, 3, 3, 3)),
    "Given groups=1, weight of size [8, 3, 3, 3], expected input[1, 4, 8, 8] to have 3 channels, but got 4 channels instead",
  ],
  "conv rank": [
    () => F.conv1d(zeros(3, 4, 5, 6), zeros(8, 3, 3)),
    "Expected 2D (unbatched) or 3D (batched) input to conv1d, but got input of size: [3, 4, 5, 6]",
  ],
  "conv same with stride": [
    () => new nn.Conv2d(3, 4, 3, { padding: "same", stride: 2 }),
    "Conv2d: padding='same' is not supported for strided convolutions",
  ],
  "conv padding name": [
    () => new nn.Conv2d(3, 4, 3, { padding: "full" as "same" }),
    'Conv2d: padding is "full", expected an integer or a list of integers or one of "same", "valid"',
  ],
  "conv groups": [() => new nn.Conv1d(3, 4, 3, { groups: 2 }), "divisible by groups 2"],
  "conv stride": [
    () => new nn.Conv2d(3, 4, 3, { stride: [1, 2, 3] as unknown as [number, number] }),
    "Conv2d: stride should be an integer of at least 1 or a list of 2 of them, got [1, 2, 3]",
  ],
  "conv padding mode": [
    () => new nn.Conv2d(3, 4, 3, { paddingMode: "mirror" as "reflect" }),
    'paddingMode is "mirror", expected one of "zeros", "reflect", "replicate", "circular"',
  ],
  "transposed channels": [
    () => F.convTranspose1d(zeros(1, 4, 8), zeros(3, 2, 3)),
    "Given transposed=1, weight of size [3, 2, 3], expected input[1, 4, 8] to have 3 channels",
  ],
  "output padding": [
    () => F.convTranspose1d(zeros(1, 3, 8), zeros(3, 2, 3), null, { outputPadding: 1 }),
    "output padding must be smaller than either stride or dilation",
  ],
  "output size": [
    () => new nn.ConvTranspose1d(3, 2, 3, { stride: 2 })(zeros(1, 3, 4), [12]),
    "requested an output size of [12], but valid sizes range from [9] to [10]",
  ],
  "pool padding": [
    () => F.maxPool2d(zeros(1, 1, 8, 8), 2, { padding: 2 }),
    "pad should be at most half of effective kernel size, but got pad=2, kernel_size=2",
  ],
  "adaptive size": [
    () => F.adaptiveAvgPool2d(zeros(1, 1, 8, 8), [2]),
    "adaptive_avg_pool2d: output_size must have 2 positive elements, got [2]",
  ],
  "reflection": [
    () => F.pad(zeros(1, 1, 3), [3, 0], { mode: "reflect" }),
    "Padding size should be less than the corresponding input dimension, but got: padding (3, 0) at dimension 2 of input [1, 1, 3]",
  ],
  "wrapping": [
    () => F.pad(zeros(1, 3), [0, 4], { mode: "circular" }),
    "wrapping around more than once",
  ],
  "one value a channel": [
    () => new nn.BatchNorm1d(3)(zeros(1, 3)),
    "Expected more than 1 value per channel when training, got input size [1, 3]",
  ],
  "batch norm rank": [() => new nn.BatchNorm2d(3)(zeros(2, 3)), "expected 4D input (got 2D input)"],
  "batch norm channels": [
    () => new nn.BatchNorm1d(3)(zeros(2, 4)),
    "batch_norm: weight should contain 4 elements not [3]",
  ],
  "layer norm shape": [
    () => new nn.LayerNorm([3, 4])(zeros(2, 4)),
    "Given normalized_shape=[3, 4], expected input with shape [*, 3, 4], but got input of size [2, 4]",
  ],
  "groups of channels": [
    () => F.groupNorm(zeros(2, 3, 4), 2),
    "divisible by num_groups, but got input of shape [2, 3, 4] and num_groups=2",
  ],
  "class number": [
    () => F.crossEntropy(zeros(2, 3), long(0, 3)),
    "Target 3 is out of bounds, expected 0 to 2",
  ],
  "class weight": [
    () => F.crossEntropy(zeros(2, 3), long(0, 1), { weight: zeros(4) }),
    "weight tensor should be defined either for all 3 classes or no classes but got weight tensor of shape: [4]",
  ],
  "targets": [() => F.nllLoss(zeros(2, 3), long(0)), "got [2, 3] and [1]"],
  "smoothing": [
    () => F.crossEntropy(zeros(2, 3), long(0, 1), { labelSmoothing: 2 }),
    "label_smoothing must be between 0.0 and 1.0. Got: 2",
  ],
  "reduction": [
    () => F.mseLoss(zeros(2), zeros(2), { reduction: "avg" as "mean" }),
    'mseLoss: reduction is "avg", expected one of "none", "mean", "sum"',
  ],
  "binary sizes": [
    () => F.binaryCrossEntropy(zeros(2), zeros(3)),
    "Using a target size ([3]) that is different to the input size ([2])",
  ],
  "logit sizes": [
    () => F.binaryCrossEntropyWithLogits(zeros(2), zeros(3)),
    "Target size ([3]) must be the same as input size ([2])",
  ],
  "embedding number": [
    () => new nn.Embedding(3, 2)(long(0, 3)),
    "embedding: index out of range in self: 3, expected 0 to 2",
  ],
  "embedding dtype": [() => new nn.Embedding(3, 2)(zeros(2)), "dtype int64 or int32, got float32"],
  "padding row": [() => new nn.Embedding(3, 2, { paddingIdx: 3 }), "padding_idx must be within"],
  "heads": [
    () => new nn.MultiheadAttention(5, 2),
    "embed_dim must be divisible by num_heads, got embed_dim=5 and num_heads=2",
  ],
  "attention features": [
    () => new nn.MultiheadAttention(4, 2)(zeros(2, 1, 3), zeros(2, 1, 3), zeros(2, 1, 3)),
    "was expecting embedding dimension of 4, but got 3",
  ],
  "attention mask": [
    () => {
      const x = zeros(3, 1, 4);
      return new nn.MultiheadAttention(4, 2)(x, x, x, { attnMask: zeros(2, 3) });
    },
    "The shape of the 2D attn_mask is [2, 3], but should be [3, 3].",
  ],
  "attention shapes": [
    () => F.scaledDotProductAttention(zeros(2, 3), zeros(4, 5), zeros(4, 5)),
    "got [2, 3], [4, 5], [4, 5]",
  ],
  "prelu weights": [() => F.prelu(zeros(2, 3), zeros(2)), "weight [2] does not fit input [2, 3]"],
  "odd gate": [() => F.glu(zeros(2, 3)), "dimension -1 of [2, 3] is size 3"],
  "dropout": [() => F.dropout2d(zeros(2, 3, 4, 4), -0.1), "between 0 and 1, but got -0.1"],
};

for (const [what, [act, message]] of Object.entries(faults)) {
  Deno.test(`wrong arguments are named: ${what}`, () => {
    assertThrows(act, Error, message);
  });
}

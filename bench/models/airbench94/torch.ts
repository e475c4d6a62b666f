/**
 * Keller Jordan's network for CIFAR-10, in PyTorch's idiom.
 * @module
 */
import { fromArray, nn, noGrad, type Tensor } from "../../../torch_style/mod.ts";
import type { ModelSpec } from "../bench_model.ts";
import { batchNorm, size, whiteningFilters, whiteningWidth } from "./whitening.ts";

/** A 3x3 convolution whose first filters hand the channels on. */
function conv(inputs: number, channels: number): nn.Conv2d {
  const convolution = new nn.Conv2d(inputs, channels, 3, { padding: "same", bias: false });
  noGrad(() => nn.init.dirac_(convolution.weight.narrow(0, 0, Math.min(inputs, channels))));
  return convolution;
}

/** Batch norm with a weight of one for good. */
function norm(channels: number): nn.BatchNorm2d {
  const { kept, epsilon } = batchNorm;
  const module = new nn.BatchNorm2d(channels, { momentum: 1 - kept, eps: epsilon });
  module.weight!.requiresGrad_(false);
  return module;
}

/** Two convolutions, the first one with a pooling behind it. */
class ConvGroup extends nn.Module {
  conv1: nn.Conv2d;
  pool = new nn.MaxPool2d(2);
  norm1: nn.BatchNorm2d;
  conv2: nn.Conv2d;
  norm2: nn.BatchNorm2d;
  activ = new nn.GELU();

  constructor(inputs: number, channels: number) {
    super();
    this.conv1 = conv(inputs, channels);
    this.norm1 = norm(channels);
    this.conv2 = conv(channels, channels);
    this.norm2 = norm(channels);
  }

  override forward(x: Tensor): Tensor {
    x = this.activ(this.norm1(this.pool(this.conv1(x))));
    return this.activ(this.norm2(this.conv2(x)));
  }
}

/**
 * Images [n, channels, height, width] to logits [n, classes].
 *
 * @example
 * ```ts
 * console.log(new TorchModel({ inputShape: [3, 32, 32], classes: 10 }).countParameters()); // 1971352
 * ```
 */
export class TorchModel extends nn.Module {
  whiten: nn.Conv2d;
  layers: nn.Sequential;
  head: nn.Linear;

  constructor({ inputShape: [channels], classes }: ModelSpec) {
    super();
    const inputs = [whiteningWidth(channels), ...size.widths];
    this.whiten = new nn.Conv2d(channels, inputs[0], size.patch);
    this.whiten.weight.requiresGrad_(false);
    nn.init.zeros_(this.whiten.bias!);
    this.layers = new nn.Sequential(
      new nn.GELU(),
      ...size.widths.map((width, i) => new ConvGroup(inputs[i], width)),
      // Over what is left of an image, which are 3x3 pixels of 32x32.
      new nn.AdaptiveMaxPool2d(1),
      new nn.Flatten(),
    );
    this.head = new nn.Linear(inputs.at(-1)!, classes, { bias: false });
  }

  override forward(x: Tensor): Tensor {
    return this.head(this.layers(this.whiten(x))).mul(size.scale);
  }
}

/** Makes the first layer whiten patches of such images. */
export async function initializeTorchModel(network: nn.Module, images: Tensor): Promise<void> {
  const pixels = images.permute(0, 2, 3, 1);
  const filters = whiteningFilters(await pixels.data() as Float32Array, pixels.shape);
  const { weight } = (network as TorchModel).whiten;
  noGrad(() => weight.copy_(fromArray(filters, weight.shape)));
}

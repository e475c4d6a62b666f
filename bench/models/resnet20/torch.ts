/**
 * Residual networks for small images, in PyTorch's idiom.
 * @module
 */
import { nn, slice, type Tensor } from "../../../torch_style/mod.ts";
import type { ModelSpec } from "../bench_model.ts";

/** Every second row and column, and channels of zeros for those that are missing: a shortcut without parameters (option A). */
function shortcut(x: Tensor, stride: number, channels: number): Tensor {
  if (stride > 1) {
    x = x.index(slice(), slice(), slice(null, null, stride), slice(null, null, stride));
  }
  const missing = channels - x.shape[1];
  const before = Math.floor(missing / 2);
  return missing === 0 ? x : nn.functional.pad(x, [0, 0, 0, 0, before, missing - before]);
}

/** Two 3x3 convolutions, each with batch norm; the input is added before the last relu. */
class BasicBlock extends nn.Module {
  conv1: nn.Conv2d;
  bn1: nn.BatchNorm2d;
  conv2: nn.Conv2d;
  bn2: nn.BatchNorm2d;

  constructor(inputs: number, readonly channels: number, readonly stride: number) {
    super();
    this.conv1 = new nn.Conv2d(inputs, channels, 3, { stride, padding: 1, bias: false });
    this.bn1 = new nn.BatchNorm2d(channels);
    this.conv2 = new nn.Conv2d(channels, channels, 3, { padding: 1, bias: false });
    this.bn2 = new nn.BatchNorm2d(channels);
  }

  override forward(x: Tensor): Tensor {
    const y = this.bn2(this.conv2(this.bn1(this.conv1(x)).relu()));
    return y.add(shortcut(x, this.stride, this.channels)).relu();
  }
}

/** A stage of residual blocks; the first one halves rows and columns where the stride is 2. */
function stage(inputs: number, channels: number, stride: number, blocks: number): nn.Sequential {
  const rest = Array.from({ length: blocks - 1 }, () => new BasicBlock(channels, channels, 1));
  return new nn.Sequential(new BasicBlock(inputs, channels, stride), ...rest);
}

/**
 * He et al.'s residual networks of 6 n + 2 layers: images [n, channels, height, width] to logits [n, classes].
 *
 * @example
 * ```ts
 * console.log(new CifarResNet({ inputShape: [3, 32, 32], classes: 10 }, 3).countParameters()); // 269722
 * ```
 */
export class CifarResNet extends nn.Module {
  conv1: nn.Conv2d;
  bn1: nn.BatchNorm2d;
  layer1: nn.Sequential;
  layer2: nn.Sequential;
  layer3: nn.Sequential;
  linear: nn.Linear;

  /**
   * @param blocks residual blocks in each of the three stages
   * @param width channels of the first stage; every further one has twice as many
   */
  constructor({ inputShape: [channels], classes }: ModelSpec, blocks: number, width = 16) {
    super();
    this.conv1 = new nn.Conv2d(channels, width, 3, { padding: 1, bias: false });
    this.bn1 = new nn.BatchNorm2d(width);
    this.layer1 = stage(width, width, 1, blocks);
    this.layer2 = stage(width, 2 * width, 2, blocks);
    this.layer3 = stage(2 * width, 4 * width, 2, blocks);
    this.linear = new nn.Linear(4 * width, classes);
    for (const module of this.modules()) {
      if (module instanceof nn.Conv2d || module instanceof nn.Linear) {
        nn.init.kaimingNormal_(module.weight);
      }
    }
  }

  override forward(x: Tensor): Tensor {
    x = this.bn1(this.conv1(x)).relu();
    x = this.layer3(this.layer2(this.layer1(x)));
    return this.linear(x.mean([2, 3]));
  }
}

/** Twenty layers. */
export class TorchModel extends CifarResNet {
  constructor(spec: ModelSpec) {
    super(spec, 3);
  }
}

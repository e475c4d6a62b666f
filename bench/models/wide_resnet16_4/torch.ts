/**
 * A wide residual network in PyTorch's idiom.
 * @module
 */
import { nn, type Tensor } from "../../../torch_style/mod.ts";
import type { ModelSpec } from "../bench_model.ts";
import { size } from "./size.ts";

/** Norm and relu before each of two convolutions; a 1x1 convolution brings the input to the same shape where it has another. */
class Block extends nn.Module {
  bn1: nn.BatchNorm2d;
  conv1: nn.Conv2d;
  bn2: nn.BatchNorm2d;
  conv2: nn.Conv2d;
  shortcut: nn.Conv2d | null = null;

  constructor(inputs: number, channels: number, stride: number) {
    super();
    this.bn1 = new nn.BatchNorm2d(inputs);
    this.conv1 = new nn.Conv2d(inputs, channels, 3, { stride, padding: 1, bias: false });
    this.bn2 = new nn.BatchNorm2d(channels);
    this.conv2 = new nn.Conv2d(channels, channels, 3, { padding: 1, bias: false });
    if (stride > 1 || inputs !== channels) {
      this.shortcut = new nn.Conv2d(inputs, channels, 1, { stride, bias: false });
    }
  }

  override forward(x: Tensor): Tensor {
    const active = this.bn1(x).relu();
    const y = this.conv2(this.bn2(this.conv1(active)).relu());
    return y.add(this.shortcut ? this.shortcut(active) : x);
  }
}

/**
 * Images [n, channels, height, width] to logits [n, classes].
 *
 * @example
 * ```ts
 * console.log(new TorchModel({ inputShape: [3, 32, 32], classes: 10 }).countParameters()); // 2748890
 * ```
 */
export class TorchModel extends nn.Module {
  conv1: nn.Conv2d;
  blocks: nn.Sequential;
  bn: nn.BatchNorm2d;
  fc: nn.Linear;

  constructor({ inputShape: [channels], classes }: ModelSpec) {
    super();
    let inputs: number = size.stem;
    this.conv1 = new nn.Conv2d(channels, inputs, 3, { padding: 1, bias: false });
    const blocks: Block[] = [];
    size.widths.forEach((width, stage) => {
      for (let i = 0; i < size.blocks; i++) {
        blocks.push(new Block(inputs, width, stage > 0 && i === 0 ? 2 : 1));
        inputs = width;
      }
    });
    this.blocks = new nn.Sequential(...blocks);
    this.bn = new nn.BatchNorm2d(inputs);
    this.fc = new nn.Linear(inputs, classes);
    for (const module of this.modules()) {
      if (!(module instanceof nn.Conv2d)) continue;
      nn.init.kaimingNormal_(module.weight, { mode: "fan_out", nonlinearity: "relu" });
    }
  }

  override forward(x: Tensor): Tensor {
    return this.fc(this.bn(this.blocks(this.conv1(x))).relu().mean([2, 3]));
  }
}

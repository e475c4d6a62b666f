/**
 * A wide residual network in PyTorch's idiom.
 * @module
 */
import { nn, type Tensor } from "../../../torch_style/mod.ts";
import type { ModelSpec } from "../bench_model.ts";
import { type Size, size, STEM } from "./size.ts";

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
 * Zagoruyko and Komodakis' networks: images [n, channels, height, width] to logits [n, classes].
 *
 * @example
 * ```ts
 * const spec = { inputShape: [3, 32, 32], classes: 10 };
 * console.log(new WideResNet(spec, { blocks: 2, widen: 4 }).countParameters()); // 2748890
 * ```
 */
export class WideResNet extends nn.Module {
  conv1: nn.Conv2d;
  blocks: nn.Sequential;
  bn: nn.BatchNorm2d;
  fc: nn.Linear;

  constructor({ inputShape: [channels], classes }: ModelSpec, { blocks: count, widen }: Size) {
    super();
    let inputs = STEM;
    this.conv1 = new nn.Conv2d(channels, inputs, 3, { padding: 1, bias: false });
    const blocks: Block[] = [];
    for (const factor of [1, 2, 4]) {
      for (let i = 0; i < count; i++) {
        blocks.push(new Block(inputs, STEM * factor * widen, factor > 1 && i === 0 ? 2 : 1));
        inputs = STEM * factor * widen;
      }
    }
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

/** Sixteen layers, four times as wide. */
export class TorchModel extends WideResNet {
  constructor(spec: ModelSpec) {
    super(spec, size);
  }
}

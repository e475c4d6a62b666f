/**
 * EfficientNet-Lite0 with squeeze-excite and SiLU, strides for small images, in PyTorch's idiom; parameters are named as those
 * of torchvision's EfficientNets.
 * @module
 */
import { nn, type Tensor } from "../../../torch_style/mod.ts";
import type { ModelSpec } from "../bench_model.ts";
import { convNorm } from "../torch_layers.ts";
import { StochasticDepth } from "../convnext_pico/torch.ts";
import { type BlockOptions, ends, stagesOf } from "./stages.ts";

/** Weighs each channel by what all channels have on average. */
class SqueezeExcitation extends nn.Module {
  fc1: nn.Conv2d;
  fc2: nn.Conv2d;

  constructor(channels: number, squeezed: number) {
    super();
    this.fc1 = new nn.Conv2d(channels, squeezed, 1);
    this.fc2 = new nn.Conv2d(squeezed, channels, 1);
  }

  override forward(x: Tensor): Tensor {
    const reduced = nn.functional.silu(this.fc1(x.mean([2, 3], { keepdim: true })));
    return x.mul(this.fc2(reduced).sigmoid());
  }
}

/** 1x1 to more channels, depthwise, squeeze-excite, 1x1 to fewer channels; added to the input where shapes agree. */
class MBConv extends nn.Module {
  static override readonly fieldNames = { stochasticDepth: "stochastic_depth" };

  block: nn.Sequential;
  stochasticDepth: StochasticDepth;
  readonly addsInput: boolean;

  constructor(inputs: number, options: BlockOptions) {
    super();
    const { expansion, channels, stride, kernelSize, dropRate } = options;
    const hidden = inputs * expansion;
    this.addsInput = stride === 1 && inputs === channels;
    this.block = new nn.Sequential(
      ...(expansion === 1 ? [] : [convNorm(inputs, hidden, 1, { activation: new nn.SiLU() })]),
      convNorm(hidden, hidden, kernelSize, { stride, groups: hidden, activation: new nn.SiLU() }),
      new SqueezeExcitation(hidden, Math.floor(inputs / 4)),
      convNorm(hidden, channels, 1),
    );
    this.stochasticDepth = new StochasticDepth(dropRate);
  }

  override forward(x: Tensor): Tensor {
    const y = this.block(x);
    return this.addsInput ? x.add(this.stochasticDepth(y)) : y;
  }
}

/**
 * Images [n, channels, height, width] to logits [n, classes].
 *
 * @example
 * ```ts
 * console.log(new TorchModel({ inputShape: [3, 32, 32], classes: 10 }).countParameters()); // 4020358
 * ```
 */
export class TorchModel extends nn.Module {
  features: nn.Sequential;
  classifier: nn.Sequential;

  constructor({ inputShape: [channels], classes }: ModelSpec) {
    super();
    const modules: nn.Module[] = [convNorm(channels, ends.stem, 3, { activation: new nn.SiLU() })];
    let inputs: number = ends.stem;
    for (const stage of stagesOf()) {
      const blocks = stage.map((options) => {
        const block = new MBConv(inputs, options);
        inputs = options.channels;
        return block;
      });
      modules.push(new nn.Sequential(...blocks));
    }
    this.features = new nn.Sequential(
      ...modules,
      convNorm(inputs, ends.last, 1, { activation: new nn.SiLU() }),
    );
    this.classifier = new nn.Sequential(new nn.Dropout(0.2), new nn.Linear(ends.last, classes));
    for (const module of this.modules()) {
      if (!(module instanceof nn.Conv2d)) continue;
      nn.init.kaimingNormal_(module.weight, { mode: "fan_out" });
      if (module.bias) nn.init.zeros_(module.bias);
    }
  }

  override forward(x: Tensor): Tensor {
    return this.classifier(this.features(x).mean([2, 3]));
  }
}

/**
 * ConvNeXt-Pico with a stem for small images, in PyTorch's idiom.
 * @module
 */
import { nn, ones, type Tensor } from "../../../torch_style/mod.ts";
import type { ModelSpec } from "../bench_model.ts";
import { dropRates, LAYER_SCALE, stages } from "./stages.ts";

/** Layer norm over the channels of images [n, channels, height, width]. */
class LayerNorm2d extends nn.LayerNorm {
  constructor(channels: number) {
    super(channels, { eps: 1e-6 });
  }

  override forward(x: Tensor): Tensor {
    return super.forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2);
  }
}

/** Leaves what it is given out for some images while training. */
export class StochasticDepth extends nn.Module {
  constructor(readonly rate: number) {
    super();
  }

  override forward(x: Tensor): Tensor {
    if (!this.training || this.rate === 0) return x;
    return x.mul(nn.functional.dropout(ones([x.shape[0], 1, 1, 1]), this.rate, true));
  }
}

/** A depthwise 7x7 convolution, layer norm, two dense layers over the channels, layer scale; added to the input. */
class Block extends nn.Module {
  dwconv: nn.Conv2d;
  norm: nn.LayerNorm;
  pwconv1: nn.Linear;
  act = new nn.GELU();
  pwconv2: nn.Linear;
  gamma: nn.Parameter;
  dropPath: StochasticDepth;

  constructor(channels: number, dropRate: number) {
    super();
    this.dwconv = new nn.Conv2d(channels, channels, 7, { padding: 3, groups: channels });
    this.norm = new nn.LayerNorm(channels, { eps: 1e-6 });
    this.pwconv1 = new nn.Linear(channels, 4 * channels);
    this.pwconv2 = new nn.Linear(4 * channels, channels);
    this.gamma = new nn.Parameter(ones([channels]).mul(LAYER_SCALE));
    this.dropPath = new StochasticDepth(dropRate);
  }

  override forward(x: Tensor): Tensor {
    const y = this.norm(this.dwconv(x).permute(0, 2, 3, 1));
    const scaled = this.pwconv2(this.act(this.pwconv1(y))).mul(this.gamma);
    return x.add(this.dropPath(scaled.permute(0, 3, 1, 2)));
  }
}

/**
 * Images [n, channels, height, width] to logits [n, classes].
 *
 * @example
 * ```ts
 * console.log(new TorchModel({ inputShape: [3, 32, 32], classes: 10 }).countParameters()); // 8535498
 * ```
 */
export class TorchModel extends nn.Module {
  features: nn.Sequential;
  norm: nn.LayerNorm;
  head: nn.Linear;

  constructor({ inputShape: [channels], classes }: ModelSpec) {
    super();
    const rates = dropRates();
    const modules: nn.Module[] = [];
    let inputs = channels;
    stages.forEach((stage, i) => {
      const reduce = new nn.Conv2d(inputs, stage.channels, 2, { stride: 2 });
      // The stem normalizes what it made, later stages what they are given.
      if (i === 0) modules.push(reduce, new LayerNorm2d(stage.channels));
      else modules.push(new LayerNorm2d(inputs), reduce);
      for (let block = 0; block < stage.blocks; block++) {
        modules.push(new Block(stage.channels, rates.shift()!));
      }
      inputs = stage.channels;
    });
    this.features = new nn.Sequential(...modules);
    this.norm = new nn.LayerNorm(inputs, { eps: 1e-6 });
    this.head = new nn.Linear(inputs, classes);
    for (const module of this.modules()) {
      if (!(module instanceof nn.Conv2d || module instanceof nn.Linear)) continue;
      nn.init.truncNormal_(module.weight, { std: 0.02 });
      nn.init.zeros_(module.bias!);
    }
  }

  override forward(x: Tensor): Tensor {
    return this.head(this.norm(this.features(x).mean([2, 3])));
  }
}

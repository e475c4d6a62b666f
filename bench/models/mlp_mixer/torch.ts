/**
 * MLP-Mixer for small images, in PyTorch's idiom; parameters are named as timm's.
 * @module
 */
import { nn, type Tensor } from "../../../torch_style/mod.ts";
import type { ModelSpec } from "../bench_model.ts";
import { size } from "./size.ts";

function mlp(units: number, hidden: number): nn.Sequential {
  return new nn.Sequential({
    fc1: new nn.Linear(units, hidden),
    act: new nn.GELU(),
    fc2: new nn.Linear(hidden, units),
  });
}

/** [n, patches, channels]: dense layers over the patches, then over the channels, each added to its input. */
class MixerBlock extends nn.Module {
  static override readonly fieldNames = { mlpTokens: "mlp_tokens", mlpChannels: "mlp_channels" };

  norm1 = new nn.LayerNorm(size.width, { eps: 1e-6 });
  mlpTokens: nn.Sequential;
  norm2 = new nn.LayerNorm(size.width, { eps: 1e-6 });
  mlpChannels = mlp(size.width, size.channels);

  constructor(patches: number) {
    super();
    this.mlpTokens = mlp(patches, size.tokens);
  }

  override forward(x: Tensor): Tensor {
    x = x.add(this.mlpTokens(this.norm1(x).transpose(1, 2)).transpose(1, 2));
    return x.add(this.mlpChannels(this.norm2(x)));
  }
}

/**
 * Images [n, channels, height, width] to logits [n, classes].
 *
 * @example
 * ```ts
 * console.log(new TorchModel({ inputShape: [3, 32, 32], classes: 10 }).countParameters()); // 1132170
 * ```
 */
export class TorchModel extends nn.Module {
  stem: nn.Conv2d;
  blocks: nn.Sequential;
  norm = new nn.LayerNorm(size.width, { eps: 1e-6 });
  head: nn.Linear;

  constructor({ inputShape: [channels, height, width], classes }: ModelSpec) {
    super();
    const { patch, depth } = size;
    const patches = Math.floor(height / patch) * Math.floor(width / patch);
    this.stem = new nn.Conv2d(channels, size.width, patch, { stride: patch });
    this.blocks = new nn.Sequential(
      ...Array.from({ length: depth }, () => new MixerBlock(patches)),
    );
    this.head = new nn.Linear(size.width, classes);
    for (const module of this.modules()) {
      if (!(module instanceof nn.Linear)) continue;
      nn.init.xavierUniform_(module.weight);
      nn.init.zeros_(module.bias!);
    }
  }

  override forward(x: Tensor): Tensor {
    const patches = this.stem(x).flatten(2).transpose(1, 2);
    return this.head(this.norm(this.blocks(patches)).mean(1));
  }
}

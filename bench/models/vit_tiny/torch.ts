/**
 * ViT-Tiny for small images, in PyTorch's idiom; parameters are named as timm's.
 * @module
 */
import { cat, nn, type Tensor, zeros } from "../../../torch_style/mod.ts";
import type { ModelSpec } from "../bench_model.ts";
import { size } from "./size.ts";

/** Self-attention with one projection for queries, keys and values. */
class Attention extends nn.Module {
  qkv = new nn.Linear(size.width, 3 * size.width);
  proj = new nn.Linear(size.width, size.width);

  override forward(x: Tensor): Tensor {
    const [batch, tokens, width] = x.shape;
    const heads = this.qkv(x).reshape(batch, tokens, 3, size.heads, width / size.heads);
    const [q, k, v] = heads.permute(2, 0, 3, 1, 4).unbind(0);
    const y = nn.functional.scaledDotProductAttention(q, k, v);
    return this.proj(y.transpose(1, 2).reshape(batch, tokens, width));
  }
}

/** Attention and a two-layer network, each behind a layer norm and added to its input (pre-norm). */
class Block extends nn.Module {
  norm1 = new nn.LayerNorm(size.width, { eps: 1e-6 });
  attn = new Attention();
  norm2 = new nn.LayerNorm(size.width, { eps: 1e-6 });
  mlp = new nn.Sequential({
    fc1: new nn.Linear(size.width, 4 * size.width),
    act: new nn.GELU(),
    fc2: new nn.Linear(4 * size.width, size.width),
  });

  override forward(x: Tensor): Tensor {
    x = x.add(this.attn(this.norm1(x)));
    return x.add(this.mlp(this.norm2(x)));
  }
}

/**
 * Images [n, channels, height, width] to logits [n, classes].
 *
 * @example
 * ```ts
 * console.log(new TorchModel({ inputShape: [3, 32, 32], classes: 10 }).countParameters()); // 5362762
 * ```
 */
export class TorchModel extends nn.Module {
  static override readonly fieldNames = {
    clsToken: "cls_token",
    posEmbed: "pos_embed",
    patchEmbed: "patch_embed",
  };

  patchEmbed: nn.Conv2d;
  clsToken = new nn.Parameter(zeros([1, 1, size.width]));
  posEmbed: nn.Parameter;
  blocks = new nn.Sequential(...Array.from({ length: size.depth }, () => new Block()));
  norm = new nn.LayerNorm(size.width, { eps: 1e-6 });
  head: nn.Linear;

  constructor({ inputShape: [channels, height, width], classes }: ModelSpec) {
    super();
    const { patch } = size;
    const tokens = Math.floor(height / patch) * Math.floor(width / patch) + 1;
    this.patchEmbed = new nn.Conv2d(channels, size.width, patch, { stride: patch });
    this.posEmbed = new nn.Parameter(zeros([1, tokens, size.width]));
    this.head = new nn.Linear(size.width, classes);
    nn.init.truncNormal_(this.posEmbed, { std: 0.02 });
    nn.init.normal_(this.clsToken, 0, 1e-6);
    for (const module of this.modules()) {
      if (!(module instanceof nn.Linear)) continue;
      nn.init.truncNormal_(module.weight, { std: 0.02 });
      nn.init.zeros_(module.bias!);
    }
  }

  override forward(x: Tensor): Tensor {
    const patches = this.patchEmbed(x).flatten(2).transpose(1, 2);
    const token = this.clsToken.expand(patches.shape[0], -1, -1);
    const y = this.norm(this.blocks(cat([token, patches], 1).add(this.posEmbed)));
    return this.head(y.select(1, 0));
  }
}

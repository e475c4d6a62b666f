/** @module */
import type { NameMaps } from "../bench_model.ts";

/** timm's `vit_tiny_patch16_224`, torchvision's `VisionTransformer`. */
export const names: NameMaps = {
  timm: [[/^patch_embed\./, "patch_embed.proj."]],
  torchvision: [
    [/^patch_embed\./, "conv_proj."],
    [/^cls_token$/, "class_token"],
    [/^pos_embed$/, "encoder.pos_embedding"],
    [/^blocks\.(\d+)\.norm(\d)\./, "encoder.layers.encoder_layer_$1.ln_$2."],
    [/^blocks\.(\d+)\.attn\.qkv\./, "encoder.layers.encoder_layer_$1.self_attention.in_proj_"],
    [/^blocks\.(\d+)\.attn\.proj\./, "encoder.layers.encoder_layer_$1.self_attention.out_proj."],
    [/^blocks\.(\d+)\.mlp\.fc1\./, "encoder.layers.encoder_layer_$1.mlp.0."],
    [/^blocks\.(\d+)\.mlp\.fc2\./, "encoder.layers.encoder_layer_$1.mlp.3."],
    [/^norm\./, "encoder.ln."],
    [/^head\./, "heads.head."],
  ],
};

/** @module */
import type { NameMaps, NameRule } from "../bench_model.ts";
import { stages } from "./stages.ts";

/** timm's parts of a block, by their places here; the first block has no expansion. */
const PARTS = [["conv_pw", "bn1"], ["conv_dw", "bn2"], ["conv_pwl", "bn3"]];
const FIRST_PARTS = [["conv_dw", "bn1"], ["conv_pw", "bn2"]];

/** timm counts blocks stage by stage; here they are `features.1` and so on. */
function timmBlocks(): NameRule[] {
  const blocks = stages.flatMap(({ blocks }, stage) =>
    Array.from({ length: blocks }, (_, i) => `blocks.${stage}.${i}`)
  );
  return blocks.flatMap((block, i) =>
    (i === 0 ? FIRST_PARTS : PARTS).flatMap((parts, part) =>
      parts.map((name, k): NameRule => [
        new RegExp(`^features\\.${i + 1}\\.conv\\.${part}\\.${k}\\.`),
        `${block}.${name}.`,
      ])
    )
  );
}

/** torchvision's `mobilenet_v2`, timm's `mobilenetv2_100`. */
export const names: NameMaps = {
  torchvision: [
    // The last convolution of a block stands there by itself, its norm beside it.
    [/^features\.1\.conv\.1\.0\./, "features.1.conv.1."],
    [/^features\.1\.conv\.1\.1\./, "features.1.conv.2."],
    [/^features\.(\d+)\.conv\.2\.0\./, "features.$1.conv.2."],
    [/^features\.(\d+)\.conv\.2\.1\./, "features.$1.conv.3."],
  ],
  timm: [
    [/^features\.0\.0\./, "conv_stem."],
    [/^features\.0\.1\./, "bn1."],
    ...timmBlocks(),
    [/^features\.18\.0\./, "conv_head."],
    [/^features\.18\.1\./, "bn2."],
    [/^classifier\.1\./, "classifier."],
  ],
};

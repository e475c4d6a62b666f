/**
 * Blocks that several networks have in PyTorch's idiom.
 * @module
 */
import { nn } from "../../torch_style/mod.ts";

/** What a {@linkcode convNorm} is told. */
export interface ConvNormOptions {
  readonly stride?: number;
  readonly groups?: number;
  /** What follows the norm; nothing unless given. */
  readonly activation?: nn.Module;
}

/** A convolution without bias that keeps the size at stride 1, batch norm, and an activation where one is given. */
export function convNorm(
  inputs: number,
  channels: number,
  kernelSize: number,
  { stride = 1, groups = 1, activation }: ConvNormOptions = {},
): nn.Sequential {
  const padding = (kernelSize - 1) / 2;
  return new nn.Sequential(
    new nn.Conv2d(inputs, channels, kernelSize, { stride, padding, groups, bias: false }),
    new nn.BatchNorm2d(channels),
    ...(activation ? [activation] : []),
  );
}

/**
 * Images in other sizes, and channels moved into the image and back, as modules. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/nn.html#vision-layers
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import type { Tensor } from "../../tensor.ts";
import { channelShuffle, pixelShuffle, pixelUnshuffle } from "../functional/pixel_shuffle.ts";
import {
  INTERPOLATE,
  interpolate,
  type InterpolateOptions,
  type Sizes,
} from "../functional/resampling.ts";
import { Module } from "./module.ts";
import { dimensionsText, floatText } from "../python_text.ts";

/** Options of {@linkcode Upsample}: those of {@linkcode interpolate}. */
export type UpsampleOptions = Omit<InterpolateOptions, "antialias">;

const sizes = kinds.nullable(kinds.either(kinds.number, kinds.numbers));
const UPSAMPLE = signature(
  "Upsample",
  ["size", sizes, null],
  ["scaleFactor", sizes, null],
  ["mode", INTERPOLATE.declarations[2][1] as typeof kinds.string, "nearest"],
  ["alignCorners", kinds.nullable(kinds.boolean), null],
  ["recomputeScaleFactor", kinds.nullable(kinds.boolean), null],
);

function scaleText(value: Sizes | null | undefined): string {
  if (typeof value === "number") return floatText(value);
  return `(${[...value!].map(floatText).join(", ")}${value!.length === 1 ? "," : ""})`;
}

/** [n, c, ...] in another size; see {@linkcode interpolate} */
export class Upsample extends Module<[Tensor]> {
  readonly options: UpsampleOptions;

  constructor(...given: Call<typeof UPSAMPLE, UpsampleOptions>) {
    super();
    this.options = UPSAMPLE.read(given) as UpsampleOptions;
  }
  override forward(input: Tensor): Tensor {
    return interpolate(input, this.options);
  }
  override extraRepr(): string {
    const { size, scaleFactor, mode } = this.options;
    const what = scaleFactor === null || scaleFactor === undefined
      ? `size=${dimensionsText(size!)}`
      : `scale_factor=${scaleText(scaleFactor)}`;
    return `${what}, mode='${mode}'`;
  }
}

const UPSAMPLING = signature("UpsamplingNearest2d", ["size", sizes, null], [
  "scaleFactor",
  sizes,
  null,
]);

/** Size or factor. */
export type UpsamplingOptions = Pick<InterpolateOptions, "size" | "scaleFactor">;

/** [n, c, h, w] in another size, each element the nearest one */
export class UpsamplingNearest2d extends Upsample {
  constructor(...given: Call<typeof UPSAMPLING, UpsamplingOptions>) {
    super({ ...UPSAMPLING.read(given) as UpsamplingOptions, mode: "nearest" });
  }
}

/** [n, c, h, w] in another size, between neighbours; corners keep their values */
export class UpsamplingBilinear2d extends Upsample {
  constructor(...given: Call<typeof UPSAMPLING, UpsamplingOptions>) {
    const read = UPSAMPLING.named("UpsamplingBilinear2d").read(given) as UpsamplingOptions;
    super({ ...read, mode: "bilinear", alignCorners: true });
  }
}

const PIXEL_SHUFFLE = signature("PixelShuffle", ["upscaleFactor", kinds.number]);

/** [..., c r², h, w] as [..., c, h r, w r] */
export class PixelShuffle extends Module<[Tensor]> {
  readonly upscaleFactor: number;

  constructor(...given: Call<typeof PIXEL_SHUFFLE, Record<never, never>, [upscaleFactor: number]>) {
    const { upscaleFactor } = PIXEL_SHUFFLE.read(given);
    super();
    this.upscaleFactor = upscaleFactor;
  }
  override forward(input: Tensor): Tensor {
    return pixelShuffle(input, this.upscaleFactor);
  }
  override extraRepr(): string {
    return `upscale_factor=${this.upscaleFactor}`;
  }
}

const PIXEL_UNSHUFFLE = signature("PixelUnshuffle", ["downscaleFactor", kinds.number]);

/** [..., c, h r, w r] as [..., c r², h, w] */
export class PixelUnshuffle extends Module<[Tensor]> {
  readonly downscaleFactor: number;

  constructor(
    ...given: Call<typeof PIXEL_UNSHUFFLE, Record<never, never>, [downscaleFactor: number]>
  ) {
    const { downscaleFactor } = PIXEL_UNSHUFFLE.read(given);
    super();
    this.downscaleFactor = downscaleFactor;
  }
  override forward(input: Tensor): Tensor {
    return pixelUnshuffle(input, this.downscaleFactor);
  }
  override extraRepr(): string {
    return `downscale_factor=${this.downscaleFactor}`;
  }
}

const CHANNEL_SHUFFLE = signature("ChannelShuffle", ["groups", kinds.integer]);

/** Channels dealt out to groups */
export class ChannelShuffle extends Module<[Tensor]> {
  readonly groups: number;

  constructor(...given: Call<typeof CHANNEL_SHUFFLE, Record<never, never>, [groups: number]>) {
    const { groups } = CHANNEL_SHUFFLE.read(given);
    super();
    this.groups = groups;
  }
  override forward(input: Tensor): Tensor {
    return channelShuffle(input, this.groups);
  }
  override extraRepr(): string {
    return `groups=${this.groups}`;
  }
}

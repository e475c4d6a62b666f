/**
 * Channels moved into the image and back. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/nn.functional.html#vision-functions
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import { type Tensor, tensorKind } from "../../tensor.ts";
import { showShape } from "../../../onnx/mod.ts";

function checkFactor(name: string, factor: number, input: Tensor): void {
  if (input.ndim < 3) {
    throw new Error(
      `${name} expects input to have at least 3 dimensions, but got input with ${input.ndim} dimension(s)`,
    );
  }
  if (Number.isInteger(factor) && factor > 0) return;
  throw new Error(`${name} expects a positive factor, but got ${factor}`);
}

const PIXEL_SHUFFLE = signature("pixelShuffle", ["input", tensorKind], [
  "upscaleFactor",
  kinds.number,
]);

/** [..., c r², h, w] as [..., c, h r, w r] (Shi et al. 2016) */
export function pixelShuffle(
  ...given: Call<typeof PIXEL_SHUFFLE, Record<never, never>, [input: Tensor, upscaleFactor: number]>
): Tensor {
  const { input, upscaleFactor } = PIXEL_SHUFFLE.read(given);
  checkFactor("pixelShuffle", upscaleFactor, input);
  const [c, h, w] = input.shape.slice(-3);
  const r = upscaleFactor;
  if (c % (r * r) !== 0) {
    throw new Error(
      `pixelShuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, but input.size(-3)=${c} is not divisible by ${
        r * r
      }`,
    );
  }
  const leading = input.shape.slice(0, -3);
  const k = leading.length;
  const order = [...leading.keys(), k, k + 3, k + 1, k + 4, k + 2];
  return input.reshape([...leading, c / (r * r), r, r, h, w]).permute(order)
    .reshape([...leading, c / (r * r), h * r, w * r]);
}

const PIXEL_UNSHUFFLE = signature("pixelUnshuffle", ["input", tensorKind], [
  "downscaleFactor",
  kinds.number,
]);

/** [..., c, h r, w r] as [..., c r², h, w] */
export function pixelUnshuffle(
  ...given: Call<
    typeof PIXEL_UNSHUFFLE,
    Record<never, never>,
    [input: Tensor, downscaleFactor: number]
  >
): Tensor {
  const { input, downscaleFactor } = PIXEL_UNSHUFFLE.read(given);
  checkFactor("pixelUnshuffle", downscaleFactor, input);
  const [c, h, w] = input.shape.slice(-3);
  const r = downscaleFactor;
  if (h % r !== 0 || w % r !== 0) {
    throw new Error(
      `pixelUnshuffle expects height and width to be divisible by downscale_factor, but ${
        showShape([h, w])
      } are not divisible by ${r}`,
    );
  }
  const leading = input.shape.slice(0, -3);
  const k = leading.length;
  const order = [...leading.keys(), k, k + 2, k + 4, k + 1, k + 3];
  return input.reshape([...leading, c, h / r, r, w / r, r]).permute(order)
    .reshape([...leading, c * r * r, h / r, w / r]);
}

const CHANNEL_SHUFFLE = signature("channelShuffle", ["input", tensorKind], [
  "groups",
  kinds.integer,
]);

/** Channels of [n, c, ...] dealt out to groups: group by group becomes one of each group after the other (Zhang et al. 2018). */
export function channelShuffle(
  ...given: Call<typeof CHANNEL_SHUFFLE, Record<never, never>, [input: Tensor, groups: number]>
): Tensor {
  const { input, groups } = CHANNEL_SHUFFLE.read(given);
  checkFactor("channelShuffle", groups, input);
  const [n, c, ...rest] = input.shape;
  if (c % groups !== 0) {
    throw new Error(
      `Number of channels must be divisible by groups. Got ${c} channels and ${groups} groups.`,
    );
  }
  return input.reshape([n, groups, c / groups, ...rest]).transpose(1, 2).reshape(input.shape);
}

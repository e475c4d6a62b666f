/**
 * Images rotated, moved, sheared and scaled, each pixel the nearest one of the image. Each follows the page of its name under
 * https://docs.pytorch.org/vision/stable/transforms.html#functionals
 * @module
 */
import { type Call, kinds, signature } from "../arguments.ts";
import { type Tensor, tensorKind } from "../tensor.ts";
import { drawImage, imageOf } from "./image.ts";

/** Options of {@linkcode affine}. */
export interface AffineOptions {
  /** Degrees, clockwise; 0 unless given. */
  readonly angle?: number;
  /** Pixels to the right and down, [0, 0] unless given. */
  readonly translate?: readonly [x: number, y: number];
  /** 1 unless given. */
  readonly scale?: number;
  /** Degrees along x and y, [0, 0] unless given. */
  readonly shear?: readonly [x: number, y: number];
  /** What comes in from outside, 0 unless given. */
  readonly fill?: number;
  /** What stays, in pixels from the upper left corner [x, y]; the middle unless given. */
  readonly center?: readonly [x: number, y: number] | null;
}

const AFFINE = signature(
  "affine",
  ["input", tensorKind],
  ["angle", kinds.number, 0],
  ["translate", kinds.pair, [0, 0]],
  ["scale", kinds.number, 1],
  ["shear", kinds.pair, [0, 0]],
  "*",
  ["fill", kinds.number, 0],
  ["center", kinds.nullable(kinds.pair), null],
);

/** The image after an affine map. @throws {Error} if the scale is not above 0 */
export function affine(...given: Call<typeof AFFINE, AffineOptions, [input: Tensor]>): Tensor {
  const { input, angle, translate, scale, shear, fill, center } = AFFINE.read(given);
  if (!(scale > 0)) throw new Error(`Argument scale should be positive, got ${scale}`);
  const { data, channels, height, width } = imageOf("affine", input);
  const [cx, cy] = center ? [center[0] - width / 2, center[1] - height / 2] : [0, 0];
  const [turn, sx, sy] = [angle, ...shear].map((degrees) => degrees * Math.PI / 180);
  // The inverse map: where a pixel of the result comes from (torchvision's _get_inverse_affine_matrix).
  const a = Math.cos(turn - sy) / Math.cos(sy);
  const b = -Math.cos(turn - sy) * Math.tan(sx) / Math.cos(sy) - Math.sin(turn);
  const c = Math.sin(turn - sy) / Math.cos(sy);
  const d = -Math.sin(turn - sy) * Math.tan(sx) / Math.cos(sy) + Math.cos(turn);
  const matrix = [d, -b, -c, a].map((value) => value / scale);
  const offset = (m: number, n: number) => m * (-cx - translate[0]) + n * (-cy - translate[1]);
  const [ox, oy] = [offset(matrix[0], matrix[1]) + cx, offset(matrix[2], matrix[3]) + cy];
  return drawImage([channels, height, width], (channel, row, column) => {
    const [x, y] = [column - width / 2 + 0.5, row - height / 2 + 0.5];
    const from = (m: number, n: number, o: number, size: number) =>
      nearest(m * x + n * y + o + size / 2 - 0.5);
    const fromX = from(matrix[0], matrix[1], ox, width);
    const fromY = from(matrix[2], matrix[3], oy, height);
    const inside = fromX >= 0 && fromX < width && fromY >= 0 && fromY < height;
    return inside ? data[(channel * height + fromY) * width + fromX] : fill;
  });
}

/** Halves to the even number, in float32 as PyTorch computes it. */
function nearest(value: number): number {
  const x = Math.fround(value);
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
}

const ROTATE = signature(
  "rotate",
  ["input", tensorKind],
  ["angle", kinds.number],
  "*",
  ["fill", kinds.number, undefined],
  ["center", kinds.nullable(kinds.pair), undefined],
);

/** The image rotated by degrees, counterclockwise. */
export function rotate(
  ...given: Call<
    typeof ROTATE,
    Pick<AffineOptions, "fill" | "center">,
    [input: Tensor, angle: number]
  >
): Tensor {
  const { input, angle, ...options } = ROTATE.read(given);
  return affine(input, { ...options, angle: -angle });
}

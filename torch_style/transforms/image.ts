/**
 * Images as transforms see them: values on the host, channels first.
 * @module
 */
import { fromHost, type Shape, showShape, valuesNow } from "../../onnx/mod.ts";
import { Tensor } from "../tensor.ts";

/** An image's values, [channels, height, width]. */
export interface Image {
  readonly data: Float32Array;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** @throws {Error} naming the transform, if the tensor is no image of float32 on the host */
export function imageOf(transform: string, input: Tensor): Image {
  if (input.ndim !== 3 || input.dtype !== "float32") {
    throw new Error(
      `${transform}: expected a float32 image [channels, height, width], got ${input.dtype}${
        showShape(input.shape)
      }`,
    );
  }
  const data = valuesNow(input.array);
  if (!data) {
    throw new Error(
      `${transform}: the image's values are not computed yet; await its data() first`,
    );
  }
  const [channels, height, width] = input.shape;
  return { data: data as Float32Array, channels, height, width };
}

/** An image whose element at each index is given by a function. */
export function drawImage(
  [channels, height, width]: Shape,
  value: (channel: number, row: number, column: number) => number,
): Tensor {
  const data = new Float32Array(channels * height * width);
  let i = 0;
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data[i++] = value(c, y, x);
  }
  return new Tensor(fromHost(data, [channels, height, width]));
}

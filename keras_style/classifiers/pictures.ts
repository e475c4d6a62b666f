/**
 * Pictures of a data set as the Keras idiom takes them.
 * @module
 */
import { imageShape, type ImageSplit } from "../../fixtures/mod.ts";
import type { HostArray } from "../data/host_rows.ts";

/**
 * Pictures [n, 32, 32, 3] in [0, 1] and their classes [n]. Nothing is copied: bytes are divided by 255 batch by batch.
 *
 * @example
 * ```ts
 * import { fixtures, keras } from "@tandem/tandem";
 * const { train } = await fixtures.loadDataset("shapes10", { limit: 100 });
 * const [pictures, classes] = keras.picturesOf(train);
 * console.log(pictures.shape, classes.shape); // [ 100, 32, 32, 3 ] [ 100 ]
 * ```
 */
export function picturesOf(split: ImageSplit): [pictures: HostArray, classes: HostArray] {
  return [
    { data: split.images, shape: [split.count, ...imageShape], divideBy: 255 },
    { data: split.labels, shape: [split.count] },
  ];
}

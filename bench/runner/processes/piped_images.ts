/**
 * Images on their way into another process: described in JSON, their bytes piped after it.
 * @module
 */
import { type ImageShape, imageSize, type ImageSplit } from "../../../fixtures/mod.ts";
import type { ByteReader } from "./byte_reader.ts";
import { bytesOf } from "../trials/hash.ts";
import type { SplitDescription } from "../trials/trial.ts";

const arrayTypes = { Uint8Array, Uint16Array, Int32Array, Float32Array } as const;

/** What a process has to know before the bytes come. */
export function describeSplit({ count, images, labels }: ImageSplit): SplitDescription {
  const nameOf = (array: object) => array.constructor.name as keyof typeof arrayTypes;
  return {
    count,
    imagesType: nameOf(images) as SplitDescription["imagesType"],
    labelsType: nameOf(labels) as SplitDescription["labelsType"],
  };
}

/** The bytes of a split, in pieces that a pipe takes without a copy of the whole. */
export function* bytesOfSplit({ images, labels }: ImageSplit): Generator<Uint8Array> {
  const pixels = bytesOf(images);
  const size = 2 ** 22;
  for (let start = 0; start < pixels.length; start += size) {
    yield pixels.subarray(start, start + size);
  }
  yield bytesOf(labels);
}

/** @returns undefined where the input ends before */
export async function readSplit(
  input: ByteReader,
  { count, imagesType, labelsType }: SplitDescription,
  imageShape: ImageShape,
): Promise<ImageSplit | undefined> {
  const images = new arrayTypes[imagesType](count * imageSize(imageShape));
  const labels = new arrayTypes[labelsType](count);
  for (const { buffer } of [images, labels]) {
    if (!await input.fill(new Uint8Array(buffer))) return undefined;
  }
  return { images, labels, count, imageShape } as ImageSplit;
}

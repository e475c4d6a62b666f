/**
 * Where the channels of images stand. Follows keras/src/backend/config.py of Keras 3.
 * @module
 */
import { show } from "./options.ts";

/** Where the channels of images stand; camelCase is taken as well. */
export type DataFormat = "channels_last" | "channels_first" | "channelsLast" | "channelsFirst";

/** A {@linkcode DataFormat} as layers keep it. */
export type PlainDataFormat = "channels_last" | "channels_first";

let imageFormat: PlainDataFormat = "channels_last";

/** Where channels stand for layers that are made without `dataFormat`. */
export function imageDataFormat(): PlainDataFormat {
  return imageFormat;
}

/**
 * Says where channels stand for layers that are made without `dataFormat` from now on.
 *
 * @throws {RangeError} for another text
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * keras.config.setImageDataFormat("channels_first");
 * console.log(new keras.layers.MaxPooling2D()(keras.Input({ shape: [3, 32, 32] })).shape); // [ null, 3, 16, 16 ]
 * keras.config.setImageDataFormat("channels_last");
 * ```
 */
export function setImageDataFormat(dataFormat: DataFormat): void {
  imageFormat = readDataFormat("setImageDataFormat", dataFormat);
}

/** A data format in Keras' own spelling; {@linkcode imageDataFormat} where none is given. */
export function readDataFormat(
  owner: string,
  value: DataFormat | null | undefined,
): PlainDataFormat {
  if (value === null || value === undefined) return imageFormat;
  if (value === "channels_last" || value === "channelsLast") return "channels_last";
  if (value === "channels_first" || value === "channelsFirst") return "channels_first";
  throw new RangeError(
    `${owner}: dataFormat is ${show(value)}, expected "channels_last" or "channels_first"`,
  );
}

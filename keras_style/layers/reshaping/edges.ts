/**
 * Layers that add or take away indices at the edges.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type DataFormat, type PlainDataFormat, readDataFormat } from "../../data_format.ts";
import { show, takeOptions } from "../../options.ts";
import type { Shape } from "../keras_tensor.ts";
import { Layer, type LayerOptions } from "../layer.ts";

/** How much at every edge: one for all, one an axis, or [before, after] for each axis. */
export type EdgeSizes =
  | number
  | readonly number[]
  | readonly (readonly [before: number, after: number])[];

/** Options of padding layers. */
export interface ZeroPaddingOptions extends LayerOptions {
  /** How much at every edge; 1 unless given. */
  readonly padding?: EdgeSizes;
  /** Where channels stand; as `keras.config.imageDataFormat()` unless given. */
  readonly dataFormat?: DataFormat | null;
}

/** Options of cropping layers. */
export interface CroppingOptions extends LayerOptions {
  /** How much at every edge; 0 for images and volumes, 1 for sequences unless given. */
  readonly cropping?: EdgeSizes;
  /** Where channels stand; as `keras.config.imageDataFormat()` unless given. */
  readonly dataFormat?: DataFormat | null;
}

/** A layer that changes sizes at the edges. */
abstract class EdgeLayer extends Layer {
  /** [before, after] for each spatial axis. */
  protected readonly edges: readonly (readonly [number, number])[];
  readonly dataFormat: PlainDataFormat;

  constructor(
    rank: number,
    option: "padding" | "cropping",
    base: number,
    options: ZeroPaddingOptions & CroppingOptions,
  ) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, { [option]: base, dataFormat: null });
    super(rest as LayerOptions);
    this.edges = readEdges(owner, option, (own as Record<string, unknown>)[option], rank);
    this.dataFormat = readDataFormat(
      owner,
      (own as { dataFormat: DataFormat | null }).dataFormat,
    );
    this.inputSpec = { ndim: rank + 2 };
  }

  protected override outputDtype([input]: readonly { dtype: tf.DataType }[]): tf.DataType {
    return input.dtype;
  }

  /** [before, after] for every axis. */
  protected allEdges(): [number, number][] {
    const edges = this.edges.map(([before, after]): [number, number] => [before, after]);
    return this.dataFormat === "channels_last"
      ? [[0, 0], ...edges, [0, 0]]
      : [[0, 0], [0, 0], ...edges];
  }
}

function readEdges(
  owner: string,
  option: string,
  value: unknown,
  rank: number,
): (readonly [number, number])[] {
  const isSize = (size: unknown) => Number.isInteger(size) && Number(size) >= 0;
  const wrong = () =>
    new RangeError(
      `${owner}: ${option} is ${show(value)}, expected an integer of at least 0, or ${
        rank === 1 ? "[before, after]" : `one, or [before, after], for each of ${rank} axes`
      }`,
    );
  if (isSize(value)) return Array.from({ length: rank }, () => [value as number, value as number]);
  if (!Array.isArray(value)) throw wrong();
  if (rank === 1) {
    const pair = value.flat();
    if (pair.length === 2 && pair.every(isSize)) return [[pair[0], pair[1]]];
    throw wrong();
  }
  if (value.length !== rank) throw wrong();
  return value.map((entry) => {
    const pair = isSize(entry) ? [entry, entry] : entry;
    if (Array.isArray(pair) && pair.length === 2 && pair.every(isSize)) return [pair[0], pair[1]];
    throw wrong();
  });
}

/** Base class of padding layers. */
abstract class ZeroPadding extends EdgeLayer {
  constructor(rank: number, options: ZeroPaddingOptions = {}) {
    super(rank, "padding", 1, options);
  }

  /** [before, after] for each spatial axis. */
  get padding(): readonly (readonly [number, number])[] {
    return this.edges;
  }

  override computeOutputShape(inputShape: Shape): Shape {
    const edges = this.allEdges();
    return inputShape.map((size, axis) =>
      size === null ? null : size + edges[axis][0] + edges[axis][1]
    );
  }

  override call(x: tf.Tensor): tf.Tensor {
    return tf.pad(x, this.allEdges());
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), padding: this.edges, dataFormat: this.dataFormat };
  }
}

/**
 * Zeros before and after sequences [n, steps, channels].
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.ZeroPadding1D({ padding: [1, 2] });
 * console.log(layer(keras.Input({ shape: [10, 4] })).shape); // [ null, 13, 4 ]
 * ```
 */
export class ZeroPadding1D extends ZeroPadding {
  constructor(options?: ZeroPaddingOptions) {
    super(1, options);
  }
}

/**
 * Zeros around images. Follows https://keras.io/api/layers/reshaping_layers/zero_padding2d/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.ZeroPadding2D({ padding: 2 });
 * console.log(layer(keras.Input({ shape: [28, 28, 1] })).shape); // [ null, 32, 32, 1 ]
 * ```
 */
export class ZeroPadding2D extends ZeroPadding {
  constructor(options?: ZeroPaddingOptions) {
    super(2, options);
  }
}

/**
 * Zeros around volumes.
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.ZeroPadding3D();
 * console.log(layer(keras.Input({ shape: [4, 4, 4, 1] })).shape); // [ null, 6, 6, 6, 1 ]
 * ```
 */
export class ZeroPadding3D extends ZeroPadding {
  constructor(options?: ZeroPaddingOptions) {
    super(3, options);
  }
}

/** Base class of cropping layers. */
abstract class Cropping extends EdgeLayer {
  constructor(rank: number, base: number, options: CroppingOptions = {}) {
    super(rank, "cropping", base, options);
  }

  /** [before, after] for each spatial axis. */
  get cropping(): readonly (readonly [number, number])[] {
    return this.edges;
  }

  override computeOutputShape(inputShape: Shape): Shape {
    const edges = this.allEdges();
    return inputShape.map((size, axis) => {
      if (size === null) return null;
      const left = size - edges[axis][0] - edges[axis][1];
      if (left > 0) return left;
      throw new RangeError(
        `layer "${this.name}": cropping [${
          this.edges.map((pair) => `[${pair}]`).join(", ")
        }] leaves nothing of an input [${inputShape.map(String).join(", ")}]`,
      );
    });
  }

  override call(x: tf.Tensor): tf.Tensor {
    const begin = this.allEdges().map(([before]) => before);
    return tf.slice(x, begin, this.computeOutputShape(x.shape) as number[]);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), cropping: this.edges, dataFormat: this.dataFormat };
  }
}

/**
 * Takes steps off both ends of sequences [n, steps, channels].
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.Cropping1D({ cropping: [1, 2] });
 * console.log(layer(keras.Input({ shape: [10, 4] })).shape); // [ null, 7, 4 ]
 * ```
 */
export class Cropping1D extends Cropping {
  constructor(options?: CroppingOptions) {
    super(1, 1, options);
  }
}

/**
 * Takes rows and columns off the edges of images. Follows https://keras.io/api/layers/reshaping_layers/cropping2d/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.Cropping2D({ cropping: [[2, 2], [4, 4]] });
 * console.log(layer(keras.Input({ shape: [28, 28, 3] })).shape); // [ null, 24, 20, 3 ]
 * ```
 */
export class Cropping2D extends Cropping {
  constructor(options?: CroppingOptions) {
    super(2, 0, options);
  }
}

/**
 * Takes indices off the edges of volumes.
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.Cropping3D();
 * console.log(layer(keras.Input({ shape: [4, 4, 4, 1] })).shape); // [ null, 2, 2, 2, 1 ]
 * ```
 */
export class Cropping3D extends Cropping {
  constructor(options?: CroppingOptions) {
    super(3, 1, options);
  }
}

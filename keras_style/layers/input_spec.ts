/**
 * What a layer's input has to look like. Follows keras/src/layers/input_spec.py of Keras 3.
 * @module
 */
import { readOptions } from "../options.ts";
import { isPlainObject, leavesOf } from "./nested.ts";

/** What may be demanded of an input. */
export interface InputSpecOptions {
  /** How many axes, the batch axis included. */
  readonly ndim?: number;
  readonly minNdim?: number;
  readonly maxNdim?: number;
  /** Sizes of single axes; negative ones count from the end. */
  readonly axes?: Readonly<Record<number, number>>;
  /** All sizes, the batch axis' included; null is any. */
  readonly shape?: readonly (number | null)[];
  readonly dtype?: string;
}

/**
 * What is demanded of an input; what is left out is not. Follows https://keras.io/api/layers/base_layer/ (input_spec)
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * class Rows extends keras.layers.Layer {
 *   override inputSpec = new keras.layers.InputSpec({ ndim: 2, axes: { [-1]: 4 } });
 * }
 * console.log(new Rows().inputSpec.ndim); // 2
 * ```
 */
export class InputSpec implements InputSpecOptions {
  readonly ndim?: number;
  readonly minNdim?: number;
  readonly maxNdim?: number;
  readonly axes?: Readonly<Record<number, number>>;
  readonly shape?: readonly (number | null)[];
  readonly dtype?: string;

  /** @throws {TypeError} for an unknown option */
  constructor(options: InputSpecOptions = {}) {
    const { ndim, minNdim, maxNdim, axes, shape, dtype } = readOptions("InputSpec", options, {
      ndim: undefined,
      minNdim: undefined,
      maxNdim: undefined,
      axes: undefined,
      shape: undefined,
      dtype: undefined,
    }) as InputSpecOptions;
    [this.ndim, this.minNdim, this.maxNdim] = [ndim, minNdim, maxNdim];
    [this.axes, this.shape, this.dtype] = [axes, shape, dtype];
  }
}

/** Something with dimensions. */
interface Shaped {
  readonly shape: readonly (number | null)[];
  readonly dtype: string;
}

/** A layer that says what it takes. */
interface Demanding {
  readonly name: string;
  readonly inputSpec: InputSpecOptions | readonly InputSpecOptions[] | undefined;
  getClassName(): string;
}

/** @throws {RangeError} naming the layer, what it was given and what it expects */
export function checkInput(layer: Demanding, input: unknown): void {
  const { inputSpec } = layer;
  if (inputSpec === undefined) return;
  const specs = [inputSpec].flat() as InputSpecOptions[];
  const inputs = leavesOf(input).filter(isShaped);
  specs.forEach((spec, i) => {
    const given = inputs[i];
    const fault = given && faultOf(spec, given);
    if (!fault) return;
    throw new RangeError(
      `layer "${layer.name}" (${layer.getClassName()}): input has ${fault.what ?? "shape"} ${
        fault.what === "dtype" ? given.dtype : `[${given.shape.map(String).join(", ")}]`
      }, expected ${fault.expected}`,
    );
  });
}

function isShaped(value: unknown): value is Shaped {
  return value !== null && (typeof value === "object" || typeof value === "function") &&
    !isPlainObject(value) && Array.isArray((value as Partial<Shaped>).shape);
}

interface Fault {
  readonly what?: "dtype";
  readonly expected: string;
}

function faultOf(spec: InputSpecOptions, { shape, dtype }: Shaped): Fault | undefined {
  const { minNdim = 0, maxNdim = Infinity } = spec;
  const ndim = spec.ndim ?? spec.shape?.length;
  const rank = shape.length;
  if (spec.dtype !== undefined && dtype !== spec.dtype) {
    return { what: "dtype", expected: spec.dtype };
  }
  if (ndim !== undefined && rank !== ndim) return { expected: `${ndim} axes` };
  if (rank < minNdim) return { expected: `at least ${minNdim} axes` };
  if (rank > maxNdim) return { expected: `at most ${maxNdim} axes` };
  const sizes = spec.shape?.flatMap((size, axis) => size === null ? [] : [[axis, size] as const]);
  for (const [axis, size] of [...sizes ?? [], ...Object.entries(spec.axes ?? {})]) {
    const found = shape.at(Number(axis));
    if (found !== null && found !== undefined && found !== size) {
      return { expected: `${size} at axis ${axis}` };
    }
  }
  return undefined;
}

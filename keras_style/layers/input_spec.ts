/**
 * What a layer's input has to look like. Follows keras/src/layers/input_spec.py of Keras 3.
 * @module
 */
import { isPlainObject, leavesOf } from "./nested.ts";

/** What is demanded of an input; what is left out is not. */
export interface InputSpec {
  /** How many axes, the batch axis included. */
  readonly ndim?: number;
  readonly minNdim?: number;
  readonly maxNdim?: number;
  /** Sizes of single axes; negative ones count from the end. */
  readonly axes?: Readonly<Record<number, number>>;
}

/** Something with dimensions. */
interface Shaped {
  readonly shape: readonly (number | null)[];
}

/** A layer that says what it takes. */
interface Demanding {
  readonly name: string;
  readonly inputSpec: InputSpec | readonly InputSpec[] | undefined;
  getClassName(): string;
}

/** @throws {RangeError} naming the layer, what it was given and what it expects */
export function checkInput(layer: Demanding, input: unknown): void {
  const { inputSpec } = layer;
  if (inputSpec === undefined) return;
  const specs = [inputSpec].flat() as InputSpec[];
  const inputs = leavesOf(input).filter(isShaped);
  specs.forEach((spec, i) => {
    const given = inputs[i];
    const fault = given && faultOf(spec, given.shape);
    if (!fault) return;
    throw new RangeError(
      `layer "${layer.name}" (${layer.getClassName()}): input has shape [${
        given.shape.map(String).join(", ")
      }], expected ${fault}`,
    );
  });
}

function isShaped(value: unknown): value is Shaped {
  return value !== null && (typeof value === "object" || typeof value === "function") &&
    !isPlainObject(value) && Array.isArray((value as Partial<Shaped>).shape);
}

function faultOf(spec: InputSpec, shape: Shaped["shape"]): string | undefined {
  const { ndim, minNdim = 0, maxNdim = Infinity, axes = {} } = spec;
  const rank = shape.length;
  if (ndim !== undefined && rank !== ndim) return `${ndim} axes`;
  if (rank < minNdim) return `at least ${minNdim} axes`;
  if (rank > maxNdim) return `at most ${maxNdim} axes`;
  for (const [axis, size] of Object.entries(axes)) {
    const found = shape.at(Number(axis));
    if (found !== null && found !== undefined && found !== size) {
      return `${size} at axis ${axis}`;
    }
  }
  return undefined;
}

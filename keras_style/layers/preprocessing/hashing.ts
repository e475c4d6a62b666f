/**
 * Strings and integers as the bins that their hashes fall into. Source: keras/src/layers/preprocessing/hashing.py of Keras 3.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { checkChoice, checkNumber, show, takeOptions } from "../../options.ts";
import { encodeClasses } from "./encode_classes.ts";
import { binOf, type HashKey } from "./string_hash.ts";
import { Layer, type LayerOptions } from "../layer.ts";

const MODES = ["int", "oneHot", "multiHot", "count"] as const;

/** Options of {@linkcode Hashing}. */
export interface HashingOptions extends LayerOptions {
  /** How many bins there are, that of the mask's value included. */
  readonly numBins: number;
  /** The value that bin 0 is kept for, where there is more than one bin; none unless given. */
  readonly maskValue?: string | number | null;
  /** Integers that make the hash another one, SipHash: two, or one for both; none unless given. */
  readonly salt?: number | readonly [number, number] | null;
  /** "int" unless given: bins; otherwise as of {@linkcode CategoryEncoding}. */
  readonly outputMode?: typeof MODES[number] | "one_hot" | "multi_hot";
}

/** What is hashed. */
export type HashingInputs =
  | string
  | number
  | readonly (string | number)[]
  | readonly (readonly (string | number)[])[];

export interface Hashing {
  /** Hashes strings or integers. */
  (inputs: HashingInputs): tf.Tensor;
}

/**
 * Strings or integers as the bins that their hashes fall into: int32 of the input's shape, or encoded as float32 [..., bins].
 * Numbers lose what is behind the point. JavaScript hashes: the layer is called on lists, or on TensorFlow.js' tensors, before
 * a model is, and cannot be part of one.
 * Follows https://keras.io/api/layers/preprocessing_layers/categorical/hashing/
 *
 * @throws {RangeError} for a setting out of range
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.Hashing({ numBins: 3 });
 * console.log(await layer([["A"], ["B"], ["C"], ["D"], ["E"]]).data()); // 1, 0, 1, 1, 2
 * ```
 */
export class Hashing extends Layer {
  readonly numBins: number;
  readonly maskValue: string | number | null;
  readonly salt: HashKey | null;
  readonly outputMode: typeof MODES[number];

  constructor(options: HashingOptions) {
    const owner = "Hashing";
    const [own, rest] = takeOptions(owner, options, {
      numBins: undefined,
      maskValue: null,
      salt: null,
      outputMode: "int",
    });
    super(rest);
    this.numBins = checkNumber(owner, "numBins", own.numBins, { from: 1, integer: true });
    this.maskValue = typeof own.maskValue === "string" || own.maskValue === null
      ? own.maskValue
      : checkNumber(owner, "maskValue", own.maskValue);
    this.salt = own.salt === null ? null : keyOf(own.salt);
    this.outputMode = checkChoice(owner, "outputMode", own.outputMode, MODES);
    this.built = true;
  }

  override get inputDtype(): tf.DataType {
    return "string";
  }

  /** @throws {Error} always: JavaScript hashes, a model's tensors stay where they are computed */
  override computeOutputShape(_inputShape: unknown): never {
    throw new Error(
      `layer "${this.name}": hashing cannot be part of a model here, expected the layer to be called ` +
        "on values before the model is",
    );
  }

  override call(inputs: tf.Tensor | HashingInputs): tf.Tensor {
    const x = inputs instanceof tf.Tensor ? inputs : tf.tensor(inputs as tf.TensorLike);
    const values = Array.from(x.dataSync() as unknown as (string | number)[]);
    const named = x.dtype === "bool" ? values.map((value) => String(Boolean(value))) : values;
    const bins = tf.tensor(named.map((value) => this.#binOf(value)), x.shape, "int32");
    return this.outputMode === "int" ? bins : encodeClasses(bins, this.numBins, this.outputMode);
  }

  #binOf(value: string | number): number {
    const { maskValue, numBins } = this;
    const key = this.salt ?? undefined;
    if (maskValue === null) return binOf(textOf(value), numBins, key);
    if (typeof value !== typeof maskValue) {
      throw new TypeError(
        `layer "${this.name}": the input has ${show(value)} and maskValue is ${show(maskValue)}, ` +
          "expected values of one kind",
      );
    }
    if (numBins === 1) return 0;
    return value === maskValue ? 0 : 1 + binOf(textOf(value), numBins - 1, key);
  }

  override getConfig(): Record<string, unknown> {
    const { numBins, salt, maskValue, outputMode } = this;
    return { ...super.getConfig(), numBins, salt, maskValue, outputMode };
  }
}

function keyOf(salt: unknown): HashKey {
  const parts = Array.isArray(salt) ? salt : [salt, salt];
  if (parts.length !== 2 || !parts.every(Number.isSafeInteger)) {
    throw new RangeError(`Hashing: salt is ${show(salt)}, expected an integer or two`);
  }
  return [parts[0], parts[1]];
}

const LEAST = -(2n ** 63n);

/** What is hashed of a value: a number's digits, of integers of 64 bits as TensorFlow makes them. */
function textOf(value: string | number): string {
  if (typeof value === "string") return value;
  const whole = Number.isFinite(value) ? BigInt(Math.trunc(value)) : LEAST;
  return String(whole < LEAST || whole >= -LEAST ? LEAST : whole);
}

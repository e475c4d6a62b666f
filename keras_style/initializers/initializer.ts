/**
 * The base class of initializers, and those that draw nothing.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { Callable } from "../callable.ts";
import { checkChoice, checkNumber, readOptions, show } from "../options.ts";

/** Dimensions of a weight. */
export type WeightShape = readonly number[];

export interface Initializer {
  /** Values for a weight; float32 unless another dtype is given. */
  (shape: WeightShape, dtype?: tf.DataType): tf.Tensor;
}

/**
 * Base class of initializers. A call gives the values a weight begins with.
 * Follows https://keras.io/api/layers/initializers/
 */
export abstract class Initializer extends Callable {
  /** Values of a shape. */
  abstract call(shape: WeightShape, dtype: tf.DataType): tf.Tensor;

  /** The settings to make another such initializer from. */
  getConfig(): Record<string, unknown> {
    return {};
  }

  /** Another initializer of the same settings; this one where it says nothing of them. One without a seed draws other values. */
  clone(): Initializer {
    if (this.getConfig === Initializer.prototype.getConfig) return this;
    const Class = this.constructor as new (config: Record<string, unknown>) => Initializer;
    return new Class(this.getConfig());
  }

  protected override invoke(shape: WeightShape, dtype: tf.DataType = "float32"): tf.Tensor {
    return tf.tidy(() => this.call(shape, dtype));
  }
}

/** Options of {@linkcode Constant}. */
export interface ConstantOptions {
  /** The number, or values that are broadcast over the shape; 0 unless given. */
  readonly value?: number | tf.TensorLike | tf.Tensor;
}

/** One number everywhere, or values that are broadcast over the shape by NumPy's rules. */
export class Constant extends Initializer {
  readonly value: number | tf.TensorLike | tf.Tensor;

  constructor(options: ConstantOptions = {}) {
    super();
    this.value = readOptions("Constant", options, { value: 0 }).value;
  }

  override call(shape: WeightShape, dtype: tf.DataType): tf.Tensor {
    if (typeof this.value === "number") return tf.fill([...shape], this.value, dtype as "float32");
    return tf.broadcastTo(tf.cast(this.value as tf.Tensor, dtype), [...shape]);
  }

  override getConfig(): Record<string, unknown> {
    return { value: this.value };
  }
}

/** 0 everywhere. */
export class Zeros extends Initializer {
  constructor(options: Record<never, never> = {}) {
    super();
    readOptions("Zeros", options, {});
  }

  override call(shape: WeightShape, dtype: tf.DataType): tf.Tensor {
    return tf.zeros([...shape], dtype);
  }
}

/** 1 everywhere. */
export class Ones extends Initializer {
  constructor(options: Record<never, never> = {}) {
    super();
    readOptions("Ones", options, {});
  }

  override call(shape: WeightShape, dtype: tf.DataType): tf.Tensor {
    return tf.ones([...shape], dtype);
  }
}

/** Options of {@linkcode Identity} and {@linkcode Orthogonal}. */
export interface GainOptions {
  /** What the matrix is multiplied with; 1 unless given. */
  readonly gain?: number;
}

/** A matrix with `gain` on its diagonal and 0 elsewhere; for two dimensions only. */
export class Identity extends Initializer {
  readonly gain: number;

  constructor(options: GainOptions = {}) {
    super();
    const { gain } = readOptions("Identity", options, { gain: 1 });
    this.gain = checkNumber("Identity", "gain", gain);
  }

  override call(shape: WeightShape, dtype: tf.DataType): tf.Tensor {
    if (shape.length !== 2) {
      throw new RangeError(`Identity: shape is ${show(shape)}, expected two dimensions`);
    }
    const [rows, columns] = shape;
    return tf.cast(tf.mul(tf.eye(rows, columns), this.gain), dtype);
  }

  override getConfig(): Record<string, unknown> {
    return { gain: this.gain };
  }
}

/** Options of {@linkcode STFT}. */
export interface STFTOptions {
  /** Cosines ("real", unless given) or sines ("imag"). */
  readonly side?: "real" | "imag";
  /** What a frame is weighted with: a Hann window unless given; null for none. */
  readonly window?: "hann" | "hamming" | readonly number[] | null;
  /** What the window is divided by: the root of its squares' sum ("density", unless given), its sum, or nothing. */
  readonly scaling?: "density" | "spectrum" | null;
  /** Whether the window's first value would follow its last one; false unless given. */
  readonly periodic?: boolean;
}

/**
 * Filters [frame length, 1, frequencies] of a short-time Fourier transform.
 * Source: keras/src/initializers/constant_initializers.py of Keras 3.
 */
export class STFT extends Initializer {
  readonly #settings: Required<STFTOptions>;

  constructor(options: STFTOptions = {}) {
    super();
    const defaults = { side: "real", window: "hann", scaling: "density", periodic: false };
    this.#settings = readOptions("STFT", options, defaults);
    checkChoice("STFT", "side", this.#settings.side, ["real", "imag"]);
    const { scaling, window } = this.#settings;
    if (scaling !== null) checkChoice("STFT", "scaling", scaling, ["density", "spectrum"]);
    if (typeof window === "string") checkChoice("STFT", "window", window, ["hann", "hamming"]);
  }

  override call(shape: WeightShape, dtype: tf.DataType): tf.Tensor {
    const [length, , frequencies] = shape;
    const window = this.#window(length);
    const turn = this.#settings.side === "real" ? Math.cos : Math.sin;
    const values = Float32Array.from({ length: length * frequencies }, (_, i) => {
      const [time, frequency] = [Math.floor(i / frequencies), i % frequencies];
      const angle = -2 * Math.PI * time * frequency / (2 * (frequencies - 1));
      return turn(angle) * window[time];
    });
    return tf.cast(tf.tensor(values, [length, 1, frequencies]), dtype);
  }

  #window(length: number): number[] {
    const { window, scaling, periodic } = this.#settings;
    if (window === null) return Array.from({ length }, () => 1);
    const values = typeof window === "string"
      ? cosineWindow(window === "hann" ? 0.5 : 0.54, length, periodic)
      : [...window];
    if (values.length !== length) {
      throw new RangeError(`STFT: window has ${values.length} values, expected ${length}`);
    }
    const sum = (of: (value: number) => number) => values.reduce((all, v) => all + of(v), 0);
    const scale = scaling === "density" ? Math.sqrt(sum((v) => v * v)) : sum(Math.abs);
    return scaling === null ? values : values.map((value) => value / scale);
  }

  override getConfig(): Record<string, unknown> {
    return { ...this.#settings };
  }
}

/** a - (1 - a) cos(2 pi t / n), as scipy.signal.get_window. */
function cosineWindow(a: number, length: number, periodic: boolean): number[] {
  const period = periodic ? length : Math.max(length - 1, 1);
  return Array.from({ length }, (_, t) => a - (1 - a) * Math.cos(2 * Math.PI * t / period));
}

/**
 * A model whose layers follow one another.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { Model } from "./model.ts";

/** What a {@linkcode Sequential} is made of; an `Input` can stand first only. */
export type SequentialPart = tf.layers.Layer | Model | tf.SymbolicTensor;

/** Options of {@linkcode Sequential}. */
export interface SequentialOptions {
  readonly name?: string;
}

/**
 * Layers in a row. Where neither an `Input` stands first nor the first layer has an `inputShape`, the weights are made
 * when the first data is seen. Follows https://keras.io/api/models/sequential/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const model = new keras.Sequential([
 *   new keras.layers.Flatten({ inputShape: [2, 2] }),
 *   new keras.layers.Dense({ units: 3 }),
 * ]);
 * model.add(new keras.layers.Softmax());
 * console.log(model.countParams()); // 15
 * ```
 */
export class Sequential extends Model {
  #parts: (tf.layers.Layer | Model)[] = [];
  #input: tf.SymbolicTensor | undefined;

  constructor(parts: readonly SequentialPart[] = [], options: SequentialOptions = {}) {
    super(undefined, options.name);
    for (const part of parts) this.#append(part);
    this.#connect();
  }

  /** Adds a layer at the end. A model that was compiled is to be compiled again. */
  add(part: SequentialPart): void {
    this.#append(part);
    this.#connect();
  }

  /** Takes the last layer away. */
  pop(): void {
    if (this.#parts.length === 0) throw new Error(`pop: model "${this.name}" has no layers`);
    this.#parts.pop();
    this.#connect();
  }

  override get layers(): tf.layers.Layer[] {
    return this.#parts.map((part) => part instanceof Model ? part.network : part);
  }

  override build(inputShape: readonly (number | null)[]): void {
    if (this.built) return;
    this.#input = tf.input({ batchShape: [null, ...inputShape.slice(1)] });
    this.#connect();
  }

  override getConfig(): Record<string, unknown> {
    void this.network;
    return {
      name: this.name,
      input: this.#input!.sourceLayer.getConfig(),
      layers: this.#parts.map((part) => ({
        className: part.getClassName(),
        config: part.getConfig(),
      })),
    };
  }

  #append(part: SequentialPart): void {
    if (part instanceof tf.SymbolicTensor) {
      if (this.#parts.length > 0 || this.#input) {
        throw new Error(
          `Sequential: an Input is part ${this.#parts.length}, expected it to be first`,
        );
      }
      this.#input = part;
      return;
    }
    if (!(part instanceof Model) && !(part instanceof tf.layers.Layer)) {
      throw new TypeError(
        `Sequential: part ${this.#parts.length} is ${part}, expected a layer, a model or an Input`,
      );
    }
    this.#parts.push(part);
  }

  /** Builds the graph of layers, as soon as the input's shape is known. */
  #connect(): void {
    const input = this.#input ??= this.#firstInput();
    if (!input || this.#parts.length === 0) return this.dropNetwork();
    const output = this.#parts.reduce<tf.SymbolicTensor>(
      (x, part) => part instanceof Model ? part(x) : part.apply(x) as tf.SymbolicTensor,
      input,
    );
    this.setNetwork(input, output);
  }

  #firstInput(): tf.SymbolicTensor | undefined {
    const [first] = this.#parts;
    if (first instanceof Model) {
      return first.built ? tf.input({ batchShape: first.network.inputs[0].shape }) : undefined;
    }
    return first?.batchInputShape
      ? tf.input({ batchShape: first.batchInputShape, dtype: first.dtype })
      : undefined;
  }
}

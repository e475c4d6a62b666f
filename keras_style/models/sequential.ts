/**
 * A model whose layers follow one another.
 * @module
 */
import type { PolicyIdentifier } from "../dtype_policies/dtype_policy.ts";
import { InputLayer } from "../layers/core/input_layer.ts";
import { KerasTensor, type Shape } from "../layers/keras_tensor.ts";
import { isLayer, type Layer } from "../layers/layer.ts";
import { layerFromSaved, savedLayer } from "../layers/layer_registry.ts";
import { readOptions } from "../options.ts";
import { Model } from "./model.ts";

/** What a {@linkcode Sequential} is made of; an `Input` can stand first only. */
export type SequentialPart = Layer | KerasTensor;

/** Options of {@linkcode Sequential}. */
export interface SequentialOptions {
  readonly name?: string | null;
  readonly trainable?: boolean;
  /** Whether losses are scaled follows from it; the global policy unless given. */
  readonly dtype?: PolicyIdentifier | null;
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
  #parts: Layer[] = [];
  #input: KerasTensor | undefined;

  constructor(parts: readonly SequentialPart[] = [], options: SequentialOptions = {}) {
    super(readOptions(new.target.name, options, {
      name: null,
      trainable: true,
      dtype: null,
    }));
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

  override get layers(): Layer[] {
    return [...this.#parts];
  }

  override sublayers(): Layer[] {
    return [...new Set([...this.#parts, ...super.sublayers()])];
  }

  // deno-lint-ignore no-explicit-any
  override build(inputShape: any): void {
    if (this.isSpecified) return;
    this.#begin([null, ...(inputShape as Shape).slice(1)], "float32");
  }

  protected override ensureBuilt(args: readonly unknown[]): void {
    if (this.isSpecified) return;
    if (this.#parts.length === 0) return super.ensureBuilt(args);
    const { shape, dtype } = args[0] as KerasTensor;
    this.#begin([null, ...shape.slice(1)], dtype);
  }

  #begin(batchShape: Shape, dtype: KerasTensor["dtype"]): void {
    this.#input = new InputLayer({ batchShape, dtype }).tensor;
    this.#connect();
  }

  override getConfig(): Record<string, unknown> {
    void this.inputSpecs;
    const { name, trainable, dtypePolicy: { name: dtype } } = this;
    const input = this.#input!.operation as InputLayer;
    const layers = [input, ...this.#parts].map(savedLayer);
    return { name, trainable, dtype, layers, buildInputShape: input.batchShape };
  }

  // deno-lint-ignore no-explicit-any
  static override fromConfig(config: any): Sequential {
    const { name, trainable, dtype, layers, buildInputShape } = config;
    if (!Array.isArray(layers)) throw new TypeError("its layers are no list");
    const model = new this(layers.map((saved) => layerFromSaved(saved) as Layer), {
      name,
      trainable,
      dtype,
    });
    if (!model.built && buildInputShape) model.build(buildInputShape);
    return model;
  }

  #append(part: SequentialPart): void {
    const input = part instanceof InputLayer
      ? part.tensor
      : part instanceof KerasTensor && part.operation instanceof InputLayer
      ? part
      : undefined;
    if (input) {
      if (this.#parts.length > 0 || this.#input) {
        throw new Error(
          `Sequential: an Input is part ${this.#parts.length}, expected it to be first`,
        );
      }
      this.#input = input;
      return;
    }
    if (!isLayer(part)) {
      throw new TypeError(
        `Sequential: part ${this.#parts.length} is ${part}, expected a layer, a model or an Input`,
      );
    }
    this.#parts.push(part);
  }

  /** Builds the graph of layers, as soon as the input's shape is known. */
  #connect(): void {
    const input = this.#input ??= this.#firstInput();
    if (!input || this.#parts.length === 0) return this.dropGraph();
    this.setGraph(input, this.#parts.reduce<KerasTensor>((x, part) => part(x), input));
  }

  #firstInput(): KerasTensor | undefined {
    const [first] = this.#parts;
    if (first instanceof Model) {
      if (!first.graph) return undefined;
      const { shape, dtype } = first.inputs[0];
      return new InputLayer({ batchShape: shape, dtype }).tensor;
    }
    if (!first?.declaredInputShape) return undefined;
    return new InputLayer({ shape: first.declaredInputShape, dtype: first.inputDtype }).tensor;
  }
}

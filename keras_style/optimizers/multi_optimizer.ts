/**
 * Several optimizers for the parts of one model. Source: keras/src/optimizers/multi_optimizer.py of Keras 3.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { readOptions, requireOption, show } from "../options.ts";
import { isSavedObject, type SavedObject } from "../registry.ts";
import { deserialize, serialize } from "./get.ts";
import { Optimizer } from "./optimizer.ts";
import type { OptimizerSlot } from "./optimizer_options.ts";

/**
 * Optimizers by the variables they are for: a variable's whole name, such as "dense/kernel", or a regular expression that
 * fits it whole, such as "encoder.*". What fits none gets the default.
 *
 * @throws {TypeError} for what is no optimizer
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const { OptimizerMap, SGD, Adam } = keras.optimizers;
 * const map = new OptimizerMap(new SGD(0.01), { "head/.*": new Adam(0.001) });
 * console.log(map.get("head/kernel").name); // adam
 * ```
 */
export class OptimizerMap extends Map<string, Optimizer> {
  readonly defaultOptimizer: Optimizer;

  constructor(
    defaultOptimizer: Optimizer,
    optimizerMap: Readonly<Record<string, Optimizer>> = {},
  ) {
    super();
    this.defaultOptimizer = checkOptimizer("OptimizerMap: defaultOptimizer", defaultOptimizer);
    for (const [key, optimizer] of Object.entries(optimizerMap)) this.set(key, optimizer);
  }

  /**
   * The optimizer of a variable's name.
   *
   * @throws {RangeError} where several of the keys fit
   */
  override get(name: string): Optimizer {
    const known = super.get(name);
    if (known) return known;
    const fitting = [...this.keys()].filter((key) => new RegExp(`^(?:${key})$`).test(name));
    if (fitting.length > 1) {
      throw new RangeError(
        `OptimizerMap: variable ${show(name)} fits ${fitting.map(show).join(" and ")}, ` +
          `expected one key`,
      );
    }
    return fitting.length === 1 ? super.get(fitting[0])! : this.defaultOptimizer;
  }

  /** @throws {RangeError} for a key that is there already, {@link TypeError} for what is no optimizer */
  override set(key: string, optimizer: Optimizer): this {
    if (super.has(key)) {
      throw new RangeError(`OptimizerMap: key ${show(key)} is there already, expected a new one`);
    }
    return super.set(key, checkOptimizer(`OptimizerMap: the optimizer of ${show(key)}`, optimizer));
  }

  /** The settings to make another such map from. */
  getConfig(): Record<string, unknown> {
    const entries = [...this].map(([key, optimizer]) => [key, serialize(optimizer)]);
    return {
      defaultOptimizer: serialize(this.defaultOptimizer),
      optimizerMap: Object.fromEntries(entries),
    };
  }

  /** A map of the settings that {@linkcode OptimizerMap.getConfig} gave. */
  static fromConfig(config: Readonly<Record<string, unknown>>): OptimizerMap {
    const { defaultOptimizer, optimizerMap } = config as {
      readonly defaultOptimizer: SavedObject;
      readonly optimizerMap: Readonly<Record<string, SavedObject>>;
    };
    const entries = Object.entries(optimizerMap).map(([key, saved]) => [key, deserialize(saved)]);
    return new OptimizerMap(deserialize(defaultOptimizer), Object.fromEntries(entries));
  }
}

function checkOptimizer(what: string, optimizer: unknown): Optimizer {
  if (optimizer instanceof Optimizer && !(optimizer instanceof MultiOptimizer)) return optimizer;
  throw new TypeError(`${what} is ${show(optimizer)}, expected an optimizer for one variable`);
}

/** Options of {@linkcode MultiOptimizer}. */
export interface MultiOptimizerOptions {
  /** Says which optimizer a variable has: a map, or a function that gives the same object for variables that share one. */
  readonly optimizerMap: OptimizerMap | ((variable: tf.Variable) => Optimizer) | SavedObject;
  /** Replaces that of the optimizers. */
  readonly lossScaleFactor?: number | null;
  readonly name?: string;
}

/**
 * Trains every variable by the optimizer that a map has for it. Learning rates are those of the optimizers: there is none of
 * the whole. Follows https://keras.io/api/optimizers/ (MultiOptimizer)
 *
 * @throws {TypeError} for a map that is none
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const { MultiOptimizer, OptimizerMap, SGD, Adam } = keras.optimizers;
 * const model = new keras.Sequential([keras.Input([4]), keras.layers.Dense(2, { name: "head" })]);
 * const optimizer = new MultiOptimizer(new OptimizerMap(new SGD(), { "head/.*": new Adam() }));
 * model.compile({ optimizer, loss: "mse" });
 * ```
 */
export class MultiOptimizer extends Optimizer {
  readonly #map: OptimizerMap | ((variable: tf.Variable) => Optimizer);
  readonly #inner: Optimizer[] = [];
  readonly #optimizerOf = new Map<tf.Variable, Optimizer>();

  constructor(options: MultiOptimizerOptions) {
    const owner = "MultiOptimizer";
    const { optimizerMap, ...own } = readOptions(owner, options, {
      optimizerMap: undefined,
      lossScaleFactor: null,
      name: undefined,
    }) as MultiOptimizerOptions;
    super({ ...own, learningRate: 0 });
    const map = requireOption<unknown>(owner, "optimizerMap", optimizerMap, "an OptimizerMap");
    this.#map = isSavedObject(map) ? OptimizerMap.fromConfig(map.config) : map as OptimizerMap;
    if (this.#map instanceof OptimizerMap) {
      for (const optimizer of [...this.#map.values(), this.#map.defaultOptimizer]) {
        this.#add(optimizer);
      }
    } else if (typeof this.#map !== "function") {
      throw new TypeError(
        `${owner}: optimizerMap is ${show(map)}, expected an OptimizerMap or a function`,
      );
    }
  }

  #add(optimizer: Optimizer): void {
    if (this.#inner.includes(optimizer)) return;
    optimizer.lossScaleFactor = this.lossScaleFactor;
    this.#inner.push(optimizer);
  }

  /** The optimizers of the parts. */
  get optimizers(): readonly Optimizer[] {
    return this.#inner;
  }

  /** Not that of the whole: @throws {TypeError} */
  override get learningRate(): tf.Tensor {
    throw new TypeError(`${this.name}: learningRate is that of each of optimizers`);
  }

  /** @throws {TypeError} */
  override set learningRate(_value: number) {
    throw new TypeError(`${this.name}: learningRate is to be set on each of optimizers`);
  }

  override build(variables: readonly tf.Variable[]): void {
    if (this.built) return;
    for (const variable of variables) {
      const optimizer = checkOptimizer(
        `${this.name}: the optimizer of "${variable.name}"`,
        this.#map instanceof OptimizerMap ? this.#map.get(variable.name) : this.#map(variable),
      );
      this.#add(optimizer);
      this.#optimizerOf.set(variable, optimizer);
    }
    for (const optimizer of this.#inner) {
      const own = variables.filter((variable) => this.#optimizerOf.get(variable) === optimizer);
      if (own.length > 0) optimizer.build(own);
    }
    super.build(variables);
  }

  protected override applyFound(
    gradients: readonly tf.Tensor[],
    variables: readonly tf.Variable[],
  ): void {
    for (const optimizer of this.#inner) {
      const own = variables.map((variable) => this.#optimizerOf.get(variable) === optimizer);
      if (!own.includes(true)) continue;
      // They were divided by the factor here.
      const scaled = gradients.filter((_, i) => own[i]).map((gradient) => this.scaleLoss(gradient));
      optimizer.apply(scaled, variables.filter((_, i) => own[i]));
    }
  }

  protected override updateStep(): void {}

  override get ownVariables(): { name: string; variable: tf.Variable }[] {
    const inner = this.#inner.flatMap(({ ownVariables }, i) =>
      ownVariables.map(({ name, variable }) => ({ name: `${i}/${name}`, variable }))
    );
    return [...super.ownVariables, ...inner];
  }

  override get slots(): readonly OptimizerSlot[] {
    return this.#inner.flatMap(({ slots }) => slots);
  }

  override get weightAverages():
    | (readonly [weight: tf.Variable, average: tf.Variable])[]
    | undefined {
    const kept = this.#inner.flatMap(({ weightAverages }) => weightAverages ?? []);
    return kept.length > 0 ? kept : undefined;
  }

  override finalizeVariableValues(): void {
    for (const optimizer of this.#inner) optimizer.finalizeVariableValues();
  }

  /** @throws {TypeError} it is to be called on one of the optimizers */
  override excludeFromWeightDecay(): void {
    throw new TypeError(
      `${this.name}: excludeFromWeightDecay is to be called on one of optimizers`,
    );
  }

  /** @throws {TypeError} where a function says which optimizer a variable has */
  override getConfig(): Record<string, unknown> {
    if (!(this.#map instanceof OptimizerMap)) {
      throw new TypeError(
        `${this.name}: optimizerMap is ${
          show(this.#map)
        }, which cannot be saved, expected an OptimizerMap`,
      );
    }
    const { name, lossScaleFactor } = this;
    const optimizerMap = { className: "OptimizerMap", config: this.#map.getConfig() };
    return { name, lossScaleFactor, optimizerMap };
  }
}

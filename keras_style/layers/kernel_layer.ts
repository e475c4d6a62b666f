/**
 * What layers with a kernel, a bias and an activation share.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import * as activations from "../activations/get.ts";
import type { ActivationFunction } from "../activations/functions.ts";
import * as functions from "../activations/functions.ts";
import * as constraints from "../constraints/mod.ts";
import * as initializers from "../initializers/mod.ts";
import { takeOptions } from "../options.ts";
import * as regularizers from "../regularizers/mod.ts";
import { Layer, type LayerOptions } from "./layer.ts";
import type { Weight } from "./weight.ts";

/** Options of the kernel and the bias. */
export interface KernelOptions extends LayerOptions {
  /** What the result goes through: a name, a function or a layer; none unless given. */
  readonly activation?: activations.ActivationOption;
  /** Whether there is a bias; true unless given. */
  readonly useBias?: boolean;
  /** "glorotUniform" unless given. */
  readonly kernelInitializer?: initializers.InitializerIdentifier;
  /** "zeros" unless given. */
  readonly biasInitializer?: initializers.InitializerIdentifier;
  readonly kernelRegularizer?: regularizers.RegularizerIdentifier;
  readonly biasRegularizer?: regularizers.RegularizerIdentifier;
  readonly kernelConstraint?: constraints.ConstraintIdentifier;
  readonly biasConstraint?: constraints.ConstraintIdentifier;
}

const DEFAULTS = {
  activation: null,
  useBias: true,
  kernelInitializer: "glorotUniform",
  biasInitializer: "zeros",
  kernelRegularizer: null,
  biasRegularizer: null,
  kernelConstraint: null,
  biasConstraint: null,
};

/** How a weight of one kind is made. */
export interface WeightSettings {
  readonly initializer: initializers.Initializer;
  readonly regularizer: regularizers.Regularizer | null;
  readonly constraint: constraints.Constraint | null;
}

/** The initializer, regularizer and constraint of a kind of weight, by options such as `kernelInitializer`. */
export function readWeightSettings(
  owner: string,
  kind: string,
  options: Readonly<Record<string, unknown>>,
): WeightSettings {
  const where = (what: string) => `${owner}: ${kind}${what}`;
  // Each of the three refuses what is none.
  const given = (what: string) => options[`${kind}${what}`] as never;
  return {
    initializer: initializers.get(given("Initializer"), where("Initializer")),
    regularizer: regularizers.get(given("Regularizer"), where("Regularizer")),
    constraint: constraints.get(given("Constraint"), where("Constraint")),
  };
}

/** The options that {@linkcode readWeightSettings} read. */
export function weightConfig(kind: string, settings: WeightSettings): Record<string, unknown> {
  const { initializer, regularizer, constraint } = settings;
  return {
    [`${kind}Initializer`]: initializers.serialize(initializer),
    [`${kind}Regularizer`]: regularizer && regularizers.serialize(regularizer),
    [`${kind}Constraint`]: constraint && constraints.serialize(constraint),
  };
}

/** Activations that TensorFlow.js computes within a product or convolution. */
export type FusedActivation = "linear" | "relu" | "relu6" | "elu";

const FUSED: ReadonlyMap<ActivationFunction, FusedActivation> = new Map([
  [functions.linear as ActivationFunction, "linear"],
  [functions.relu as ActivationFunction, "relu"],
  [functions.relu6 as ActivationFunction, "relu6"],
  [functions.elu as ActivationFunction, "elu"],
]);

/** The name TensorFlow.js fuses an activation by; undefined where it cannot. */
export function fusedName(activation: ActivationFunction): FusedActivation | undefined {
  return FUSED.get(activation);
}

/** Base class of layers with a kernel, a bias and an activation. */
export abstract class KernelLayer extends Layer {
  readonly useBias: boolean;
  /** May be replaced, which takes part in the next call. */
  activation: ActivationFunction;
  /** How the kernel is made. */
  readonly kernelSettings: WeightSettings;
  readonly biasSettings: WeightSettings;
  kernel!: Weight;
  bias: Weight | null = null;

  constructor(options: KernelOptions) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, DEFAULTS);
    super(rest);
    this.useBias = Boolean(own.useBias);
    this.activation = activations.get(own.activation, `${owner}: activation`);
    this.kernelSettings = readWeightSettings(owner, "kernel", own);
    this.biasSettings = readWeightSettings(owner, "bias", own);
  }

  /** Makes kernel and bias. */
  protected addKernelAndBias(kernelShape: readonly number[], biasShape: readonly number[]): void {
    this.kernel = this.addWeight({ name: "kernel", shape: kernelShape, ...this.kernelSettings });
    if (!this.useBias) return;
    this.bias = this.addWeight({ name: "bias", shape: biasShape, ...this.biasSettings });
  }

  /** A result after its activation. */
  protected activated(x: tf.Tensor): tf.Tensor {
    return this.activation === functions.linear ? x : this.activation(x);
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      activation: activations.serialize(this.activation),
      useBias: this.useBias,
      ...weightConfig("kernel", this.kernelSettings),
      ...weightConfig("bias", this.biasSettings),
    };
  }
}

/**
 * What normalization layers share: gamma and beta.
 * @module
 */
import { show, takeOptions } from "../../options.ts";
import type * as constraints from "../../constraints/mod.ts";
import type * as initializers from "../../initializers/mod.ts";
import type * as regularizers from "../../regularizers/mod.ts";
import { readWeightSettings, weightConfig, type WeightSettings } from "../kernel_layer.ts";
import type { Shape } from "../keras_tensor.ts";
import { Layer, type LayerOptions } from "../layer.ts";
import type { Weight } from "../weight.ts";

/** Options of gamma and beta. */
export interface ScaleAndCenterOptions extends LayerOptions {
  /** Whether the result is multiplied with gamma; true unless given. */
  readonly scale?: boolean;
  /** Whether beta is added to the result; true unless given. */
  readonly center?: boolean;
  /** "ones" unless given. */
  readonly gammaInitializer?: initializers.InitializerIdentifier;
  /** "zeros" unless given. */
  readonly betaInitializer?: initializers.InitializerIdentifier;
  readonly gammaRegularizer?: regularizers.RegularizerIdentifier;
  readonly betaRegularizer?: regularizers.RegularizerIdentifier;
  readonly gammaConstraint?: constraints.ConstraintIdentifier;
  readonly betaConstraint?: constraints.ConstraintIdentifier;
}

const DEFAULTS = {
  scale: true,
  center: true,
  gammaInitializer: "ones",
  betaInitializer: "zeros",
  gammaRegularizer: null,
  betaRegularizer: null,
  gammaConstraint: null,
  betaConstraint: null,
};

/** Base class of layers with gamma and beta. */
export abstract class ScaleAndCenterLayer extends Layer {
  readonly scale: boolean;
  readonly center: boolean;
  gamma: Weight | null = null;
  beta: Weight | null = null;
  readonly #gammaSettings: WeightSettings;
  readonly #betaSettings: WeightSettings;

  constructor(options: ScaleAndCenterOptions) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, DEFAULTS);
    super(rest);
    this.scale = Boolean(own.scale);
    this.center = Boolean(own.center);
    this.#gammaSettings = readWeightSettings(owner, "gamma", own);
    this.#betaSettings = readWeightSettings(owner, "beta", own);
  }

  /** Makes gamma and beta, as far as they are wanted. */
  protected addGammaAndBeta(shape: readonly number[]): void {
    if (this.scale) this.gamma = this.addWeight({ name: "gamma", shape, ...this.#gammaSettings });
    if (this.center) this.beta = this.addWeight({ name: "beta", shape, ...this.#betaSettings });
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return inputShape;
  }

  override getConfig(): Record<string, unknown> {
    const { scale, center } = this;
    return {
      ...super.getConfig(),
      scale,
      center,
      ...weightConfig("gamma", this.#gammaSettings),
      ...weightConfig("beta", this.#betaSettings),
    };
  }
}

/** An axis, or several, counted from 0. @throws {RangeError} for one that a shape has not */
export function positiveAxes(
  owner: string,
  axis: number | readonly number[],
  rank: number,
): number[] {
  return [axis].flat().map((one) => {
    const positive = one < 0 ? one + rank : one;
    if (Number.isInteger(one) && positive >= 0 && positive < rank) return positive;
    throw new RangeError(
      `${owner}: axis is ${show(axis)}, expected axes of an input of ${rank} axes`,
    );
  }).sort((a, b) => a - b);
}

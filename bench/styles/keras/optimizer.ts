/**
 * A recipe's optimizer in the Keras idiom.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { layers, type Model, optimizers } from "../../../keras_style/mod.ts";
import type { Recipe } from "../../recipes/mod.ts";
import { KerasLookahead } from "./lookahead.ts";
import type { LookaheadSettings } from "../training/lookahead.ts";

/** What Keras' optimizers lack of a recipe. */
interface Additions {
  /** What the weight is multiplied by to be added to its gradient. */
  readonly penalty: (variable: tf.Variable) => number;
  /** What the learning rate is multiplied by. */
  readonly rateFactor: (variable: tf.Variable) => number;
  /** null: none. */
  readonly lookahead: LookaheadSettings | null;
  /** What look-ahead copies, of a model that is built. */
  readonly state: () => readonly tf.Variable[];
}

/** Constructor of an optimizer whose options were checked. */
// deno-lint-ignore no-explicit-any
type Class = new (...given: any[]) => optimizers.Optimizer;

/** A class with a weight decay that is part of the gradient, learning rates of each variable's own, and look-ahead. */
function extended(Base: Class, { penalty, rateFactor, lookahead, state }: Additions): Class {
  return class extends Base {
    #lookahead: KerasLookahead | undefined;

    override build(variables: readonly tf.Variable[]): void {
      const isBuilt = this.built;
      super.build(variables);
      if (isBuilt || lookahead === null) return;
      const fast = state();
      const slow = fast.map((one) => this.addVariableFromReference(one, { name: "slow" }));
      this.#lookahead = new KerasLookahead(fast, slow, lookahead);
    }

    protected override applyFound(
      gradients: readonly tf.Tensor[],
      variables: readonly tf.Variable[],
    ): void {
      super.applyFound(gradients, variables);
      this.#lookahead?.update(this.iterations);
    }

    protected override updateStep(
      gradient: tf.Tensor,
      variable: tf.Variable,
      learningRate: tf.Tensor,
    ): void {
      const [share, factor] = [penalty(variable), rateFactor(variable)];
      const whole = share === 0 ? gradient : tf.add(gradient, tf.mul(variable, share));
      const rate = factor === 1 ? learningRate : tf.mul(learningRate, factor);
      // The class that is extended is known at run time only: to the compiler its method is abstract.
      Base.prototype.updateStep.call(this, whole, variable, rate);
    }
  };
}

/** What an optimizer is told beside its recipe. */
export interface TrainingFacts {
  /** Of all epochs. */
  readonly steps: number;
  /** Of every step, where nobody can set them; else the recipe's rate, which the schedule changes. */
  readonly rates?: optimizers.schedules.LearningRateSchedule;
}

/** The optimizer of a recipe, for a model. */
export function kerasOptimizer(
  model: Model,
  recipe: Recipe,
  { steps, rates }: TrainingFacts,
): optimizers.Optimizer {
  const { weightDecay, normRateFactor, accumulation, clipNorm, weightAverage } = recipe;
  const { name, ...constants } = recipe.keras.optimizer;
  const norms = new Set(normVariables(model));
  const isDecayed = ({ rank }: tf.Variable) =>
    weightDecay !== null && (weightDecay.on === "all" || rank > 1);
  const isDecoupled = weightDecay?.kind === "decoupled";
  const rateFactor = (variable: tf.Variable) => norms.has(variable) ? normRateFactor : 1;
  const Extended = extended(optimizers[name], {
    rateFactor,
    penalty: (variable) =>
      isDecayed(variable) && !isDecoupled ? weightDecay!.rate / rateFactor(variable) : 0,
    lookahead: recipe.lookahead && { ...recipe.lookahead, steps },
    state: () => model.variables.filter(({ dtype }) => dtype === "float32"),
  });
  const optimizer = new Extended({
    ...constants,
    ...rates === undefined ? {} : { learningRate: rates },
    name,
    weightDecay: isDecoupled ? weightDecay.rate : null,
    globalClipnorm: clipNorm,
    gradientAccumulationSteps: accumulation === 1 ? null : accumulation,
    ...weightAverage === null ? {} : {
      useEma: true,
      emaMomentum: weightAverage.decay,
      emaOverwriteFrequency: weightAverage.overwriteEvery,
    },
  });
  const excluded = model.trainableVariables.filter((variable) => !isDecayed(variable));
  if (isDecoupled) optimizer.excludeFromWeightDecay({ varList: excluded });
  return optimizer;
}

/** Weights and biases of normalizations. */
function normVariables(model: Model): tf.Variable[] {
  const kinds = [
    layers.BatchNormalization,
    layers.GroupNormalization,
    layers.LayerNormalization,
    layers.RMSNormalization,
  ];
  return allLayers(model)
    .filter((layer) => kinds.some((kind) => layer instanceof kind))
    .flatMap((layer) => layer.trainableVariables);
}

/** A model's layers, and those inside of them. */
export function allLayers(layer: layers.Layer): layers.Layer[] {
  return [layer, ...layer.sublayers().flatMap(allLayers)];
}

/**
 * A recipe's optimizer in the Keras idiom.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { layers, type Model, optimizers } from "../../keras_style/mod.ts";
import type { Recipe } from "../recipes/mod.ts";

/** What Keras' optimizers lack of a recipe. */
interface Additions {
  /** What the weight is multiplied by to be added to its gradient. */
  readonly penalty: (variable: tf.Variable) => number;
  /** What the learning rate is multiplied by. */
  readonly rateFactor: (variable: tf.Variable) => number;
}

/** Constructor of an optimizer whose options were checked. */
// deno-lint-ignore no-explicit-any
type Class = new (...given: any[]) => optimizers.Optimizer;

/** A class with a weight decay that is part of the gradient, and learning rates of each variable's own. */
function extended(Base: Class, { penalty, rateFactor }: Additions): Class {
  return class extends Base {
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

/**
 * The optimizer of a recipe, for a model.
 *
 * @param rates of every step, where nobody can set them; else the recipe's rate, which the schedule changes
 */
export function kerasOptimizer(
  model: Model,
  recipe: Recipe,
  rates?: optimizers.schedules.LearningRateSchedule,
): optimizers.Optimizer {
  const { weightDecay, normRateFactor, accumulation, clipNorm, weightAverage } = recipe;
  const { name, ...constants } = recipe.keras.optimizer;
  const norms = new Set(normVariables(model));
  const isDecayed = ({ rank }: tf.Variable) =>
    weightDecay !== null && (weightDecay.on === "all" || rank > 1);
  const isDecoupled = weightDecay?.kind === "decoupled";
  const Extended = extended(optimizers[name], {
    penalty: (variable) => isDecayed(variable) && !isDecoupled ? weightDecay!.rate : 0,
    rateFactor: (variable) => norms.has(variable) ? normRateFactor : 1,
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

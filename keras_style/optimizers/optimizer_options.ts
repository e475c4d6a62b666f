/**
 * Options that all optimizers take.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import type { InitializerIdentifier } from "../initializers/mod.ts";
import { checkNumber, readOptions } from "../options.ts";
import type { SavedObject } from "../registry.ts";
import type { LearningRateSchedule } from "./schedules/mod.ts";

/** Options all optimizers take. */
export interface OptimizerOptions {
  /** How far a step goes, 0 or more; or a schedule of it. */
  readonly learningRate?: number | LearningRateSchedule | SavedObject;
  readonly name?: string;
  /** What share of a weight, times the learning rate, is taken off it at every step; none unless given. */
  readonly weightDecay?: number | null;
  /** Every gradient is shortened to this norm; at most one of the three ways of clipping may be given. */
  readonly clipnorm?: number | null;
  /** Every element of a gradient is kept within this distance from 0. */
  readonly clipvalue?: number | null;
  /** All gradients together are shortened to this norm. */
  readonly globalClipnorm?: number | null;
  /** Whether a moving average of the weights is kept, which they get after training (or every so often). */
  readonly useEma?: boolean;
  /** How much of the old average is kept at a step; 0.99 unless given. */
  readonly emaMomentum?: number;
  /** After how many steps the weights get the average; only after training unless given. */
  readonly emaOverwriteFrequency?: number | null;
  /** The loss is multiplied with it and the gradients divided by it, which keeps small ones from vanishing. */
  readonly lossScaleFactor?: number | null;
  /** Of how many steps the gradients' mean makes one update; at least 2; 1 unless given. */
  readonly gradientAccumulationSteps?: number | null;
}

/** How {@linkcode Optimizer.addVariable} makes a variable. */
export interface AddVariableOptions {
  readonly shape?: readonly number[];
  readonly dtype?: tf.DataType;
  readonly name?: string;
  /** "zeros" unless given. */
  readonly initializer?: InitializerIdentifier;
}

const DEFAULTS = {
  learningRate: 0.001,
  name: null,
  weightDecay: null,
  clipnorm: null,
  clipvalue: null,
  globalClipnorm: null,
  useEma: false,
  emaMomentum: 0.99,
  emaOverwriteFrequency: null,
  lossScaleFactor: null,
  gradientAccumulationSteps: null,
};

/** The options with their defaults. */
export type OptimizerSettings = Readonly<
  & {
    [Name in keyof typeof DEFAULTS]: Exclude<
      OptimizerOptions[Name & keyof OptimizerOptions],
      undefined
    >;
  }
  & { name: string | null }
>;

/** What values have to be, where they are given. */
const RANGES = {
  weightDecay: { from: 0 },
  clipnorm: { from: 0 },
  clipvalue: { from: 0 },
  globalClipnorm: { from: 0 },
  emaMomentum: { from: 0, to: 1 },
  emaOverwriteFrequency: { from: 1, integer: true },
  lossScaleFactor: { above: 0 },
  gradientAccumulationSteps: { from: 2, integer: true },
};

/**
 * The options with their defaults, checked.
 *
 * @param owner the class, for errors
 * @param defaults what the class has instead of the defaults of all optimizers
 */
export function readOptimizerOptions(
  owner: string,
  options: OptimizerOptions,
  defaults: OptimizerOptions,
): OptimizerSettings {
  const own = readOptions(owner, options, { ...DEFAULTS, ...defaults }) as OptimizerSettings;
  for (const [name, range] of Object.entries(RANGES)) {
    const value = own[name as keyof typeof RANGES];
    if (value !== null) checkNumber(owner, name, value, range);
  }
  const clipping = (["clipnorm", "clipvalue", "globalClipnorm"] as const)
    .filter((name) => own[name] !== null);
  if (clipping.length > 1) {
    throw new TypeError(`${owner}: ${clipping.join(" and ")} are given, expected one of them`);
  }
  return own;
}

/** A variable that is kept for each weight that is trained. */
export interface OptimizerSlot {
  readonly variable: tf.Variable;
  /** Such as "momentum". */
  readonly name: string;
  readonly slot: tf.Variable;
}

/** Which weights are left out of weight decay. */
export interface WeightDecayExclusion {
  readonly varList?: readonly tf.Variable[];
  /** Parts of names, as regular expressions. */
  readonly varNames?: readonly string[];
}

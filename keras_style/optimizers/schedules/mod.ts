/** Learning rates that follow from the number of the step. @module */
import { kerasClass } from "../../keras_class.ts";
import { SCHEDULES } from "../../positional_names.ts";
import { Registry, type SavedObject } from "../../registry.ts";
import * as cosine from "./cosine.ts";
import * as decay from "./decay.ts";
import { LearningRateSchedule } from "./learning_rate_schedule.ts";

export { LearningRateSchedule };
export type { CosineDecayOptions, CosineDecayRestartsOptions } from "./cosine.ts";
export type {
  DecayOptions,
  PiecewiseConstantDecayOptions,
  PolynomialDecayOptions,
} from "./decay.ts";

export const CosineDecay = kerasClass(cosine.CosineDecay, SCHEDULES.CosineDecay);
export type CosineDecay = cosine.CosineDecay;
export const CosineDecayRestarts = kerasClass(
  cosine.CosineDecayRestarts,
  SCHEDULES.CosineDecayRestarts,
);
export type CosineDecayRestarts = cosine.CosineDecayRestarts;
export const ExponentialDecay = kerasClass(decay.ExponentialDecay, SCHEDULES.ExponentialDecay);
export type ExponentialDecay = decay.ExponentialDecay;
export const InverseTimeDecay = kerasClass(decay.InverseTimeDecay, SCHEDULES.InverseTimeDecay);
export type InverseTimeDecay = decay.InverseTimeDecay;
export const PolynomialDecay = kerasClass(decay.PolynomialDecay, SCHEDULES.PolynomialDecay);
export type PolynomialDecay = decay.PolynomialDecay;
export const PiecewiseConstantDecay = kerasClass(
  decay.PiecewiseConstantDecay,
  SCHEDULES.PiecewiseConstantDecay,
);
export type PiecewiseConstantDecay = decay.PiecewiseConstantDecay;

const registry = new Registry<LearningRateSchedule>("learningRate", LearningRateSchedule, {
  ...cosine,
  ...decay,
});

/** Class and configuration of a schedule. */
export function serialize(schedule: LearningRateSchedule): SavedObject {
  return registry.serialize(schedule);
}

/** A schedule as it was saved. */
export function deserialize(saved: SavedObject): LearningRateSchedule {
  return registry.deserialize(saved);
}

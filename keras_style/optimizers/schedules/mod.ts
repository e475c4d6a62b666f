/** Learning rates that follow from the number of the step. @module */
import { Registry, type SavedObject } from "../../registry.ts";
import { CosineDecay, CosineDecayRestarts } from "./cosine.ts";
import {
  ExponentialDecay,
  InverseTimeDecay,
  PiecewiseConstantDecay,
  PolynomialDecay,
} from "./decay.ts";
import { LearningRateSchedule } from "./learning_rate_schedule.ts";

export { CosineDecay, type CosineDecayOptions } from "./cosine.ts";
export { CosineDecayRestarts, type CosineDecayRestartsOptions } from "./cosine.ts";
export { type DecayOptions, ExponentialDecay, InverseTimeDecay } from "./decay.ts";
export { PiecewiseConstantDecay, type PiecewiseConstantDecayOptions } from "./decay.ts";
export { PolynomialDecay, type PolynomialDecayOptions } from "./decay.ts";
export { LearningRateSchedule } from "./learning_rate_schedule.ts";

const registry = new Registry<LearningRateSchedule>("learningRate", LearningRateSchedule, {
  CosineDecay,
  CosineDecayRestarts,
  ExponentialDecay,
  InverseTimeDecay,
  PiecewiseConstantDecay,
  PolynomialDecay,
});

/** Class and configuration of a schedule. */
export function serialize(schedule: LearningRateSchedule): SavedObject {
  return registry.serialize(schedule);
}

/** A schedule as it was saved. */
export function deserialize(saved: SavedObject): LearningRateSchedule {
  return registry.deserialize(saved);
}

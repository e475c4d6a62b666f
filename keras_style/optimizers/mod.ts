/** Optimizers: what changes the weights. @module */
export { Adadelta, type AdadeltaOptions } from "./adadelta.ts";
export { Adafactor, type AdafactorOptions } from "./adafactor.ts";
export { Adagrad, type AdagradOptions } from "./adagrad.ts";
export { Adam, type AdamOptions, AdamW } from "./adam.ts";
export { Adamax } from "./adamax.ts";
export { Ftrl, type FtrlOptions } from "./ftrl.ts";
export {
  deserialize,
  get,
  type OptimizerIdentifier,
  type OptimizerName,
  serialize,
} from "./get.ts";
export { Lamb } from "./lamb.ts";
export { Lion, type LionOptions } from "./lion.ts";
export { type MomentsOptions } from "./moments_optimizer.ts";
export { Muon, type MuonOptions } from "./muon.ts";
export { Nadam } from "./nadam.ts";
export { Optimizer, type OptimizerSlot, type WeightDecayExclusion } from "./optimizer.ts";
export { type AddVariableOptions, type OptimizerOptions } from "./optimizer_options.ts";
export { RMSprop, type RMSpropOptions } from "./rmsprop.ts";
export { ScheduleFreeAdamW, type ScheduleFreeAdamWOptions } from "./schedule_free_adamw.ts";
export * as schedules from "./schedules/mod.ts";
export { SGD, type SGDOptions } from "./sgd.ts";

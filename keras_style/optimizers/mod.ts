/** Optimizers: what changes the weights. @module */
import * as adadelta from "./adadelta.ts";
import * as adafactor from "./adafactor.ts";
import * as adagrad from "./adagrad.ts";
import * as adam from "./adam.ts";
import * as adamax from "./adamax.ts";
import * as ftrl from "./ftrl.ts";
import * as lamb from "./lamb.ts";
import * as lion from "./lion.ts";
import * as lossScaleOptimizer from "./loss_scale_optimizer.ts";
import * as multiOptimizer from "./multi_optimizer.ts";
import * as muon from "./muon.ts";
import * as nadam from "./nadam.ts";
import * as rmsprop from "./rmsprop.ts";
import * as scheduleFreeAdamw from "./schedule_free_adamw.ts";
import * as sgd from "./sgd.ts";
import { kerasClass } from "../keras_class.ts";
import { OPTIMIZERS } from "../positional_names.ts";

export { type AdadeltaOptions } from "./adadelta.ts";
export { type AdafactorOptions } from "./adafactor.ts";
export { type AdagradOptions } from "./adagrad.ts";
export { type AdamOptions } from "./adam.ts";
export { type FtrlOptions } from "./ftrl.ts";
export {
  deserialize,
  get,
  type OptimizerIdentifier,
  type OptimizerName,
  serialize,
} from "./get.ts";
export { type LionOptions } from "./lion.ts";
export { type LossScaleOptimizerOptions } from "./loss_scale_optimizer.ts";
export { type MomentsOptions } from "./moments_optimizer.ts";
export { type MultiOptimizerOptions, OptimizerMap } from "./multi_optimizer.ts";
export { type MuonOptions } from "./muon.ts";
export { Optimizer } from "./optimizer.ts";
export { type OptimizerSlot, type WeightDecayExclusion } from "./optimizer_options.ts";
export { type AddVariableOptions, type OptimizerOptions } from "./optimizer_options.ts";
export { type RMSpropOptions } from "./rmsprop.ts";
export { type ScheduleFreeAdamWOptions } from "./schedule_free_adamw.ts";
export * as schedules from "./schedules/mod.ts";
export { type SGDOptions } from "./sgd.ts";

export const Adadelta = kerasClass(adadelta.Adadelta, OPTIMIZERS.Adadelta);
export type Adadelta = adadelta.Adadelta;
export const Adafactor = kerasClass(adafactor.Adafactor, OPTIMIZERS.Adafactor);
export type Adafactor = adafactor.Adafactor;
export const Adagrad = kerasClass(adagrad.Adagrad, OPTIMIZERS.Adagrad);
export type Adagrad = adagrad.Adagrad;
export const Adam = kerasClass(adam.Adam, OPTIMIZERS.Adam);
export type Adam = adam.Adam;
export const AdamW = kerasClass(adam.AdamW, OPTIMIZERS.AdamW);
export type AdamW = adam.AdamW;
export const Adamax = kerasClass(adamax.Adamax, OPTIMIZERS.Adamax);
export type Adamax = adamax.Adamax;
export const Ftrl = kerasClass(ftrl.Ftrl, OPTIMIZERS.Ftrl);
export type Ftrl = ftrl.Ftrl;
export const Lamb = kerasClass(lamb.Lamb, OPTIMIZERS.Lamb);
export type Lamb = lamb.Lamb;
export const Lion = kerasClass(lion.Lion, OPTIMIZERS.Lion);
export type Lion = lion.Lion;
export const LossScaleOptimizer = kerasClass(
  lossScaleOptimizer.LossScaleOptimizer,
  OPTIMIZERS.LossScaleOptimizer,
);
export type LossScaleOptimizer = lossScaleOptimizer.LossScaleOptimizer;
export const MultiOptimizer = kerasClass(
  multiOptimizer.MultiOptimizer,
  OPTIMIZERS.MultiOptimizer,
);
export type MultiOptimizer = multiOptimizer.MultiOptimizer;
export const Muon = kerasClass(muon.Muon, OPTIMIZERS.Muon);
export type Muon = muon.Muon;
export const Nadam = kerasClass(nadam.Nadam, OPTIMIZERS.Nadam);
export type Nadam = nadam.Nadam;
export const RMSprop = kerasClass(rmsprop.RMSprop, OPTIMIZERS.RMSprop);
export type RMSprop = rmsprop.RMSprop;
export const ScheduleFreeAdamW = kerasClass(
  scheduleFreeAdamw.ScheduleFreeAdamW,
  OPTIMIZERS.ScheduleFreeAdamW,
);
export type ScheduleFreeAdamW = scheduleFreeAdamw.ScheduleFreeAdamW;
export const SGD = kerasClass(sgd.SGD, OPTIMIZERS.SGD);
export type SGD = sgd.SGD;

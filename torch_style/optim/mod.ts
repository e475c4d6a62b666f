/**
 * Optimizers. Follows https://docs.pytorch.org/docs/stable/optim.html
 * @module
 */
export * from "./adagrad.ts";
export * from "./adam.ts";
export * as lrScheduler from "./lr_scheduler/mod.ts";
export * from "./optimizer.ts";
export type {
  GivenGroup,
  Hyperparameters,
  ParameterGroup,
  ParameterList,
  Parameters,
} from "./parameter_group.ts";
export * from "./rmsprop.ts";
export * from "./sgd.ts";
export * from "./adaptive.ts";
export * from "./lbfgs.ts";
export * from "./muon.ts";
export * from "./sign_and_average.ts";
export * as swaUtils from "./averaged_model.ts";

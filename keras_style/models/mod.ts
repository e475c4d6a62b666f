/** Models. @module */
export { type EvaluateOptions } from "./evaluate.ts";
export { type ExportOptions } from "./export.ts";
export { type FitOptions } from "./fit.ts";
export { Model } from "./model.ts";
export { type CompileOptions, type ModelOptions } from "./model_options.ts";
export { type ObjectiveOptions, type PerOutput } from "./objective.ts";
export { type PredictOptions } from "./predict.ts";
export { type ClassWeight } from "./sample_weights.ts";
export { type RunOptions, type Verbosity } from "./run_steps.ts";
export { Sequential, type SequentialOptions, type SequentialPart } from "./sequential.ts";
export { type SummaryOptions } from "./summary.ts";

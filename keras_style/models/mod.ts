/**
 * Models.
 *
 * - Classes: `model` (a graph of layers), `sequential`, over `trainer` (compile, fit, evaluate, predict) and `model_arguments`.
 * - Calls: `fit`, `evaluate`, `predict`, `one_batch`, over `run_steps` (the loop), `steps` (one batch), `distributed_step`,
 *   `objective` (losses and metrics) and `metric_state`.
 * - Data: `check_data`, `check_dataset`, `labelled_samples`, `sample_weights`, `batches`, `build_for`, `named_specs`.
 * - Graphs: `function_graph`, `graph_config`, `graph_from_config`, `clone_model`, `export` (ONNX), `summary` and `text_table`.
 * @module
 */
export { type LabelSet, type SampleSet } from "./check_data.ts";
export { cloneModel } from "./clone_model.ts";
export { type EvaluateOptions } from "./evaluate.ts";
export { type ExportOptions } from "./export.ts";
export { type FitOptions } from "./fit.ts";
export { type ModelArguments, type ModelOptions, type SymbolicNest } from "./model_arguments.ts";
export { type LossOption, type ObjectiveOptions, type PerOutput } from "./objective.ts";
export { type BatchOptions } from "./one_batch.ts";
export { type PredictOptions } from "./predict.ts";
export { type ClassWeight } from "./sample_weights.ts";
export { type RunOptions, type Verbosity } from "./run_steps.ts";
export { type SequentialOptions, type SequentialPart } from "./sequential.ts";
export { type SummaryOptions } from "./summary.ts";
export {
  type CompileOptions,
  type LoadWeightsOptions,
  type TrainedModel,
} from "./trained_model.ts";
import { withoutNew } from "../keras_class.ts";
import { registerLayers } from "../layers/layer_registry.ts";
import { Model as ModelClass } from "./model.ts";
import { Sequential as SequentialClass } from "./sequential.ts";

export const Model = withoutNew(ModelClass);
export type Model = ModelClass;
export const Sequential = withoutNew(SequentialClass);
export type Sequential = SequentialClass;

registerLayers({ Functional: ModelClass, Model: ModelClass, Sequential: SequentialClass });

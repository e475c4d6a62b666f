/**
 * What models are made from and compiled to.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import type { OptimizerIdentifier } from "../optimizers/get.ts";
import type { Optimizer } from "../optimizers/mod.ts";
import type { Objective, ObjectiveOptions } from "./objective.ts";
import type { Step } from "./run_steps.ts";

/** What a model with inputs and outputs is made from. */
export interface ModelOptions {
  readonly inputs: tf.SymbolicTensor | tf.SymbolicTensor[];
  readonly outputs: tf.SymbolicTensor | tf.SymbolicTensor[];
  readonly name?: string;
}

/** Options of `compile`. */
export interface CompileOptions extends ObjectiveOptions {
  /** RMSprop with Keras' settings unless given. */
  readonly optimizer?: OptimizerIdentifier;
}

/** The functions a compiled model runs: each is one call into ONNX Runtime. */
export interface CompiledSteps {
  /** What `compile` was told. */
  readonly options: CompileOptions;
  readonly optimizer: Optimizer;
  readonly objective: Objective;
  readonly train: Step;
  readonly test: Step;
}

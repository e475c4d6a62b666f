/**
 * Merging layers, as classes whose `new` may be left out. Follows https://keras.io/api/layers/merging_layers/
 * @module
 */
import * as merging from "./merging.ts";
import { kerasClass } from "../../keras_class.ts";
import { LAYERS } from "../../positional_names.ts";
import { registerLayers } from "../layer_registry.ts";

export type { ConcatenateOptions, DotOptions } from "./merging.ts";

export { add, average, concatenate, dot, maximum, minimum, multiply, subtract } from "./merging.ts";
export const Add = kerasClass(merging.Add);
export type Add = merging.Add;
export const Average = kerasClass(merging.Average);
export type Average = merging.Average;
export const Concatenate = kerasClass(merging.Concatenate, LAYERS.Concatenate);
export type Concatenate = merging.Concatenate;
export const Dot = kerasClass(merging.Dot, LAYERS.Dot);
export type Dot = merging.Dot;
export const Maximum = kerasClass(merging.Maximum);
export type Maximum = merging.Maximum;
export const Minimum = kerasClass(merging.Minimum);
export type Minimum = merging.Minimum;
export const Multiply = kerasClass(merging.Multiply);
export type Multiply = merging.Multiply;
export const Subtract = kerasClass(merging.Subtract);
export type Subtract = merging.Subtract;

registerLayers(merging);

/**
 * Merging layers, as classes whose `new` may be left out. Follows https://keras.io/api/layers/merging_layers/
 * @module
 */
import * as elementwise from "./elementwise_merges.ts";
import * as merging from "./merging.ts";
import { kerasClass } from "../../keras_class.ts";
import { LAYERS } from "../../positional_names.ts";
import { registerLayers } from "../layer_registry.ts";

export type { ConcatenateOptions, DotOptions } from "./merging.ts";

export { add, average, concatenate, dot, maximum, minimum, multiply, subtract } from "./merging.ts";
export const Add = kerasClass(elementwise.Add);
export type Add = elementwise.Add;
export const Average = kerasClass(elementwise.Average);
export type Average = elementwise.Average;
export const Concatenate = kerasClass(merging.Concatenate, LAYERS.Concatenate);
export type Concatenate = merging.Concatenate;
export const Dot = kerasClass(merging.Dot, LAYERS.Dot);
export type Dot = merging.Dot;
export const Maximum = kerasClass(elementwise.Maximum);
export type Maximum = elementwise.Maximum;
export const Minimum = kerasClass(elementwise.Minimum);
export type Minimum = elementwise.Minimum;
export const Multiply = kerasClass(elementwise.Multiply);
export type Multiply = elementwise.Multiply;
export const Subtract = kerasClass(elementwise.Subtract);
export type Subtract = elementwise.Subtract;

registerLayers(elementwise, merging);

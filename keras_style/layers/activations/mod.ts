/**
 * Activation layers, as classes whose `new` may be left out. Follows https://keras.io/api/layers/activation_layers/
 * @module
 */
import * as activationLayers from "./activation_layers.ts";
import { kerasClass } from "../../keras_class.ts";
import { LAYERS } from "../../positional_names.ts";
import { registerLayers } from "../layer_registry.ts";

export type {
  ActivationLayerOptions,
  ELUOptions,
  LeakyReLUOptions,
  PReLUOptions,
  ReLUOptions,
  SoftmaxOptions,
} from "./activation_layers.ts";

export const Activation = kerasClass(activationLayers.Activation, LAYERS.Activation);
export type Activation = activationLayers.Activation;
export const ELU = kerasClass(activationLayers.ELU, LAYERS.ELU);
export type ELU = activationLayers.ELU;
export const LeakyReLU = kerasClass(activationLayers.LeakyReLU, LAYERS.LeakyReLU);
export type LeakyReLU = activationLayers.LeakyReLU;
export const PReLU = kerasClass(activationLayers.PReLU, LAYERS.PReLU);
export type PReLU = activationLayers.PReLU;
export const ReLU = kerasClass(activationLayers.ReLU, LAYERS.ReLU);
export type ReLU = activationLayers.ReLU;
export const Softmax = kerasClass(activationLayers.Softmax, LAYERS.Softmax);
export type Softmax = activationLayers.Softmax;

registerLayers(activationLayers);

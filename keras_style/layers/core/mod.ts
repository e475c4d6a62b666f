/**
 * Core layers, as classes whose `new` may be left out. Follows https://keras.io/api/layers/core_layers/
 * @module
 */
import * as dense from "./dense.ts";
import * as einsumDense from "./einsum_dense.ts";
import * as embedding from "./embedding.ts";
import * as lambda from "./lambda.ts";
import * as masking from "./masking.ts";
import { kerasClass } from "../../keras_class.ts";
import { LAYERS } from "../../positional_names.ts";
import { registerLayers } from "../layer_registry.ts";
import {
  Input as makeInput,
  InputLayer as InputLayerClass,
  type InputOptions,
} from "./input_layer.ts";

export type { DenseOptions } from "./dense.ts";
export type { MaskingOptions } from "./masking.ts";
export type { EinsumDenseOptions } from "./einsum_dense.ts";
export type { ActivityRegularizationOptions, LambdaOptions } from "./lambda.ts";
export type { EmbeddingOptions, ReversibleEmbeddingOptions } from "./embedding.ts";

export type { InputOptions };
export const Input = makeInput;
export const InputLayer = kerasClass(InputLayerClass, LAYERS.InputLayer);
export type InputLayer = InputLayerClass;
export const Dense = kerasClass(dense.Dense, LAYERS.Dense);
export type Dense = dense.Dense;
export const Identity = kerasClass(masking.Identity);
export type Identity = masking.Identity;
export const Masking = kerasClass(masking.Masking, LAYERS.Masking);
export type Masking = masking.Masking;
export const EinsumDense = kerasClass(einsumDense.EinsumDense, LAYERS.EinsumDense);
export type EinsumDense = einsumDense.EinsumDense;
export const Lambda = kerasClass(lambda.Lambda, LAYERS.Lambda);
export type Lambda = lambda.Lambda;
export const ActivityRegularization = kerasClass(
  lambda.ActivityRegularization,
  LAYERS.ActivityRegularization,
);
export type ActivityRegularization = lambda.ActivityRegularization;
export const Embedding = kerasClass(embedding.Embedding, LAYERS.Embedding);
export type Embedding = embedding.Embedding;
export const ReversibleEmbedding = kerasClass(
  embedding.ReversibleEmbedding,
  LAYERS.ReversibleEmbedding,
);
export type ReversibleEmbedding = embedding.ReversibleEmbedding;

registerLayers({ InputLayer: InputLayerClass }, dense, einsumDense, embedding, lambda, masking);

/**
 * Normalization layers, as classes whose `new` may be left out. Follows https://keras.io/api/layers/normalization_layers/
 * @module
 */
import * as batchNormalization from "./batch_normalization.ts";
import * as groupNormalization from "./group_normalization.ts";
import * as layerNormalization from "./layer_normalization.ts";
import { kerasClass } from "../../keras_class.ts";
import { LAYERS } from "../../positional_names.ts";
import { registerLayers } from "../layer_registry.ts";

export type { BatchNormalizationOptions } from "./batch_normalization.ts";
export type { LayerNormalizationOptions } from "./layer_normalization.ts";
export type {
  GroupNormalizationOptions,
  RMSNormalizationOptions,
  SpectralNormalizationOptions,
  UnitNormalizationOptions,
} from "./group_normalization.ts";

export const BatchNormalization = kerasClass(
  batchNormalization.BatchNormalization,
  LAYERS.BatchNormalization,
);
export type BatchNormalization = batchNormalization.BatchNormalization;
export const LayerNormalization = kerasClass(
  layerNormalization.LayerNormalization,
  LAYERS.LayerNormalization,
);
export type LayerNormalization = layerNormalization.LayerNormalization;
export const GroupNormalization = kerasClass(
  groupNormalization.GroupNormalization,
  LAYERS.GroupNormalization,
);
export type GroupNormalization = groupNormalization.GroupNormalization;
export const RMSNormalization = kerasClass(
  groupNormalization.RMSNormalization,
  LAYERS.RMSNormalization,
);
export type RMSNormalization = groupNormalization.RMSNormalization;
export const UnitNormalization = kerasClass(
  groupNormalization.UnitNormalization,
  LAYERS.UnitNormalization,
);
export type UnitNormalization = groupNormalization.UnitNormalization;
export const SpectralNormalization = kerasClass(
  groupNormalization.SpectralNormalization,
  LAYERS.SpectralNormalization,
);
export type SpectralNormalization = groupNormalization.SpectralNormalization;

registerLayers(batchNormalization, groupNormalization, layerNormalization);

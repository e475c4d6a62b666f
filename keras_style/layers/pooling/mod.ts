/**
 * Pooling layers, as classes whose `new` may be left out. Follows https://keras.io/api/layers/pooling_layers/
 * @module
 */
import * as adaptivePooling from "./adaptive_pooling.ts";
import * as globalPooling from "./global_pooling.ts";
import * as pooling from "./pooling.ts";
import { kerasClass } from "../../keras_class.ts";
import { LAYERS } from "../../positional_names.ts";
import { registerLayers } from "../layer_registry.ts";

export type { PoolingOptions } from "./pooling.ts";
export type { GlobalPoolingOptions } from "./global_pooling.ts";
export type { AdaptivePoolingOptions } from "./adaptive_pooling.ts";

export const AveragePooling1D = kerasClass(pooling.AveragePooling1D, LAYERS.AveragePooling1D);
export type AveragePooling1D = pooling.AveragePooling1D;
export const AveragePooling2D = kerasClass(pooling.AveragePooling2D, LAYERS.AveragePooling2D);
export type AveragePooling2D = pooling.AveragePooling2D;
export const AveragePooling3D = kerasClass(pooling.AveragePooling3D, LAYERS.AveragePooling3D);
export type AveragePooling3D = pooling.AveragePooling3D;
export const MaxPooling1D = kerasClass(pooling.MaxPooling1D, LAYERS.MaxPooling1D);
export type MaxPooling1D = pooling.MaxPooling1D;
export const MaxPooling2D = kerasClass(pooling.MaxPooling2D, LAYERS.MaxPooling2D);
export type MaxPooling2D = pooling.MaxPooling2D;
export const MaxPooling3D = kerasClass(pooling.MaxPooling3D, LAYERS.MaxPooling3D);
export type MaxPooling3D = pooling.MaxPooling3D;
export const GlobalAveragePooling1D = kerasClass(
  globalPooling.GlobalAveragePooling1D,
  LAYERS.GlobalAveragePooling1D,
);
export type GlobalAveragePooling1D = globalPooling.GlobalAveragePooling1D;
export const GlobalAveragePooling2D = kerasClass(
  globalPooling.GlobalAveragePooling2D,
  LAYERS.GlobalAveragePooling2D,
);
export type GlobalAveragePooling2D = globalPooling.GlobalAveragePooling2D;
export const GlobalAveragePooling3D = kerasClass(
  globalPooling.GlobalAveragePooling3D,
  LAYERS.GlobalAveragePooling3D,
);
export type GlobalAveragePooling3D = globalPooling.GlobalAveragePooling3D;
export const GlobalMaxPooling1D = kerasClass(
  globalPooling.GlobalMaxPooling1D,
  LAYERS.GlobalMaxPooling1D,
);
export type GlobalMaxPooling1D = globalPooling.GlobalMaxPooling1D;
export const GlobalMaxPooling2D = kerasClass(
  globalPooling.GlobalMaxPooling2D,
  LAYERS.GlobalMaxPooling2D,
);
export type GlobalMaxPooling2D = globalPooling.GlobalMaxPooling2D;
export const GlobalMaxPooling3D = kerasClass(
  globalPooling.GlobalMaxPooling3D,
  LAYERS.GlobalMaxPooling3D,
);
export type GlobalMaxPooling3D = globalPooling.GlobalMaxPooling3D;
export const AdaptiveAveragePooling1D = kerasClass(
  adaptivePooling.AdaptiveAveragePooling1D,
  LAYERS.AdaptiveAveragePooling1D,
);
export type AdaptiveAveragePooling1D = adaptivePooling.AdaptiveAveragePooling1D;
export const AdaptiveAveragePooling2D = kerasClass(
  adaptivePooling.AdaptiveAveragePooling2D,
  LAYERS.AdaptiveAveragePooling2D,
);
export type AdaptiveAveragePooling2D = adaptivePooling.AdaptiveAveragePooling2D;
export const AdaptiveAveragePooling3D = kerasClass(
  adaptivePooling.AdaptiveAveragePooling3D,
  LAYERS.AdaptiveAveragePooling3D,
);
export type AdaptiveAveragePooling3D = adaptivePooling.AdaptiveAveragePooling3D;
export const AdaptiveMaxPooling1D = kerasClass(
  adaptivePooling.AdaptiveMaxPooling1D,
  LAYERS.AdaptiveMaxPooling1D,
);
export type AdaptiveMaxPooling1D = adaptivePooling.AdaptiveMaxPooling1D;
export const AdaptiveMaxPooling2D = kerasClass(
  adaptivePooling.AdaptiveMaxPooling2D,
  LAYERS.AdaptiveMaxPooling2D,
);
export type AdaptiveMaxPooling2D = adaptivePooling.AdaptiveMaxPooling2D;
export const AdaptiveMaxPooling3D = kerasClass(
  adaptivePooling.AdaptiveMaxPooling3D,
  LAYERS.AdaptiveMaxPooling3D,
);
export type AdaptiveMaxPooling3D = adaptivePooling.AdaptiveMaxPooling3D;

// Keras' other names.
export {
  AveragePooling1D as AvgPool1D,
  AveragePooling2D as AvgPool2D,
  AveragePooling3D as AvgPool3D,
  GlobalAveragePooling1D as GlobalAvgPool1D,
  GlobalAveragePooling2D as GlobalAvgPool2D,
  GlobalAveragePooling3D as GlobalAvgPool3D,
  GlobalMaxPooling1D as GlobalMaxPool1D,
  GlobalMaxPooling2D as GlobalMaxPool2D,
  GlobalMaxPooling3D as GlobalMaxPool3D,
  MaxPooling1D as MaxPool1D,
  MaxPooling2D as MaxPool2D,
  MaxPooling3D as MaxPool3D,
};

registerLayers(adaptivePooling, globalPooling, pooling);

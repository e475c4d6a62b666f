/**
 * Attention layers, as classes whose `new` may be left out. Follows https://keras.io/api/layers/attention_layers/
 * @module
 */
import * as attention from "./attention.ts";
import * as groupQueryAttention from "./group_query_attention.ts";
import * as multiHeadAttention from "./multi_head_attention.ts";
import { kerasClass } from "../../keras_class.ts";
import { LAYERS } from "../../positional_names.ts";
import { registerLayers } from "../layer_registry.ts";

export type {
  AdditiveAttentionOptions,
  AttentionCallOptions,
  AttentionOptions,
} from "./attention.ts";
export type { GroupQueryAttentionOptions } from "./group_query_attention.ts";
export type { HeadsCallOptions, HeadsOptions } from "./heads_attention.ts";
export type { MultiHeadAttentionOptions } from "./multi_head_attention.ts";

export const Attention = kerasClass(attention.Attention, LAYERS.Attention);
export type Attention = attention.Attention;
export const AdditiveAttention = kerasClass(attention.AdditiveAttention, LAYERS.AdditiveAttention);
export type AdditiveAttention = attention.AdditiveAttention;
export const MultiHeadAttention = kerasClass(
  multiHeadAttention.MultiHeadAttention,
  LAYERS.MultiHeadAttention,
);
export type MultiHeadAttention = multiHeadAttention.MultiHeadAttention;
export const GroupQueryAttention = kerasClass(
  groupQueryAttention.GroupQueryAttention,
  LAYERS.GroupQueryAttention,
);
export type GroupQueryAttention = groupQueryAttention.GroupQueryAttention;

registerLayers(attention, multiHeadAttention, groupQueryAttention);

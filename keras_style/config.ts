/**
 * `keras.config`: settings that layers fall back on. Follows https://keras.io/api/utils/config_utils/
 * @module
 */
export { dtypePolicy, setDtypePolicy } from "./dtype_policies/dtype_policy.ts";
export { type DataFormat, imageDataFormat, setImageDataFormat } from "./data_format.ts";

/** Element type of weights and of what is computed: "float32", the only one that the engines train in. */
export function floatx(): "float32" {
  return "float32";
}

/** What keeps values away from 0 where nothing else is said: 1e-7. */
export function epsilon(): number {
  return 1e-7;
}

/**
 * What layers compute in. Follows https://keras.io/api/mixed_precision/policy/
 * @module
 */
export {
  deserialize,
  DTypePolicy,
  DTypePolicy as FloatDTypePolicy,
  get,
  type PolicyIdentifier,
  type PolicyName,
  serialize,
} from "./dtype_policy.ts";

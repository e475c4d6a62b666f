/**
 * Layers that compute in a short type, with weights of float32. Follows https://keras.io/api/mixed_precision/
 * @module
 */
export {
  DTypePolicy,
  DTypePolicy as Policy,
  dtypePolicy,
  dtypePolicy as globalPolicy,
  setDtypePolicy,
  setDtypePolicy as setGlobalPolicy,
} from "../dtype_policies/dtype_policy.ts";
export { LossScaleOptimizer } from "../optimizers/mod.ts";

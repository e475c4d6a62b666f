/**
 * What execution providers can and cannot do, and how models are written for each.
 * @module
 */
export { ProviderWriter, storedType, storedValues } from "./provider_writer.ts";
export { describePlacement, joinPlacements, type Placement, ROUNDS, WHOLE } from "./placement.ts";
export { hasKernel, kernelsOf, type KernelTable } from "./kernels.ts";

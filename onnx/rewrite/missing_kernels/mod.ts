/**
 * Rules for what an execution provider has no kernel for, where what replaces it depends on shapes.
 * @module
 */
import type { NamedRules } from "../apply_rules.ts";
import { asymmetricTransposed } from "./asymmetric.ts";
import { normalizedAsLine } from "./batch_norm.ts";
import { convolutionsOfMissingTypes } from "./convolution.ts";
import { fourierByProduct } from "./fourier.ts";
import { poolingByComparison, poolingOfMissingTypes, unpoolingByScatter } from "./max_pool.ts";
import { volumeFiltersInGroups, volumeInGroups, volumeTransposed } from "./volumes.ts";

/** Which kernels, of an element type, make which rules unnecessary. */
const NEEDED: Readonly<Record<string, NamedRules>> = {
  "BatchNormalization.matrix": { normalizedAsLine },
  "MaxPool.indices": { poolingByComparison },
  MaxUnpool: { unpoolingByScatter },
  "Conv.volumeGroups": { volumeInGroups, volumeFiltersInGroups },
  "ConvTranspose.volume": { volumeTransposed },
  "ConvTranspose.asymmetric": { asymmetricTransposed },
  DFT: { fourierByProduct },
};

/** The rules for a provider. @param has whether it has a kernel for an element type */
export function rulesForMissing(has: (key: string, dtype: string) => boolean): NamedRules {
  const missing = Object.entries(NEEDED).filter(([key]) => !has(key, "float32"));
  return Object.assign(rulesForMissingTypes(has), ...missing.map(([, rules]) => rules));
}

/** Of these, the rules for element types beside float32. */
export function rulesForMissingTypes(has: (key: string, dtype: string) => boolean): NamedRules {
  return { ...convolutionsOfMissingTypes(has), ...poolingOfMissingTypes(has) };
}

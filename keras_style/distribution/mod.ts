/**
 * Training on several devices at once. Follows https://keras.io/api/distribution/
 * @module
 */
import { type KerasClass, kerasClass } from "../keras_class.ts";
import * as dataParallel from "./data_parallel.ts";

export {
  type DataParallelOptions,
  distribution,
  listDevices,
  setDistribution,
} from "./data_parallel.ts";

/** {@linkcode dataParallel.DataParallel}, with or without `new`. */
export const DataParallel: KerasClass<typeof dataParallel.DataParallel, readonly []> = kerasClass(
  dataParallel.DataParallel,
);
/** {@linkcode dataParallel.DataParallel} */
export type DataParallel = dataParallel.DataParallel;

/**
 * The runtime that computes unless another one is named.
 * @module
 */
import type { LazyArray } from "../lazy_array.ts";
import type { Provider } from "../providers/provider.ts";
import { Runtime, type RuntimeOptions } from "./runtime.ts";

let current: Runtime | undefined;

/** The runtime that evaluations use unless another one is named. */
export function defaultRuntime(): Runtime {
  return current ??= new Runtime();
}

/** Chooses what computes from now on and returns its runtime. Arrays already computed stay as they are. */
export function useProvider(
  provider: Provider,
  { strict = false }: Pick<RuntimeOptions, "strict"> = {},
): Runtime {
  const isCurrent = current?.provider === provider && current.strict === strict;
  if (!isCurrent) current = new Runtime({ provider, strict });
  return current!;
}

/** Computes arrays on the default runtime and leaves large ones where they were computed. */
export function compute(arrays: readonly LazyArray[]): Promise<void> {
  return defaultRuntime().compute(arrays);
}

/** Computes arrays on the default runtime. */
export function evaluate(arrays: readonly LazyArray[]): Promise<void> {
  return defaultRuntime().evaluate(arrays);
}

/**
 * A training's whole state: resumed, it goes on as if it had never stopped.
 * @module
 */
import type { AnyModule } from "../nn/module.ts";
import type { Optimizer, OptimizerState } from "../optim/optimizer.ts";
import { defaultGenerator } from "../random.ts";
import type { Tensor } from "../tensor.ts";
import { loadWithMetadata, save } from "./files.ts";

/** Something with a state of plain data: a scheduler. */
export interface PlainState {
  stateDict(): Record<string, unknown>;
  loadStateDict(state: Record<string, unknown>): void;
}

/** What a checkpoint holds the state of. */
export interface Training {
  readonly module: AnyModule;
  // deno-lint-ignore no-explicit-any
  readonly optimizer?: Optimizer<any>;
  readonly scheduler?: PlainState;
}

/** Plain data of one's own that goes with a checkpoint: the epoch, the best loss. */
export type Extra = Readonly<Record<string, unknown>>;

const VERSION = 1;

/**
 * Writes module, optimizer, scheduler and the state of the random numbers into one safetensors file.
 *
 * @param extra plain data, given back by {@linkcode loadCheckpoint}
 */
export async function saveCheckpoint(
  path: string | URL,
  { module, optimizer, scheduler }: Training,
  extra: Extra = {},
): Promise<void> {
  const tensors: Record<string, Tensor> = {};
  for (const [name, tensor] of Object.entries(module.stateDict())) {
    tensors[`module.${name}`] = tensor as Tensor;
  }
  const state = optimizer?.stateDict();
  for (const [i, own] of Object.entries(state?.state ?? {})) {
    for (const [name, tensor] of Object.entries(own)) tensors[`optimizer.${i}.${name}`] = tensor;
  }
  const tandem = {
    version: VERSION,
    paramGroups: state?.paramGroups,
    scheduler: scheduler?.stateDict(),
    random: defaultGenerator().state,
    extra,
  };
  await save(tensors, path, { metadata: { tandem: JSON.stringify(tandem, keepInfinity) } });
}

/**
 * Takes over what {@linkcode saveCheckpoint} wrote.
 *
 * @returns the plain data that was given with it
 * @throws {Error} if the file is none of {@linkcode saveCheckpoint}, lacks something that is to be loaded, or does not fit
 */
export async function loadCheckpoint(
  path: string | URL,
  { module, optimizer, scheduler }: Training,
): Promise<Extra> {
  const { tensors, metadata } = await loadWithMetadata(path);
  const saved = metadata.tandem ? JSON.parse(metadata.tandem, reviveInfinity) : undefined;
  if (saved?.version !== VERSION) {
    throw new Error(
      `"${path}" is no checkpoint of version ${VERSION}, got ${saved?.version ?? "none"}`,
    );
  }
  if (optimizer && !saved.paramGroups) throw new Error(`"${path}" holds no optimizer`);
  if (scheduler && !saved.scheduler) throw new Error(`"${path}" holds no scheduler`);
  const state: OptimizerState["state"] = {};
  const moduleState: Record<string, Tensor> = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    const [, kind, rest] = name.match(/^(module|optimizer)\.(.+)$/) ?? [];
    if (kind === "module") moduleState[rest] = tensor;
    else if (kind === "optimizer") {
      const [, i, field] = rest.match(/^(\d+)\.(.+)$/)!;
      (state[Number(i)] ??= {})[field] = tensor;
    }
  }
  module.loadStateDict(moduleState);
  await optimizer?.loadStateDict({ state, paramGroups: saved.paramGroups });
  scheduler?.loadStateDict(saved.scheduler);
  defaultGenerator().state = saved.random;
  return saved.extra;
}

/** JSON has no infinities; the best loss before the first epoch is one. */
function keepInfinity(_: string, value: unknown): unknown {
  return value === Infinity || value === -Infinity ? { infinity: Math.sign(value) } : value;
}

function reviveInfinity(_: string, value: unknown): unknown {
  const sign = (value as { infinity?: number } | null)?.infinity;
  return typeof sign === "number" ? sign * Infinity : value;
}

/**
 * A training's whole state: resumed, it goes on as if it had never stopped.
 * @module
 */
import { checkRandomState, parseUntrustedJson, shortMessage, shortText } from "../../onnx/mod.ts";
import type { AnyModule } from "../nn/modules/module.ts";
import { prepareTensors } from "../nn/state_dict.ts";
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
 * Takes over what {@linkcode saveCheckpoint} wrote: everything in the file is checked before anything changes.
 *
 * @returns the plain data that was given with it
 * @throws {Error} if the file is none of {@linkcode saveCheckpoint}, lacks something that is to be loaded, or does not fit;
 * module, optimizer, scheduler and random numbers are then as they were
 */
export async function loadCheckpoint(
  path: string | URL,
  { module, optimizer, scheduler }: Training,
): Promise<Extra> {
  const { tensors, metadata } = await loadWithMetadata(path);
  try {
    const saved = parseTandem(metadata.tandem);
    if (optimizer && !saved.paramGroups) throw new Error("it holds no optimizer");
    if (scheduler && !saved.scheduler) throw new Error("it holds no scheduler");
    const { moduleState, optimizerState } = sorted(tensors);
    const takeModule = prepareTensors(module, moduleState, true);
    const takeOptimizer = await optimizer?.prepareLoad({
      state: optimizerState,
      paramGroups: saved.paramGroups!,
    });
    if (scheduler) loadOrRestore(scheduler, saved.scheduler!);
    // From here on nothing fails.
    takeModule();
    takeOptimizer?.();
    defaultGenerator().state = saved.random;
    return saved.extra;
  } catch (error) {
    throw new Error(
      `${shortText(String(path), 100)} cannot be loaded as a checkpoint: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

/** What a message of ours says; of a longer one the beginning. */
function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return shortMessage(text, 180);
}

/** What the text of a checkpoint holds. */
interface SavedTandem {
  readonly paramGroups?: OptimizerState["paramGroups"];
  readonly scheduler?: Record<string, unknown>;
  readonly random: readonly [seed: number, draws: number];
  readonly extra: Extra;
}

function parseTandem(text: string | undefined): SavedTandem {
  if (text === undefined) throw new Error(`it is no checkpoint of version ${VERSION}, got none`);
  const read = parseUntrustedJson(text);
  const saved = isObject(read) ? read : {};
  if (saved.version !== VERSION) {
    throw new Error(
      `it is no checkpoint of version ${VERSION}, got ${shortText(saved.version ?? "none")}`,
    );
  }
  const { paramGroups, scheduler, random, extra = {} } = revived(saved) as Record<string, unknown>;
  if (paramGroups !== undefined && !Array.isArray(paramGroups)) {
    throw new Error(`paramGroups is ${shortText(paramGroups)}, expected a list`);
  }
  if (scheduler !== undefined && !isObject(scheduler)) {
    throw new Error(`scheduler is ${shortText(scheduler)}, expected an object`);
  }
  if (!isObject(extra)) throw new Error(`extra is ${shortText(extra)}, expected an object`);
  return { paramGroups, scheduler, random: checkRandomState(random), extra };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Tensors by what they belong to: `module.0.weight`, `optimizer.0.expAvg`. */
function sorted(tensors: Readonly<Record<string, Tensor>>) {
  const moduleState: Record<string, Tensor> = {};
  const optimizerState: OptimizerState["state"] = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    const [, kind, rest] = name.match(/^(module|optimizer)\.(.+)$/s) ?? [];
    const [, i, field] = kind === "optimizer" ? rest.match(/^(\d{1,9})\.(\w+)$/) ?? [] : [];
    if (kind === "module") moduleState[rest] = tensor;
    else if (field !== undefined && field !== "__proto__") {
      (optimizerState[Number(i)] ??= {})[field] = tensor;
    } else throw new Error(`${shortText(name)} is none of a checkpoint's tensors`);
  }
  return { moduleState, optimizerState };
}

/** A scheduler, possibly a user's own, as the state says or, if that fails, as it was. */
function loadOrRestore(scheduler: PlainState, state: Record<string, unknown>): void {
  const before = structuredClone(scheduler.stateDict());
  try {
    scheduler.loadStateDict(state);
  } catch (error) {
    scheduler.loadStateDict(before);
    throw error;
  }
}

/** JSON has no infinities; the best loss before the first epoch is one. */
function keepInfinity(_: string, value: unknown): unknown {
  return value === Infinity || value === -Infinity ? { infinity: Math.sign(value) } : value;
}

function revived(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revived);
  if (!isObject(value)) return value;
  const keys = Object.keys(value);
  if (keys.length === 1 && keys[0] === "infinity" && typeof value.infinity === "number") {
    return value.infinity * Infinity;
  }
  return Object.fromEntries(keys.map((key) => [key, revived(value[key])]));
}

/**
 * Measures sides by turns: one round each, in an order that turns with the rounds.
 * @module
 */
import { median } from "simple-statistics";
import {
  type Answers,
  canDo,
  isOurs,
  type Measure,
  type Request,
  type SideName,
  type Task,
} from "./requests.ts";
import { type Proof, proofError, provingSide, type Row } from "./report.ts";
import { SideError, type SideOptions, SideProcess } from "./side_process.ts";

/** What {@linkcode measureTask} and {@linkcode proveModel} need. */
export interface MeasureOptions extends SideOptions {
  readonly rounds: number;
  /** How long a side runs in a round, in milliseconds; at least one step. */
  readonly roundMs: number;
  readonly note: (line: string) => void;
  /** Told once what a side is. */
  readonly onVersion: (side: SideName, version: string) => void;
}

/** Steps before anything is measured, beside the first. */
const WARM_UP = 2;
/** Most steps of a round. */
const MOST_STEPS = 50;

/** A side under way. */
class Runner {
  #process: SideProcess | null = null;
  #times = 1;
  readonly rounds: number[] = [];
  quickestMs: number | null = null;
  firstMs: number | null = null;
  peakMiB: number | null = null;
  error: string | null = null;

  constructor(readonly side: SideName, readonly options: MeasureOptions) {}

  async prepare(task: Task, measure: Measure): Promise<void> {
    await this.#try(async () => {
      this.#process = SideProcess.start(this.side, this.options);
      this.options.onVersion(this.side, (await this.#process.ask({ do: "hello" })).version);
      this.firstMs = (await this.#process.ask({ do: "prepare", measure, ...task })).firstMs;
      const { ms, peakMiB } = await this.#ask({ do: "run", times: WARM_UP });
      this.peakMiB = peakMiB;
      const steps = Math.round(this.options.roundMs / ms.at(-1)!);
      this.#times = Math.max(1, Math.min(MOST_STEPS, steps));
    });
  }

  async round(): Promise<void> {
    await this.#try(async () => {
      const { ms, peakMiB } = await this.#ask({ do: "run", times: this.#times });
      this.rounds.push(median([...ms]));
      this.quickestMs = Math.min(this.quickestMs ?? Infinity, ...ms);
      this.peakMiB = peakMiB;
    });
  }

  async end(): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
    this.#process = null;
  }

  #ask<R extends Request>(request: R): Promise<Answers[R["do"]]> {
    return this.#process!.ask(request);
  }

  /** A side that failed fails its own row, and nothing else. */
  async #try(work: () => Promise<void>): Promise<void> {
    if (this.error !== null) return;
    try {
      await work();
    } catch (error) {
      if (!(error instanceof SideError)) throw error;
      this.error = error.message;
      this.options.note(`  ${this.side} failed: ${error.message}`);
      await this.end();
    }
  }
}

/** One model, measure and batch on several sides. */
export async function measureTask(
  sides: readonly SideName[],
  task: Task,
  measure: Measure,
  options: MeasureOptions,
): Promise<Row[]> {
  const runners = sides.filter((side) => canDo(side, measure))
    .map((side) => new Runner(side, options));
  try {
    // One after the other: a first step is timed too.
    for (const runner of runners) await runner.prepare(task, measure);
    for (let round = 0; round < options.rounds; round++) {
      for (const runner of turned(runners, round)) await runner.round();
    }
  } finally {
    await Promise.all(runners.map((runner) => runner.end()));
  }
  const { model, batch } = task;
  const rows = runners.map(({ side, rounds, quickestMs, firstMs, peakMiB, error }) => ({
    ...{ model, measure, batch, side },
    ...{ rounds, quickestMs, firstMs, peakMiB, error },
  }));
  for (const { side, rounds, error } of rows) {
    if (error === null) options.note(`  ${side}: ${median([...rounds]).toFixed(2)} ms`);
  }
  return rows;
}

/** The same things, another one first each round. */
export function turned<T>(items: readonly T[], round: number): T[] {
  const at = items.length === 0 ? 0 : round % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}

/** Images of a proof: enough for batch norm, quick on every side. */
const PROOF_BATCH = 8;

/** How often a peer tells its losses from weights that differ in their last bit. */
const NEARBY = 5;

/** Proves that peers have the same network as Tandem's side of the same idiom. */
export async function proveModel(
  sides: readonly SideName[],
  task: Omit<Task, "batch">,
  folder: string,
  options: MeasureOptions,
): Promise<Proof[]> {
  const proofs: Proof[] = [];
  const peers = sides.filter((side) => !isOurs(side));
  for (const ours of new Set(peers.map(provingSide))) {
    const weights = `${folder}/${task.model}_${ours}.safetensors`;
    const request = { do: "prove", weights, batch: PROOF_BATCH, ...task } as const;
    const own = await answerOrError(ours, request, options);
    for (const peer of peers.filter((peer) => provingSide(peer) === ours)) {
      const theirs = typeof own === "string" ? own : await answerOrError(peer, request, options);
      const proof = proofOf(task.model, ours, peer, own, theirs);
      proofs.push(await besideNearby(proof, { ...request, do: "nearby", times: NEARBY }, options));
      const { error } = proofs.at(-1)!;
      options.note(`  ${peer} has the same network: ${error === null ? "yes" : `no, ${error}`}`);
    }
    await Deno.remove(weights).catch(() => {});
  }
  return proofs;
}

type Answer = Answers["prove"] | string;

function proofOf(
  model: string,
  ours: SideName,
  peer: SideName,
  own: Answer,
  theirs: Answer,
): Proof {
  const base = { model, ours, peer };
  const failed = { ...base, parameters: null, losses: null };
  if (typeof own === "string") return { ...failed, error: `${ours}: ${own}` };
  if (typeof theirs === "string") return { ...failed, error: `${peer}: ${theirs}` };
  const parameters = [own.parameters, theirs.parameters] as const;
  const losses = [own.losses, theirs.losses] as const;
  return { ...base, parameters, losses, error: proofError(parameters, losses) };
}

/** Losses that are apart, held against what rounding alone does to the peer's. */
async function besideNearby(
  proof: Proof,
  request: Extract<Request, { do: "nearby" }>,
  options: MeasureOptions,
): Promise<Proof> {
  const { peer, parameters, losses, error } = proof;
  // What differs before any update is no rounding.
  const [own, theirs] = losses ?? [[], []];
  if (!error || !parameters || !losses || proofError(parameters, [own.slice(0, 1), theirs])) {
    return proof;
  }
  const answer = await answerOrError(peer, request, options);
  if (typeof answer === "string") return { ...proof, error: `${error}; ${peer}: ${answer}` };
  const nearby = answer.losses;
  return { ...proof, nearby, error: proofError(parameters, losses, nearby) };
}

async function answerOrError<R extends Extract<Request, { do: "prove" | "nearby" }>>(
  side: SideName,
  request: R,
  options: MeasureOptions,
): Promise<Answers[R["do"]] | string> {
  try {
    await using process = SideProcess.start(side, options);
    return await process.ask(request);
  } catch (error) {
    if (error instanceof SideError) return error.message;
    throw error;
  }
}

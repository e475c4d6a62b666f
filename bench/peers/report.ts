/**
 * What the measurement against the peers found: plain data, as `peers.json` holds it.
 * @module
 */
import { mean } from "simple-statistics";
import type { Environment } from "../results/environment.ts";
import { meanInterval } from "../results/statistics.ts";
import { isOurs, type Measure, type SideName } from "./requests.ts";

/** Whether two programs have the same network. */
export interface Proof {
  readonly model: string;
  /** The side of Tandem that wrote the weights, and the peer that read them. */
  readonly ours: SideName;
  readonly peer: SideName;
  /** Trained values on both sides; null where a side failed. */
  readonly parameters: readonly [ours: number, peer: number] | null;
  /** The losses of two steps on both sides. */
  readonly losses: readonly [ours: readonly number[], peer: readonly number[]] | null;
  /** The peer's from weights that differ in their last bit, where the second losses were apart; left out elsewhere. */
  readonly nearby?: readonly (readonly number[])[];
  /** Why it failed; null where it holds. */
  readonly error: string | null;
}

/** A side at one model, measure and batch. */
export interface Row {
  readonly model: string;
  readonly measure: Measure;
  readonly batch: number;
  readonly side: SideName;
  /** Median of each round, in milliseconds, in the order of the rounds; a failed side has those until then. */
  readonly rounds: readonly number[];
  /** The quickest step of all rounds, which other work on the machine disturbs least; null where there is none. */
  readonly quickestMs: number | null;
  /** From the beginning of building the network to the end of the first step. */
  readonly firstMs: number | null;
  readonly peakMiB: number | null;
  /** Why it failed; null where it did not. */
  readonly error: string | null;
}

/** The whole measurement. */
export interface PeersReport {
  readonly schemaVersion: 1;
  readonly experiment: "peers";
  readonly command: string;
  readonly environment: Environment;
  /** Of every side. */
  readonly threads: number;
  /** Load of the machine in the last minute, at the beginning and at the end; null where the system does not tell. */
  readonly load: readonly [before: number, after: number] | null;
  /** What each side said that it is. */
  readonly versions: Partial<Record<SideName, string>>;
  /** Sides that were not measured, and why. */
  readonly left: readonly { readonly side: SideName; readonly why: string }[];
  readonly proofs: readonly Proof[];
  readonly rows: readonly Row[];
}

/** How many times as fast as a peer a side of ours is. */
export interface Ratio {
  readonly value: number;
  /** Ends of the 95 % interval over the rounds; null for a single round. */
  readonly low: number | null;
  readonly high: number | null;
  /** The same by the quickest step of each. */
  readonly quickest: number;
}

/** The loss that two programs with the same network differ by at most, relative to its size above 1. */
export const LOSS_TOLERANCE = 1e-3;

/**
 * What is wrong with a proof's figures; null where nothing is.
 *
 * After an update losses of the same network may be further apart: a relu or a max pooling of values next to each other goes
 * either way with rounding, and a batch norm over few values makes much of it. How far, the peer itself tells by its losses from
 * weights that differ in their last bit: ours has to lie among them, or no further outside than they are from each other.
 * Of ShuffleNetV2 Keras' second losses are 1.1e-2 apart so, and one of them 1.6e-2 from that in float64; ours is 1.1e-2 from it.
 */
export function proofError(
  [ownCount, peerCount]: readonly [number, number],
  [own, peer]: readonly [readonly number[], readonly number[]],
  nearby: readonly (readonly number[])[] = [],
): string | null {
  if (ownCount !== peerCount) return `${ownCount} parameters here, ${peerCount} there`;
  const at = own.findIndex((loss, i) =>
    !isAmong(loss, peer[i], i === 0 ? [] : nearby.map((losses) => losses[i]))
  );
  if (at < 0) return null;
  const others = at === 0 || nearby.length === 0
    ? ""
    : `, and ${
      nearby.map((losses) => losses[at]).join(", ")
    } from weights that differ in their last bit`;
  return `loss of step ${at + 1} from the same weights: ${own[at]} here, ${
    peer[at]
  } there${others}`;
}

function isAmong(loss: number, peer: number, others: readonly number[]): boolean {
  const low = Math.min(peer, ...others);
  const high = Math.max(peer, ...others);
  const around = Math.max(LOSS_TOLERANCE * Math.max(1, Math.abs(peer)), high - low);
  return loss >= low - around && loss <= high + around;
}

/** The side of Tandem's that proves the network of a peer. */
export function provingSide(peer: SideName): SideName {
  return peer === "keras" ? "keras_style" : "torch_style";
}

/** Whether a peer's network is proven the same; ours need no proof against themselves. */
export function isProven({ proofs }: PeersReport, model: string, side: SideName): boolean {
  if (isOurs(side)) return true;
  return proofs.some((proof) => proof.model === model && proof.peer === side && !proof.error);
}

/** What a ratio is made of. */
export type Times = Pick<Row, "rounds" | "quickestMs">;

/**
 * Rounds held against each other pair by pair, so that what disturbs a round disturbs both.
 *
 * @returns null where there are no two rounds to compare
 *
 * @example
 * ```ts
 * const ours = { rounds: [10, 10], quickestMs: 9 };
 * ratioOf(ours, { rounds: [20, 20], quickestMs: 18 })?.value; // 2
 * ```
 */
export function ratioOf(ours: Times, peer: Times): Ratio | null {
  const count = Math.min(ours.rounds.length, peer.rounds.length);
  const logarithms = Array.from(
    { length: count },
    (_, i) => Math.log(peer.rounds[i] / ours.rounds[i]),
  );
  const interval = meanInterval(logarithms);
  if (interval === null) return null;
  const { low, high } = interval;
  return {
    value: Math.exp(mean(logarithms)),
    low: low === null ? null : Math.exp(low),
    high: high === null ? null : Math.exp(high),
    quickest: peer.quickestMs! / ours.quickestMs!,
  };
}

/**
 * One worker's share of the samples. Follows https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.distributed.DistributedSampler
 * @module
 */
import { RandomStream } from "../../onnx/mod.ts";
import { type Call, kind, kinds, signature } from "../arguments.ts";
import { getRank, getWorldSize } from "../distributed/collectives.ts";
import type { Sampler } from "./sampler.ts";

/** Options of {@linkcode DistributedSampler}. */
export interface DistributedSamplerOptions {
  /** How many workers share the samples; those of the group unless given. */
  readonly numReplicas?: number;
  /** Whose share it is; this worker's unless given. */
  readonly rank?: number;
  /** Whether each epoch has an order of its own; true unless given. */
  readonly shuffle?: boolean;
  /** Of the order, the same in all workers; 0 unless given. */
  readonly seed?: number;
  /** Leave out what does not fill a round of all workers, instead of taking the first samples again. */
  readonly dropLast?: boolean;
}

const DISTRIBUTED_SAMPLER = signature(
  "DistributedSampler",
  [
    "dataset",
    kind<{ readonly length: number }>(
      "something with a length",
      (value) => typeof (value as { length?: unknown } | null)?.length === "number",
    ),
  ],
  ["numReplicas", kinds.integer, undefined],
  ["rank", kinds.integer, undefined],
  ["shuffle", kinds.boolean, true],
  ["seed", kinds.integer, 0],
  ["dropLast", kinds.boolean, false],
);

/** Every `numReplicas`th sample of an order that all workers share, from number `rank` on. */
export class DistributedSampler implements Sampler {
  readonly length: number;
  readonly #samples: number;
  readonly #replicas: number;
  readonly #rank: number;
  readonly #shuffle: boolean;
  readonly #seed: number;
  #epoch = 0;

  /** @throws {Error} if the rank is none of the replicas' */
  constructor(
    ...given: Call<
      typeof DISTRIBUTED_SAMPLER,
      DistributedSamplerOptions,
      [dataset: { readonly length: number }]
    >
  ) {
    const options = DISTRIBUTED_SAMPLER.read(given);
    this.#samples = options.dataset.length;
    this.#replicas = options.numReplicas ?? getWorldSize();
    this.#rank = options.rank ?? getRank();
    this.#shuffle = options.shuffle;
    this.#seed = options.seed;
    if (this.#replicas < 1 || this.#rank < 0 || this.#rank >= this.#replicas) {
      throw new Error(
        `Invalid rank ${this.#rank}, rank should be in the interval [0, ${this.#replicas - 1}]`,
      );
    }
    const share = this.#samples / this.#replicas;
    this.length = options.dropLast ? Math.floor(share) : Math.ceil(share);
  }

  /** Begins another order: call it before each epoch, or every epoch has the order of the first. */
  setEpoch(epoch: number): void {
    this.#epoch = epoch;
  }

  *[Symbol.iterator](): Iterator<number> {
    const order = this.#shuffle
      ? new RandomStream(this.#seed + this.#epoch).permutation(this.#samples)
      : undefined;
    for (let i = 0; i < this.length; i++) {
      const at = (this.#rank + i * this.#replicas) % this.#samples;
      yield order ? order[at] : at;
    }
  }
}

/**
 * Where a function that draws random numbers takes them from: `{ generator }`, as in PyTorch.
 * @module
 */
import type { RandomStream } from "../onnx/mod.ts";
import { kind, kinds } from "./arguments.ts";
import { defaultGenerator } from "./random.ts";

/** A generator of one's own: {@linkcode Generator}. */
export interface RandomSource {
  readonly stream: RandomStream;
}

/** Options of what draws. */
export interface DrawOptions {
  /** What is drawn from; the generator that `manualSeed` starts unless given. */
  readonly generator?: RandomSource | null;
}

/** A {@linkcode RandomSource}, as a parameter. */
export const generatorParameter = [
  "generator",
  kinds.nullable(kind<RandomSource>(
    "a torch.Generator",
    (value) => typeof value === "object" && value !== null && "stream" in value,
  )),
  undefined,
] as const;

/** The stream to draw from. */
export function streamOf({ generator }: DrawOptions): RandomStream {
  return generator?.stream ?? defaultGenerator();
}

/** All small pairs. */
import { branches } from "./branches.ts";
import { depth } from "./depth.ts";
import type { PairCase } from "./pair_case.ts";
import { passes } from "./passes.ts";
import { ports } from "./ports.ts";
import { saturations } from "./saturations.ts";
import { sequences } from "./sequences.ts";
import { stacks } from "./stacks.ts";
import { trainings } from "./trainings.ts";

/** By kind. */
export const kinds: Readonly<Record<string, readonly PairCase[]>> = {
  branches,
  depth,
  passes,
  ports,
  saturations,
  sequences,
  stacks,
  trainings,
};

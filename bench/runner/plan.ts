/**
 * The grid of trainings that a command asks for: one cell a training.
 * @module
 */
import type { StyleName } from "../styles/style.ts";
import { type RungName, rungNames } from "../experiments/ablation.ts";

/** Where the channels of images stand in memory. */
export type Layout = "channels-first" | "channels-last";

/** Both, the PyTorch idiom's own first. */
export const layouts = ["channels-first", "channels-last"] as const;

/** One training: a style, a seed, and what else sets it apart. */
export interface Cell {
  /** Names it in files and messages, such as `torch/seed-2` or `torch/rmsprop/seed-1`. */
  id: string;
  style: StyleName;
  seed: number;
  /** Which rung of the ladder; null outside of it. */
  rung: RungName | null;
  /** Which layout is tried; null where the style keeps its own. */
  layout: Layout | null;
}

/** What a command trains, in which grid. */
export type GridCommand = "run" | "ladder" | "layout";

/** What the grid is made of. */
export interface GridOptions {
  styles: StyleName[];
  seed: number;
  seeds: number;
}

/** What sets a group of cells apart from other groups: they differ in the seed only. */
export type Group = Omit<Cell, "id" | "seed">;

/**
 * All cells of a command, in the order in which they are run: seed after seed, and the groups within a seed rotated
 * from seed to seed, so that none is always the one that runs on a warm or a busy machine.
 */
export function planCells(command: GridCommand, options: GridOptions): Cell[] {
  const groups = groupsOf(command, options.styles);
  return Array.from({ length: options.seeds }, (_, i) =>
    rotated(groups, i).map((group) => {
      const seed = options.seed + i;
      return { id: `${groupName(group)}/seed-${seed}`, ...group, seed };
    })).flat();
}

/** The groups of a command, in the order of tables. */
export function groupsOf(command: GridCommand, styles: readonly StyleName[]): Group[] {
  if (command === "ladder") {
    const rungs = rungNames.map((rung) => ({ style: "torch" as const, rung, layout: null }));
    return [...rungs, { style: "keras", rung: null, layout: null }];
  }
  if (command === "layout") {
    return styles.flatMap((style) => layouts.map((layout) => ({ style, rung: null, layout })));
  }
  return styles.map((style) => ({ style, rung: null, layout: null }));
}

/** Such as `keras`, `torch/rmsprop` or `torch/channels-last`. */
export function groupName({ style, rung, layout }: Group): string {
  return [style, rung, layout].filter((part) => part !== null).join("/");
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}

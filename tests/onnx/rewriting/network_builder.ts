/** Random networks are built step by step. */
import type { LazyArray, Shape } from "../../../onnx/mod.ts";

/** What one step makes of the arrays so far. */
export type Step = (arrays: Arrays) => LazyArray;

/** The arrays of a network while it is built. */
export interface Arrays {
  readonly current: LazyArray;
  /** The network's inputs. */
  readonly inputs: readonly LazyArray[];
  /** What each step so far returned, the images first. */
  readonly earlier: readonly LazyArray[];
}

/** Draws a network step by step; keeps the shape that the steps lead to. */
export class Builder {
  readonly shapes: Shape[] = [];
  readonly steps: Step[] = [];
  readonly names: string[] = [];
  /** Shapes of what each step returns, the images' first. */
  readonly results: Shape[];
  shape: Shape;
  /** How large values have grown at most, where all is integer: products of sums. */
  convolutions = 0;

  constructor(readonly random: () => number, readonly exact: boolean) {
    const [n, c, size] = this.pick([
      [16, 16, 8],
      [16, 3, 8],
      [4, 32, 12],
      [2, 6, 7],
      [1, 16, 9],
      [8, 16, 12],
      [3, 8, 10],
    ]);
    this.shape = [n, c, size, this.chance(0.7) ? size : size + 1];
    this.shapes.push(this.shape);
    this.results = [this.shape];
  }

  chance(p: number): boolean {
    return this.random() < p;
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.random() * list.length)];
  }

  /** Another input of the network; where it will stand among them. */
  parameter(shape: Shape): number {
    return this.shapes.push(shape) - 1;
  }

  add(name: string, shape: Shape, step: Step): void {
    this.names.push(`${name} -> [${shape}]`);
    this.steps.push(step);
    this.results.push(shape);
    this.shape = shape;
  }
}

/** A kind of step: adds itself to a network unless its shape does not suit. */
export type Kind = (builder: Builder) => void;

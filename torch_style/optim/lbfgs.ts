/**
 * L-BFGS: Newton's method with what the last gradients tell about the curvature.
 * @module
 */
import { fromHost, storageFrom } from "../../onnx/mod.ts";
import { type Call, kinds, signature } from "../arguments.ts";
import { tensor } from "../creation.ts";
import { enableGrad, noGrad } from "../grad_mode.ts";
import { Tensor } from "../tensor.ts";
import { dot, largest, type Point, strongWolfe } from "./line_search.ts";
import { Optimizer, type OptimizerState, type Update } from "./optimizer.ts";
import { type Parameters, parameters } from "./parameter_group.ts";

/** Options of {@linkcode LBFGS}, with PyTorch's defaults. */
export interface LBFGSOptions {
  /** Learning rate, 1 unless given. */
  lr: number;
  /** Iterations of one step, 20 unless given. */
  maxIter: number;
  /** Evaluations of one step; maxIter 1.25 unless given. */
  maxEval: number | null;
  /** Ends a step where no gradient is larger, 1e-7 unless given. */
  toleranceGrad: number;
  /** Ends a step where nothing changes by more, 1e-9 unless given. */
  toleranceChange: number;
  /** How many gradients are remembered, 100 unless given. */
  historySize: number;
  /** "strong_wolfe", or null for steps of the rate itself. */
  lineSearchFn: "strong_wolfe" | null;
  /** Climb instead of descending. */
  maximize: boolean;
}

const LBFGS_TAKES = signature(
  "LBFGS",
  ["params", parameters],
  ["lr", kinds.number, 1],
  ["maxIter", kinds.integer, 20],
  ["maxEval", kinds.nullable(kinds.integer), null],
  ["toleranceGrad", kinds.number, 1e-7],
  ["toleranceChange", kinds.number, 1e-9],
  ["historySize", kinds.integer, 100],
  ["lineSearchFn", kinds.nullable(kinds.oneOf("strong_wolfe")), null],
  "*",
  ["maximize", kinds.boolean, false],
);

/** What is remembered from step to step. */
interface Memory {
  iterations: number;
  evaluations: number;
  direction: Float64Array;
  length: number;
  /** Changes of the gradient and of the parameters, the oldest first. */
  changes: { gradient: Float64Array; parameters: Float64Array }[];
  scale: number;
  gradient: Float64Array;
  loss: number;
}

/** Clears gradients, computes the loss, calls backward and returns the loss. */
export type Closure = () => Tensor | Promise<Tensor>;

/**
 * To be stepped with a closure, which is called several times a step. Directions are computed in JavaScript, in double
 * precision: made for small models.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.LBFGS.html
 *
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * const x = torch.tensor([3, -2], { dtype: "float32", requiresGrad: true });
 * const optimizer = new torch.optim.LBFGS([x], { lineSearchFn: "strong_wolfe" });
 * await optimizer.step(() => {
 *   optimizer.zeroGrad();
 *   const loss = x.square().sum();
 *   loss.backward();
 *   return loss;
 * });
 * ```
 */
export class LBFGS extends Optimizer<LBFGSOptions> {
  #memory: Memory | undefined;

  /** @throws {Error} if there is more than one group */
  constructor(
    ...given: Call<typeof LBFGS_TAKES, Partial<LBFGSOptions>, [params: Parameters<LBFGSOptions>]>
  ) {
    const { params, ...defaults } = LBFGS_TAKES.read(given);
    super(params, defaults as LBFGSOptions, LBFGS_TAKES);
    if (this.paramGroups.length !== 1) {
      throw new Error("LBFGS doesn't support per-parameter options (parameter groups)");
    }
  }

  protected override checkOptions(): void {}

  protected override update(): Update {
    throw new Error("LBFGS: all parameters move together");
  }

  /**
   * Moves the parameters. @returns the loss before, a tensor
   *
   * @throws {Error} without a closure
   */
  // deno-lint-ignore no-explicit-any
  override async step(closure?: Closure): Promise<any> {
    if (!closure) {
      throw new Error(
        "LBFGS: step misses its closure, expected a function that computes the loss and calls backward",
      );
    }
    const options = this.paramGroups[0];
    const { lr, maxIter, toleranceGrad, toleranceChange, historySize, lineSearchFn, maximize } =
      options;
    const maxEval = options.maxEval ?? Math.floor(maxIter * 5 / 4);
    const evaluate = async (): Promise<Point & { loss: Tensor }> => {
      const loss = await enableGrad(closure);
      const value = await loss.item();
      return { loss, value: maximize ? -value : value, gradient: await this.#gradient(maximize) };
    };
    const first = await evaluate();
    let now: Point = first;
    let evaluations = 1;
    if (largest(now.gradient) <= toleranceGrad) return first.loss;
    const memory = this.#memory ??= emptyMemory();
    memory.evaluations++;
    for (let iteration = 1; iteration <= maxIter; iteration++) {
      memory.iterations++;
      if (memory.iterations === 1) memory.direction = now.gradient.map((g) => -g);
      else nextDirection(memory, now.gradient, historySize);
      const before = now.value;
      memory.gradient = now.gradient;
      memory.loss = before;
      const total = now.gradient.reduce((sum, g) => sum + Math.abs(g), 0);
      memory.length = memory.iterations === 1 ? Math.min(1, 1 / total) * lr : lr;
      const slope = dot(now.gradient, memory.direction);
      if (slope > -toleranceChange) break;
      let used = 0;
      if (lineSearchFn) {
        const start = await this.#parameters();
        const at = async (length: number) => {
          this.#set(start.map((x, i) => x + length * memory.direction[i]));
          return await evaluate();
        };
        const found = await strongWolfe(
          at,
          memory.length,
          memory.direction,
          now,
          slope,
          maxEval - evaluations,
        );
        now = found.point;
        memory.length = found.length;
        used = found.evaluations;
        this.#set(start.map((x, i) => x + memory.length * memory.direction[i]));
      } else {
        const start = await this.#parameters();
        this.#set(start.map((x, i) => x + memory.length * memory.direction[i]));
        if (iteration !== maxIter) {
          now = await evaluate();
          used = 1;
        }
      }
      evaluations += used;
      memory.evaluations += used;
      if (
        iteration === maxIter || evaluations >= maxEval || largest(now.gradient) <= toleranceGrad
      ) break;
      if (largest(memory.direction) * memory.length <= toleranceChange) break;
      if (Math.abs(now.value - before) < toleranceChange) break;
    }
    return first.loss;
  }

  async #gradient(maximize: boolean): Promise<Float64Array> {
    const all = await Promise.all(
      this.parameters.map(async (parameter) =>
        parameter.grad
          ? Float64Array.from(await parameter.grad.data(), Number)
          : new Float64Array(parameter.numel())
      ),
    );
    const flat = joined(all);
    return maximize ? flat.map((g) => -g) : flat;
  }

  async #parameters(): Promise<Float64Array> {
    return joined(
      await Promise.all(
        this.parameters.map(async (parameter) => Float64Array.from(await parameter.data(), Number)),
      ),
    );
  }

  #set(values: Float64Array): void {
    noGrad(() => {
      let at = 0;
      for (const parameter of this.parameters) {
        const own = values.subarray(at, at += parameter.numel());
        parameter.copy_(
          new Tensor(fromHost(storageFrom(own, parameter.dtype), parameter.shape, parameter.dtype)),
        );
      }
    });
  }

  /** What is remembered is the state of the first parameter, as in PyTorch. */
  override stateDict(): OptimizerState {
    const { paramGroups } = super.stateDict();
    const memory = this.#memory;
    if (!memory) return { state: {}, paramGroups };
    const wide = (values: ArrayLike<number>) => tensor(Array.from(values), { dtype: "float64" });
    const rows = (pick: (change: Memory["changes"][0]) => Float64Array) =>
      memory.changes.length > 0 ? wide(joined(memory.changes.map(pick))) : wide([0]);
    return {
      state: {
        0: {
          step: tensor(memory.iterations, { dtype: "float32" }),
          values: wide([
            memory.evaluations,
            memory.length,
            memory.scale,
            memory.loss,
            memory.changes.length,
          ]),
          d: wide(memory.direction),
          oldDirs: rows((change) => change.gradient),
          oldStps: rows((change) => change.parameters),
          prevFlatGrad: wide(memory.gradient),
        },
      },
      paramGroups,
    };
  }

  override async prepareLoad({ state, paramGroups }: OptimizerState): Promise<() => void> {
    const takeOptions = await super.prepareLoad({ state: {}, paramGroups });
    const values = this.parameters.reduce((n, parameter) => n + parameter.numel(), 0);
    const memory = state[0] && await readMemory(state[0], values);
    return () => {
      takeOptions();
      this.#memory = memory;
    };
  }
}

/** @param values how many values the parameters have together */
async function readMemory(
  saved: Readonly<Record<string, Tensor>>,
  values: number,
): Promise<Memory> {
  const read = async (name: string, length: number) => {
    const tensor = Object.hasOwn(saved, name) ? saved[name] : undefined;
    if (!(tensor instanceof Tensor) || tensor.numel() !== length) {
      throw new Error(
        `loaded state dict: ${name} has ${tensor?.numel() ?? "no"} values, expected ${length}`,
      );
    }
    return Float64Array.from(await tensor.data(), Number);
  };
  const [evaluations, length, scale, loss, count] = await read("values", 5);
  const [iterations] = await read("step", 1);
  const isCount = (value: number) => Number.isSafeInteger(value) && value >= 0;
  if (![evaluations, iterations, count].every(isCount)) {
    throw new Error(
      `loaded state dict: L-BFGS has made ${iterations} iterations with ${evaluations} evaluations and ` +
        `remembers ${count}, expected integers from 0 on`,
    );
  }
  const [direction, gradient] = [await read("d", values), await read("prevFlatGrad", values)];
  const rows = async (name: string) => await read(name, Math.max(1, count * values));
  const [oldDirs, oldSteps] = [await rows("oldDirs"), await rows("oldStps")];
  const row = (all: Float64Array, i: number) => all.slice(i * values, (i + 1) * values);
  const changes = Array.from(
    { length: count },
    (_, i) => ({ gradient: row(oldDirs, i), parameters: row(oldSteps, i) }),
  );
  return { iterations, evaluations, direction, length, changes, scale, gradient, loss };
}

function emptyMemory(): Memory {
  const none = new Float64Array();
  return {
    iterations: 0,
    evaluations: 0,
    direction: none,
    length: 0,
    changes: [],
    scale: 1,
    gradient: none,
    loss: 0,
  };
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const result = new Float64Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

/** The gradient times the inverse of the curvature that the remembered changes tell (two loops). */
function nextDirection(memory: Memory, gradient: Float64Array, historySize: number): void {
  const y = gradient.map((g, i) => g - memory.gradient[i]);
  const s = memory.direction.map((x) => x * memory.length);
  const ys = dot(y, s);
  if (ys > 1e-10) {
    if (memory.changes.length === historySize) memory.changes.shift();
    memory.changes.push({ gradient: y, parameters: s });
    memory.scale = ys / dot(y, y);
  }
  const q = gradient.map((g) => -g);
  const shares = memory.changes.map((change) => 1 / dot(change.gradient, change.parameters));
  const used: number[] = [];
  for (let i = memory.changes.length - 1; i >= 0; i--) {
    const { gradient: dy, parameters: ds } = memory.changes[i];
    used[i] = dot(ds, q) * shares[i];
    for (let k = 0; k < q.length; k++) q[k] -= used[i] * dy[k];
  }
  const r = q.map((x) => x * memory.scale);
  memory.changes.forEach(({ gradient: dy, parameters: ds }, i) => {
    const back = dot(dy, r) * shares[i];
    for (let k = 0; k < r.length; k++) r[k] += ds[k] * (used[i] - back);
  });
  memory.direction = r;
}

/**
 * Muon: momentum whose matrices are made nearly orthogonal.
 * @module
 */
import { constant, type LazyArray, ops } from "../../onnx/mod.ts";
import { type Call, kind, kinds, signature } from "../arguments.ts";
import { Optimizer, type Update, type UpdateContext } from "./optimizer.ts";
import { type Parameters, parameters } from "./parameter_group.ts";
import { checkNotNegative, movingAverage, zerosLike } from "./rules.ts";

/** How the rate follows a matrix' shape. */
export type MuonRate = "original" | "match_rms_adamw" | "spectral_unclamped";

/** Options of {@linkcode Muon}, with PyTorch's defaults. */
export interface MuonOptions {
  /** Learning rate, 0.001 unless given. */
  lr: number;
  /** How much weights shrink a step, times the rate; 0.1 unless given. */
  weightDecay: number;
  /** How much of the mean of gradients is kept, 0.95 unless given. */
  momentum: number;
  /** Look ahead along the mean; true unless given. */
  nesterov: boolean;
  /** Of x, x³ and x⁵ in one round of the iteration, [3.4445, -4.775, 2.0315] unless given. */
  nsCoefficients: readonly [number, number, number];
  /** Smallest norm that is divided by, 1e-7 unless given. */
  eps: number;
  /** Rounds of the iteration, 5 unless given. */
  nsSteps: number;
  /** "original" unless given. */
  adjustLrFn: MuonRate | null;
}

const three = kind<readonly [number, number, number]>(
  "three numbers",
  (value) => kinds.numbers.accepts(value) && (value as unknown[]).length === 3,
);

const MUON = signature(
  "Muon",
  ["params", parameters],
  ["lr", kinds.number, 0.001],
  ["weightDecay", kinds.number, 0.1],
  ["momentum", kinds.number, 0.95],
  ["nesterov", kinds.boolean, true],
  ["nsCoefficients", three, [3.4445, -4.775, 2.0315]],
  ["eps", kinds.number, 1e-7],
  ["nsSteps", kinds.integer, 5],
  [
    "adjustLrFn",
    kinds.nullable(kinds.oneOf("original", "match_rms_adamw", "spectral_unclamped")),
    null,
  ],
);

/**
 * Steps along the mean of gradients, its singular values all brought near 1 by a Newton-Schulz iteration (Jordan et al. 2024).
 * For matrices only. PyTorch iterates in bfloat16, here it is float32: steps agree to about three digits.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.Muon.html
 *
 * @throws {Error} for parameters that are no matrices
 */
export class Muon extends Optimizer<MuonOptions> {
  constructor(
    ...given: Call<typeof MUON, Partial<MuonOptions>, [params: Parameters<MuonOptions>]>
  ) {
    const { params, ...defaults } = MUON.read(given);
    super(params, defaults, MUON);
    const odd = this.parameters.find((parameter) => parameter.ndim !== 2);
    if (!odd) return;
    throw new Error(
      `Muon only supports 2D parameters whereas we found a parameter with size: [${odd.shape}]`,
    );
  }

  protected override checkOptions({ momentum, weightDecay, nsSteps }: MuonOptions): void {
    checkNotNegative("momentum", momentum);
    checkNotNegative("weight_decay", weightDecay);
    if (nsSteps < 100) return;
    throw new Error("Number of steps must be less than 100 for computational efficiency");
  }

  protected override update(
    parameter: LazyArray,
    { gradient, state, options, feed }: UpdateContext<MuonOptions>,
  ): Update {
    const { lr, weightDecay, momentum, nesterov } = options;
    const [keep, rest] = [feed(momentum), feed(1 - momentum)];
    const before = state.momentumBuffer ?? zerosLike(parameter);
    const momentumBuffer = movingAverage(before, gradient, keep, rest);
    const direction = nesterov
      ? movingAverage(momentumBuffer, gradient, keep, rest)
      : momentumBuffer;
    const rate = feed(lr * rateFactor(options.adjustLrFn, parameter.shape));
    const shrunk = ops.mul(parameter, feed(1 - lr * weightDecay));
    return {
      parameter: ops.sub(shrunk, ops.mul(rate, orthogonal(direction, options))),
      state: { momentumBuffer },
    };
  }
}

function rateFactor(name: MuonRate | null, [rows, columns]: readonly number[]): number {
  if (name === "match_rms_adamw") return 0.2 * Math.sqrt(Math.max(rows, columns));
  const ratio = Math.sqrt(rows / columns);
  return name === "spectral_unclamped" ? ratio : Math.max(1, ratio);
}

/** U V of a matrix' singular value decomposition U S V, about. */
function orthogonal(
  matrix: LazyArray,
  { nsCoefficients, nsSteps, eps }: MuonOptions,
): LazyArray {
  const [a, b, c] = nsCoefficients.map((value) => constant(value, matrix.dtype));
  const isTall = matrix.shape[0] > matrix.shape[1];
  let x = isTall ? ops.transpose(matrix, [1, 0]) : matrix;
  const norm = ops.sqrt(ops.sum(ops.mul(x, x)));
  x = ops.div(x, ops.maximum(norm, constant(eps, x.dtype)));
  for (let i = 0; i < nsSteps; i++) {
    const gram = ops.matmul(x, x, false, true);
    const mixed = ops.add(ops.mul(b, gram), ops.mul(c, ops.matmul(gram, gram)));
    x = ops.add(ops.mul(a, x), ops.matmul(mixed, x));
  }
  return isTall ? ops.transpose(x, [1, 0]) : x;
}

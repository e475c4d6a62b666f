/**
 * Weights made of others: by direction and length, or with a bounded largest singular value.
 *
 * The field (`weight`) becomes one that is computed, so that the module reads it as before, and its parts are parameters.
 * @module
 */
import { normalizeAxis } from "../../onnx/mod.ts";
import { type Call, kind, kinds, signature } from "../arguments.ts";
import { noGrad } from "../grad_mode.ts";
import { randn } from "../random_creation.ts";
import { normalize } from "./functional/normalization.ts";
import type { Tensor } from "../tensor.ts";
import { type AnyModule, Module } from "./modules/module.ts";
import { Parameter } from "./parameter.ts";

type Fields = Record<string, unknown>;

/** Axes that the norm folds: all but one, or all. */
function folded(x: Tensor, dim: number | null): number[] {
  const kept = dim === null ? -1 : normalizeAxis("weightNorm", dim, x.ndim);
  return x.shape.flatMap((_, i) => i === kept ? [] : [i]);
}

function lengthOf(x: Tensor, dim: number | null): Tensor {
  const length = x.norm(2, folded(x, dim), { keepdim: true });
  return dim === null ? length.reshape([]) : length;
}

function weightOf(length: Tensor, direction: Tensor, dim: number | null): Tensor {
  return direction.mul(length.div(lengthOf(direction, dim)));
}

function parameterOf(module: AnyModule, name: string, what: string): Parameter {
  const value = (module as unknown as Fields)[name];
  if (value instanceof Parameter) return value;
  throw new Error(`${what}: ${module.constructor.name} has no parameter "${name}"`);
}

/** Replaces a field by one that is computed; not found among parameters then. */
function compute(module: AnyModule, name: string, get: () => Tensor): void {
  delete (module as unknown as Fields)[name];
  Object.defineProperty(module, name, { get, configurable: true, enumerable: false });
}

const moduleKind = kind<AnyModule>(
  "a module",
  (value) => (value as unknown) instanceof Module,
);
const moduleAndName = [["module", moduleKind], ["name", kinds.string, "weight"]] as const;
const WEIGHT_NORM = signature("weightNorm", ...moduleAndName, [
  "dim",
  kinds.nullable(kinds.integer),
  0,
]);
const REMOVE_WEIGHT_NORM = signature("removeWeightNorm", ...moduleAndName);
const SPECTRAL_NORM = signature(
  "spectralNorm",
  ...moduleAndName,
  ["nPowerIterations", kinds.integer, 1],
  ["eps", kinds.number, 1e-12],
  ["dim", kinds.nullable(kinds.integer), undefined],
);

/**
 * Weight = g v / |v|: direction and length learned apart (Salimans and Kingma 2016). They are the module's parameters
 * `weight_g` and `weight_v`.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.weight_norm.html
 *
 * @param dim the axis of outputs, which each have a length; null for one length of all
 * @returns the module
 */
export function weightNorm<M extends AnyModule>(
  ...given: Call<
    typeof WEIGHT_NORM,
    { readonly name?: string; readonly dim?: number | null },
    [module: M]
  >
): M {
  const { module, name, dim } = WEIGHT_NORM.read(given as unknown[]) as {
    module: M;
    name: string;
    dim: number | null;
  };
  const weight = parameterOf(module, name, "weightNorm");
  const [length, direction] = noGrad(() => [
    new Parameter(lengthOf(weight, dim)),
    new Parameter(weight.detach().clone()),
  ]);
  compute(module, name, () => weightOf(length, direction, dim));
  Object.assign(module, { [`${name}_g`]: length, [`${name}_v`]: direction });
  return module;
}

/** Takes {@linkcode weightNorm} back: the weight is a parameter again. @throws {Error} if there was none */
export function removeWeightNorm<M extends AnyModule>(
  ...given: Call<typeof REMOVE_WEIGHT_NORM, { readonly name?: string }, [module: M]>
): M {
  const { module, name } = REMOVE_WEIGHT_NORM.read(given as unknown[]) as {
    module: M;
    name: string;
  };
  const fields = module as unknown as Fields;
  if (!(`${name}_v` in fields)) {
    throw new Error(`weightNorm of '${name}' not found in ${module.constructor.name}`);
  }
  const weight = noGrad(() => new Parameter(fields[name] as Tensor));
  delete fields[name];
  delete fields[`${name}_g`];
  delete fields[`${name}_v`];
  Object.assign(module, { [name]: weight });
  return module;
}

/** Where parametrizations keep what a weight is made of: `parametrizations.weight.original0`. */
class Originals extends Module<never[], never> {
  override forward(): never {
    throw new Error("parametrizations should not be called.");
  }
}

function originalsOf(module: AnyModule, name: string, parts: Record<string, Parameter>): Originals {
  const fields = module as unknown as Fields;
  fields.parametrizations ??= new Originals();
  const own = Object.assign(new Originals(), parts);
  Object.assign(fields.parametrizations as object, { [name]: own });
  return own;
}

/**
 * {@linkcode weightNorm} under the names of parametrizations: `parametrizations.weight.original0` (length) and `original1`.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.parametrizations.weight_norm.html
 */
export function parametrizedWeightNorm<M extends AnyModule>(
  module: M,
  name = "weight",
  dim: number | null = 0,
): M {
  const weight = parameterOf(module, name, "weightNorm");
  const [original0, original1] = noGrad(
    () => [new Parameter(lengthOf(weight, dim)), new Parameter(weight.detach().clone())],
  );
  compute(module, name, () => weightOf(original0, original1, dim));
  originalsOf(module, name, { original0, original1 });
  return module;
}

/** Options of spectral normalization. */
export interface SpectralNormOptions {
  /** Steps of the power iteration at each call while training, 1 unless given. */
  readonly nPowerIterations?: number;
  /** Smallest norm, 1e-12 unless given. */
  readonly eps?: number;
  /** The axis of outputs: 0, of transposed convolutions 1, unless given. */
  readonly dim?: number | null;
}

/** The largest singular value's vectors, improved step by step. */
class PowerIteration {
  readonly #owner: AnyModule;
  constructor(
    owner: AnyModule,
    readonly weight: Parameter,
    readonly dim: number,
    readonly eps: number,
    readonly names: readonly [u: string, v: string],
    /** Whether a step improves u before v: parametrizations do, PyTorch's older function does not. */
    readonly leftFirst: boolean,
  ) {
    this.#owner = owner;
    const [rows, columns] = this.matrix().shape;
    const unit = (n: number) => normalize(randn([n]), { dim: 0, eps });
    owner.registerBuffer(names[0], unit(rows));
    owner.registerBuffer(names[1], unit(columns));
  }

  get vectors(): [u: Tensor, v: Tensor] {
    return this.names.map((name) => (this.#owner as unknown as Record<string, Tensor>)[name]) as [
      Tensor,
      Tensor,
    ];
  }

  /** The weight with the axis of outputs in front, as a matrix. */
  matrix(): Tensor {
    const moved = this.dim === 0 ? this.weight : this.weight.movedim(this.dim, 0);
    return moved.reshape([moved.shape[0], -1]);
  }

  improve(steps: number): void {
    noGrad(() => {
      const matrix = this.matrix().detach();
      const [u, v] = this.vectors;
      let [left, right] = [u.detach(), v.detach()];
      for (let k = 0; k < steps; k++) {
        if (this.leftFirst) left = normalize(matrix.mv(right), { dim: 0, eps: this.eps });
        right = normalize(matrix.t().mv(left), { dim: 0, eps: this.eps });
        if (!this.leftFirst) left = normalize(matrix.mv(right), { dim: 0, eps: this.eps });
      }
      u.copy_(left);
      v.copy_(right);
    });
  }

  normalized(): Tensor {
    const [u, v] = this.vectors.map((vector) => vector.detach().clone());
    return this.weight.div(u.dot(this.matrix().mv(v)));
  }
}

function outputAxis(module: AnyModule, dim: number | null | undefined): number {
  return dim ?? (/^ConvTranspose/.test(module.constructor.name) ? 1 : 0);
}

/** Before each call, a step of the iteration while training; the weight is computed once a call. */
function normalizeBeforeCalls(
  module: AnyModule,
  name: string,
  iteration: PowerIteration,
  steps: number,
): void {
  let current: Tensor | undefined;
  compute(module, name, () => current ??= iteration.normalized());
  module.registerForwardPreHook(() => {
    if (module.training) iteration.improve(steps);
    current = iteration.normalized();
  });
}

/**
 * Weight divided by its largest singular value (Miyato et al. 2018). The module's parameter is `weight_orig`, the vectors of
 * the iteration are its buffers `weight_u` and `weight_v`.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.spectral_norm.html
 *
 * @returns the module
 */
export function spectralNorm<M extends AnyModule>(
  ...given: Call<
    typeof SPECTRAL_NORM,
    { readonly name?: string } & SpectralNormOptions,
    [module: M]
  >
): M {
  const { module, name, nPowerIterations, eps, dim } = SPECTRAL_NORM.read(given as unknown[]) as
    & { readonly module: M; readonly name: string }
    & Required<Omit<SpectralNormOptions, "dim">>
    & Pick<SpectralNormOptions, "dim">;
  const weight = parameterOf(module, name, "spectralNorm");
  if (!(nPowerIterations > 0)) {
    throw new Error(`Expected nPowerIterations to be positive, but got ${nPowerIterations}`);
  }
  const original = new Parameter(weight.detach().clone());
  const iteration = new PowerIteration(module, original, outputAxis(module, dim), eps, [
    `${name}_u`,
    `${name}_v`,
  ], false);
  normalizeBeforeCalls(module, name, iteration, nPowerIterations);
  Object.assign(module, { [`${name}_orig`]: original });
  return module;
}

/**
 * {@linkcode spectralNorm} under the names of parametrizations: `parametrizations.weight.original`; it begins with 15 steps of
 * the iteration.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.parametrizations.spectral_norm.html
 */
export function parametrizedSpectralNorm<M extends AnyModule>(
  module: M,
  name = "weight",
  { nPowerIterations = 1, eps = 1e-12, dim }: SpectralNormOptions = {},
): M {
  const weight = parameterOf(module, name, "spectralNorm");
  if (!(nPowerIterations > 0)) {
    throw new Error(`Expected nPowerIterations to be positive, but got ${nPowerIterations}`);
  }
  const original = new Parameter(weight.detach().clone());
  const own = originalsOf(module, name, { original });
  const first = new Originals();
  Object.assign(own, { "0": first });
  const iteration = new PowerIteration(
    first,
    original,
    outputAxis(module, dim),
    eps,
    ["_u", "_v"],
    true,
  );
  iteration.improve(15);
  normalizeBeforeCalls(module, name, iteration, nPowerIterations);
  return module;
}

/**
 * Automatic mixed precision. There is none here: everything is computed in the tensors' own dtypes, float32 unless they were
 * made otherwise, so that programs written for it run and learn the same. Follows https://docs.pytorch.org/docs/stable/amp.html
 * @module
 */
import { type Call, kinds, signature } from "../arguments.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import type { Tensor } from "../tensor.ts";

const told = new Set<string>();

function tell(what: string): void {
  if (told.has(what)) return;
  told.add(what);
  console.warn(
    `${what}: there is no mixed precision here, everything is computed in float32 as without it.`,
  );
}

/** Options of {@linkcode autocast}. */
export interface AutocastOptions {
  /** What would be computed in; "float16" unless given. */
  readonly dtype?: "float16" | "bfloat16" | "float32";
  /** Whether it is on; true unless given. */
  readonly enabled?: boolean;
}

const AUTOCAST = signature(
  "autocast",
  ["deviceType", kinds.string],
  ["dtype", kinds.oneOf("float16", "bfloat16", "float32"), "float16"],
  ["enabled", kinds.boolean, true],
);

class Region implements Disposable {
  [Symbol.dispose](): void {}
}

/**
 * Says once that everything is computed in float32, and changes nothing: `using _ = torch.amp.autocast("cpu")`.
 * Follows https://docs.pytorch.org/docs/stable/amp.html#torch.autocast
 *
 * @throws {TypeError} for options that PyTorch does not have
 */
export function autocast(
  ...given: Call<typeof AUTOCAST, AutocastOptions, [deviceType: string]>
): Disposable {
  const { enabled, dtype } = AUTOCAST.read(given);
  if (enabled && dtype !== "float32") tell("autocast");
  return new Region();
}

/** Options of {@linkcode GradScaler}. */
export interface GradScalerOptions {
  /** Whether it is on; true unless given. */
  readonly enabled?: boolean;
}

const GRAD_SCALER = signature("GradScaler", ["device", kinds.string, "cpu"], "*", [
  "enabled",
  kinds.boolean,
  true,
]);

/**
 * Stands where gradients are scaled for float16: the factor is 1 and stays 1, as float32 needs none. Steps with gradients that
 * are no values are left out, as PyTorch does.
 * Follows https://docs.pytorch.org/docs/stable/amp.html#gradient-scaling
 *
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * const net = new torch.nn.Linear(4, 1);
 * const optimizer = new torch.optim.SGD(net.parameters(), { lr: 0.1 });
 * const scaler = new torch.amp.GradScaler();
 * scaler.scale(net(torch.ones([2, 4])).sum()).backward();
 * await scaler.step(optimizer);
 * scaler.update();
 * ```
 */
export class GradScaler {
  readonly #enabled: boolean;

  constructor(
    ...given: Call<typeof GRAD_SCALER, GradScalerOptions & { readonly device?: string }>
  ) {
    this.#enabled = GRAD_SCALER.read(given).enabled;
    if (this.#enabled) tell("GradScaler");
  }

  /** The loss as it is. */
  scale(loss: Tensor): Tensor {
    return loss;
  }

  /** Gradients are what they are already. */
  // deno-lint-ignore no-explicit-any
  unscale_(_optimizer: Optimizer<any>): void {}

  /** The optimizer's step, unless a gradient is infinite or no number. */
  // deno-lint-ignore no-explicit-any
  async step(optimizer: Optimizer<any>): Promise<void> {
    if (this.#enabled && !(await allFinite(optimizer.parameters))) return;
    await optimizer.step();
  }

  /** Nothing to do. */
  update(): void {}

  /** 1 */
  getScale(): number {
    return 1;
  }

  /** Whether it is on. */
  isEnabled(): boolean {
    return this.#enabled;
  }

  /** Plain data: the factor. */
  stateDict(): Record<string, unknown> {
    return this.#enabled ? { scale: 1 } : {};
  }

  /** Nothing to take over. */
  loadStateDict(_state: Record<string, unknown>): void {}
}

async function allFinite(parameters: readonly Tensor[]): Promise<boolean> {
  const sums = parameters.flatMap(({ grad }) =>
    grad ? [grad.detach().abs().sum().to("float32")] : []
  );
  if (sums.length === 0) return true;
  return Number.isFinite(await sums.reduce((a, b) => a.add(b)).item());
}

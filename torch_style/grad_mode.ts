/**
 * Whether operations are remembered for {@linkcode Tensor.backward}.
 * @module
 */

let enabled = true;

/** Whether operations are being remembered. Follows `torch.is_grad_enabled`. */
export function isGradEnabled(): boolean {
  return enabled;
}

/** Restores the former mode when disposed. */
class GradMode implements Disposable {
  readonly #before = enabled;
  constructor(mode: boolean) {
    enabled = mode;
  }
  [Symbol.dispose](): void {
    enabled = this.#before;
  }
}

/**
 * Stops remembering operations until the returned object is disposed, or while `body` runs.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.no_grad.html
 *
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * const weight = torch.ones([2], { requiresGrad: true });
 * {
 *   using _ = torch.noGrad();
 *   weight.mul_(0.5);
 * }
 * ```
 */
export function noGrad(): Disposable;
export function noGrad<T>(body: () => T): T;
export function noGrad<T>(body?: () => T): Disposable | T {
  return withMode(false, body);
}

/** Remembers operations again inside {@linkcode noGrad}. Follows `torch.enable_grad`. */
export function enableGrad(): Disposable;
export function enableGrad<T>(body: () => T): T;
export function enableGrad<T>(body?: () => T): Disposable | T {
  return withMode(true, body);
}

/**
 * Like {@linkcode noGrad}; PyTorch's is faster than that, here both cost the same.
 * Follows `torch.inference_mode`.
 */
export function inferenceMode(): Disposable;
export function inferenceMode<T>(body: () => T): T;
export function inferenceMode<T>(body?: () => T): Disposable | T {
  return withMode(false, body);
}

function withMode<T>(mode: boolean, body?: () => T): Disposable | T {
  if (!body) return new GradMode(mode);
  using _ = new GradMode(mode);
  return body();
}

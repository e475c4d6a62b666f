/**
 * Watches the calls of a PyTorch model's modules by forward hooks.
 * @module
 */
import type { LazyArray } from "../../../onnx/mod.ts";
import { type nn, Tensor } from "../../../torch_style/mod.ts";

/** One call of one module. */
export interface TorchCall {
  readonly path: string;
  readonly module: nn.AnyModule;
  /** The values as they were: an operation in place does not change them. */
  readonly inputs: readonly LazyArray[];
  readonly outputs: readonly LazyArray[];
  /** The gradient of the first result, after a backward pass that reached it. */
  gradient: LazyArray | null;
}

/** All tensors in lists of tensors. */
export function tensorsIn(value: unknown): Tensor[] {
  if (value instanceof Tensor) return [value];
  return Array.isArray(value) ? value.flatMap(tensorsIn) : [];
}

/** Records calls of all modules but the model itself, inner ones first, from when it is made until it is disposed. */
export class TorchCallWatch implements Disposable {
  readonly calls: TorchCall[] = [];
  readonly #handles: nn.HookHandle[];

  /** @param withGradients whether gradients of the results are kept */
  constructor(model: nn.AnyModule, withGradients: boolean) {
    this.#handles = model.namedModules()
      .filter(([, module]) => module !== model || module.children().length === 0)
      .flatMap(([path, module]) => this.#watch(path, module, withGradients));
  }

  #watch(path: string, module: nn.AnyModule, withGradients: boolean): nn.HookHandle[] {
    // Before the call: the module may write into its input. A module may be called within its own call.
    const before: LazyArray[][] = [];
    const early = module.registerForwardPreHook((_, inputs) => {
      before.push(tensorsIn([...inputs]).map(({ array }) => array));
    });
    const late = module.registerForwardHook((_, _inputs, output) => {
      const inputs = before.pop() ?? [];
      const results = tensorsIn(output);
      if (results.length === 0) return;
      const outputs = results.map(({ array }) => array);
      const call: TorchCall = { path, module, inputs, outputs, gradient: null };
      const [first] = results;
      // Not `grad`, which a module that works in place shares with the one before.
      if (withGradients && first.requiresGrad) {
        first.registerHook((gradient) => void (call.gradient = gradient.array));
      }
      this.calls.push(call);
    });
    return [early, late];
  }

  [Symbol.dispose](): void {
    for (const handle of this.#handles) handle.remove();
  }
}

/**
 * Watches the calls of a PyTorch model's modules by forward hooks.
 * @module
 */
import type { LazyArray } from "../../onnx/mod.ts";
import { type nn, Tensor } from "../../torch_style/mod.ts";

/** One call of one module that has no modules in it. */
export interface TorchCall {
  readonly path: string;
  readonly module: nn.AnyModule;
  /** The values as they were: an operation in place does not change them. */
  readonly input: LazyArray;
  readonly output: LazyArray;
  /** The tensors themselves, to tell what became the input of what. */
  readonly identity: { readonly input: Tensor; readonly output: Tensor };
  /** The gradient of the result, after a backward pass that reached it. */
  gradient: LazyArray | null;
}

/** Records calls from when it is made until it is disposed. */
export class TorchCallWatch implements Disposable {
  readonly calls: TorchCall[] = [];
  readonly #handles: nn.HookHandle[];

  /** @param withGradients whether gradients of the results are kept */
  constructor(model: nn.AnyModule, withGradients: boolean) {
    this.#handles = model.namedModules()
      .filter(([, module]) => module.children().length === 0)
      .flatMap(([path, module]) => this.#watch(path, module, withGradients));
  }

  #watch(path: string, module: nn.AnyModule, withGradients: boolean): nn.HookHandle[] {
    // Before the call: the module may write into its input.
    let before: LazyArray | undefined;
    const early = module.registerForwardPreHook((_, [input]) => {
      before = input instanceof Tensor ? input.array : undefined;
    });
    const late = module.registerForwardHook((_, [input], output) => {
      if (!before || !(input instanceof Tensor) || !(output instanceof Tensor)) return;
      const identity = { input, output };
      const values = { input: before, output: output.array };
      const call: TorchCall = { path, module, ...values, identity, gradient: null };
      // Not `grad`, which a module that works in place shares with the one before.
      if (withGradients && output.requiresGrad) {
        output.registerHook((gradient) => void (call.gradient = gradient.array));
      }
      this.calls.push(call);
    });
    return [early, late];
  }

  [Symbol.dispose](): void {
    for (const handle of this.#handles) handle.remove();
  }
}

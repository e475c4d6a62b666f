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
  /** The numbers as they were: a later operation in place does not change them. */
  readonly input: LazyArray;
  readonly output: LazyArray;
  /** The tensors themselves, to ask for gradients and to tell what became the input of what. */
  readonly identity: { readonly input: Tensor; readonly output: Tensor };
}

/** Records calls from when it is made until it is disposed. */
export class TorchCallWatch implements Disposable {
  readonly calls: TorchCall[] = [];
  readonly #handles: nn.HookHandle[];

  /** @param retainGradients whether gradients of the results are kept */
  constructor(model: nn.AnyModule, retainGradients: boolean) {
    this.#handles = model.namedModules()
      .filter(([, module]) => module.children().length === 0)
      .map(([path, module]) =>
        module.registerForwardHook((_, [input], output) => {
          if (!(input instanceof Tensor) || !(output instanceof Tensor)) return;
          if (retainGradients && output.requiresGrad) output.retainGrad();
          const identity = { input, output };
          this.calls.push({ path, module, input: input.array, output: output.array, identity });
        })
      );
  }

  [Symbol.dispose](): void {
    for (const handle of this.#handles) handle.remove();
  }
}

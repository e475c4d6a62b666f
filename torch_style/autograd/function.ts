/**
 * Functions with a gradient rule of one's own.
 * @module
 */
import { createStorage, fromHost, isFloating, sizeOf } from "../../onnx/mod.ts";
import { isGradEnabled, noGrad } from "../grad_mode.ts";
import { Tensor } from "../tensor.ts";
import { originOf, snapshot } from "./apply.ts";
import { edgeOf, GradFn, secondPassError } from "./grad_fn.ts";
import { modifiedError, type SavedVersion, saveVersion } from "./saved_versions.ts";

/** What forward hands on to backward; attributes of one's own can be put on it too. */
export class FunctionContext {
  // deno-lint-ignore no-explicit-any
  [attribute: string]: any;
  /** Which inputs want a gradient; false for what is no tensor. */
  readonly needsInputGrad: readonly boolean[];
  #saved: readonly Tensor[] = [];
  #versions: readonly SavedVersion[] = [];
  #isReleased = false;
  /** Of the function that it belongs to, for messages. */
  readonly #name: string;

  constructor(name: string, inputs: readonly unknown[]) {
    this.#name = name;
    this.needsInputGrad = inputs.map((input) => input instanceof Tensor && input.requiresGrad);
  }

  /** Keeps tensors for the backward pass. */
  saveForBackward(...tensors: Tensor[]): void {
    this.#saved = tensors;
  }

  /**
   * What {@linkcode FunctionContext.saveForBackward} kept. Inputs and results have their history, so that gradients of
   * gradients flow through them.
   *
   * @throws {Error} PyTorch's, if one was changed in place since, or the graph was let go of
   */
  get savedTensors(): readonly Tensor[] {
    this.refuseReleased();
    const changed = this.#versions.find(({ storage, version }) => storage.version !== version);
    if (changed) throw modifiedError(changed);
    return this.#saved;
  }

  /** For the idiom, after forward: what is written into the tensors from now on is no part of what was kept. */
  seal(
    inputs: readonly unknown[],
    results: readonly Tensor[],
    remembered: readonly Tensor[],
  ): void {
    const own = this.#saved.map((tensor) => {
      const result = inputs.includes(tensor) ? -1 : results.indexOf(tensor);
      return result < 0 ? tensor : remembered[result];
    });
    this.#versions = own.map((tensor) => saveVersion(tensor, tensor.array, originOf(tensor)));
    this.#saved = own.map(snapshot);
  }

  /** For the idiom: lets go of what was kept. */
  release(): void {
    this.#isReleased = true;
    this.#saved = [];
    this.#versions = [];
  }

  /** For the idiom. @throws {Error} PyTorch's, once what was kept was let go of */
  refuseReleased(): void {
    if (this.#isReleased) throw secondPassError(this.#name);
  }
}

/** One tensor, or several. */
type Tensors = Tensor | readonly Tensor[];

/** The gradient of each input, null where there is none; of a single input it may stand alone. */
type Gradients = Tensor | null | readonly (Tensor | null)[];

/** A function and the rule of its gradient. */
export interface FunctionRules<Inputs extends readonly unknown[] = Tensor[], Output = Tensor> {
  /** Shown as the results' `gradFn`. */
  readonly name: string;
  /** Computes the results; nothing in it is remembered. */
  forward(context: FunctionContext, ...inputs: Inputs): Output;
  /** The gradients of the inputs from those of the results; a result that nobody used has a gradient of zeros. */
  backward(context: FunctionContext, ...gradients: Tensor[]): Gradients;
}

const backwardName = ({ name }: Pick<FunctionRules, "name">) => `${name}Backward`;

class CustomFn extends GradFn<Tensor> {
  constructor(
    readonly rules: Pick<FunctionRules, "name" | "backward">,
    readonly context: FunctionContext,
    readonly inputs: readonly unknown[],
    readonly results: readonly Pick<Tensor, "dtype" | "shape">[],
  ) {
    const tensors = inputs.filter((input) => input instanceof Tensor);
    super(backwardName(rules), tensors.map((input) => edgeOf(input)));
  }

  override backward(upstream: readonly (Tensor | null)[]): (Tensor | null)[] {
    this.context.refuseReleased();
    const complete = this.results.map((result, i) => upstream[i] ?? zerosOf(result));
    const given = this.rules.backward(this.context, ...complete);
    const gradients = given === null || given instanceof Tensor ? [given] : given;
    if (gradients.length !== this.inputs.length) {
      throw new Error(
        `function ${this.name} returned an incorrect number of gradients ` +
          `(expected ${this.inputs.length}, got ${gradients.length})`,
      );
    }
    return gradients.filter((_, i) => this.inputs[i] instanceof Tensor);
  }

  override release(): void {
    this.context.release();
  }
}

function zerosOf({ dtype, shape }: Pick<Tensor, "dtype" | "shape">): Tensor {
  return new Tensor(fromHost(createStorage(dtype, sizeOf(shape)), shape, dtype));
}

function call<Inputs extends readonly unknown[], Output extends Tensors>(
  rules: FunctionRules<Inputs, Output>,
  inputs: Inputs,
): Output {
  const context = new FunctionContext(backwardName(rules), inputs);
  const output = noGrad(() => rules.forward(context, ...inputs));
  if (!context.needsInputGrad.includes(true) || !isGradEnabled()) return output;
  const results: readonly Tensor[] = output instanceof Tensor ? [output] : output;
  const types = results.map(({ dtype, shape }) => ({ dtype, shape }));
  const gradFn = new CustomFn(rules, context, inputs, types);
  const remembered = results.map(({ array, dtype }, outputIndex) =>
    isFloating(dtype)
      ? new Tensor(array, { gradFn, outputIndex, requiresGrad: true })
      : new Tensor(array)
  );
  context.seal(inputs, results, remembered);
  return (output instanceof Tensor ? remembered[0] : remembered) as Tensors as Output;
}

/** A function of tensors by its rules: what the idiom's own functions are made of. */
export function defineFunction(rules: FunctionRules): (...inputs: Tensor[]) => Tensor {
  return (...inputs) => call(rules, inputs);
}

/**
 * A function whose gradient is given by a rule: extend it, give `forward` and `backward`, and call it by `apply`. If
 * `backward` is made of differentiable functions, gradients of gradients work too.
 * Follows https://docs.pytorch.org/docs/stable/autograd.html#torch.autograd.Function
 *
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * class StraightThrough extends torch.autograd.Function {
 *   static override forward(_: torch.autograd.FunctionContext, x: torch.Tensor) {
 *     return x.round();
 *   }
 *   static override backward(_: torch.autograd.FunctionContext, gradient: torch.Tensor) {
 *     return gradient;
 *   }
 * }
 * const x = torch.tensor([0.4, 1.6], { requiresGrad: true });
 * StraightThrough.apply(x).sum().backward();
 * console.log(await x.grad!.tolist()); // [1, 1]
 * ```
 */
abstract class CustomFunction {
  /** Computes the results from tensors and other values; to be given. */
  // deno-lint-ignore no-explicit-any
  static forward(_context: FunctionContext, ..._inputs: any[]): any {
    throw new Error("You must implement the forward function for custom autograd.Function.");
  }

  /** A gradient for each input of `forward`, null for what has none; to be given. */
  // deno-lint-ignore no-explicit-any
  static backward(_context: FunctionContext, ..._gradients: any[]): any {
    throw new Error("You must implement the backward function for custom autograd.Function.");
  }

  /**
   * Applies the function.
   *
   * @throws {Error} later, in the backward pass, if `backward` does not give a gradient for each input
   */
  static apply<Inputs extends unknown[], Output extends Tensors>(
    this: FunctionRules<Inputs, Output>,
    ...inputs: Inputs
  ): Output {
    return call(this, inputs);
  }
}

export { CustomFunction as Function };

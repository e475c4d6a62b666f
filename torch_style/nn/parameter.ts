/**
 * The tensors that modules learn, and those that they keep.
 * @module
 */
import { type Call, kinds, signature } from "../arguments.ts";
import { Tensor, tensorKind } from "../tensor.ts";

const PARAMETER = signature("Parameter", ["data", tensorKind], [
  "requiresGrad",
  kinds.boolean,
  true,
]);
const BUFFER = signature("Buffer", ["data", tensorKind], "*", [
  "persistent",
  kinds.boolean,
  true,
]);

/**
 * A tensor that a module learns: found by `Module.parameters`, requires gradients.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.parameter.Parameter.html
 */
export class Parameter extends Tensor {
  /**
   * @param data its first value; the memory is not shared
   * @param requiresGrad false for one that is kept as it is
   */
  constructor(
    ...given: Call<typeof PARAMETER, { readonly requiresGrad?: boolean }, [data: Tensor]>
  ) {
    const { data, requiresGrad } = PARAMETER.read(given);
    super(data.array, { requiresGrad });
  }

  override toString(): string {
    return `Parameter containing:\n${super.toString()}`;
  }
}

/**
 * A tensor that belongs to a module's state but is not learned. A field that holds one is a buffer without being registered.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.parameter.Buffer.html
 */
export class Buffer extends Tensor {
  /** Whether it is saved. */
  readonly persistent: boolean;

  /** @param options.persistent true unless given */
  constructor(...given: Call<typeof BUFFER, { readonly persistent?: boolean }, [data: Tensor]>) {
    const { data, persistent } = BUFFER.read(given);
    super(data.array);
    this.persistent = persistent;
  }
}

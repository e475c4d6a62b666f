/**
 * Tensors of TensorFlow.js are immutable, but JavaScript lets `x[0] = 1` pass without a word: it puts a property named
 * "0" on the object. Importing this makes such a line an error that says what to do.
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/**
 * Indices that are refused. A setter for each costs nothing when tensors are made; a proxy that refused all values
 * would double the time of an operation. Beyond, a write changes no number of the tensor, but is not noticed.
 */
const INDICES = 1024;

/** A write into a tensor. */
export class ImmutableTensorError extends TypeError {
  override name = "ImmutableTensorError";
}

function describe(tensor: tf.Tensor): string {
  return `${tensor.dtype}[${tensor.shape}]`;
}

function refuseIndex(this: tf.Tensor, index: number): never {
  const instead = this instanceof tf.Variable
    ? "give the variable a new value as a whole: v.assign(tensor)"
    : "make a new tensor (tf.where, tf.scatterND, tf.concat), or keep what changes in a variable " +
      "and use its assign";
  throw new ImmutableTensorError(
    `x[${index}] = ... : the tensor ${
      describe(this)
    } is immutable, expected no write into it; ${instead}`,
  );
}

for (let index = 0; index < INDICES; index++) {
  Object.defineProperty(tf.Tensor.prototype, index, {
    configurable: true,
    get: () => undefined,
    set(this: tf.Tensor) {
      refuseIndex.call(this, index);
    },
  });
}

/** What `x.assign` is on a tensor that is no variable. */
function refuseAssign(this: tf.Tensor): never {
  throw new ImmutableTensorError(
    `assign: the tensor ${
      describe(this)
    } is immutable, expected a variable: variable(value).assign(tensor)`,
  );
}

// TensorFlow.js takes everything for a variable whose `assign` is an instance of Function: this one is none.
Object.setPrototypeOf(refuseAssign, null);
Object.defineProperty(tf.Tensor.prototype, "assign", {
  configurable: true,
  writable: true,
  value: refuseAssign,
});

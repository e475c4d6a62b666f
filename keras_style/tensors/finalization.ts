/**
 * Frees tensors that nobody holds any more: a loop needs no `dispose` and no `tidy`. Whoever uses them frees at once; the
 * rest is freed when JavaScript's garbage collector has seen it. Importing this makes it so, on every engine.
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/** What an engine has to know of a tensor to free it. */
type TensorPart = Pick<tf.Tensor, "dataId" | "dtype" | "size" | "shape">;

interface Engine {
  trackTensor(tensor: tf.Tensor, backend: unknown): void;
  disposeTensor(tensor: TensorPart): void;
}

const engine = Object.getPrototypeOf(tf.engine()) as Engine;
const { trackTensor, disposeTensor } = engine;

/** How many wait for nothing to be freed meanwhile, and what is to be freed afterwards. */
let pauses = 0;
let waiting: TensorPart[] = [];

const collected = new FinalizationRegistry((part: TensorPart) => {
  if (pauses > 0) waiting.push(part);
  else disposeTensor.call(tf.engine(), part);
});

/** Until it is disposed the garbage collector frees no tensors: `tf.memory()` tells then what a program forgot. */
export function pauseFinalization(): Disposable {
  pauses++;
  return {
    [Symbol.dispose]() {
      if (--pauses > 0) return;
      for (const part of waiting) disposeTensor.call(tf.engine(), part);
      waiting = [];
    },
  };
}

engine.trackTensor = function (tensor, backend) {
  trackTensor.call(this, tensor, backend);
  // Variables live until they are disposed.
  if (tensor instanceof tf.Variable) return;
  const { dataId, dtype, size, shape } = tensor;
  collected.register(tensor, { dataId, dtype, size, shape }, tensor);
};

engine.disposeTensor = function (tensor) {
  collected.unregister(tensor);
  disposeTensor.call(this, tensor);
};

/** Tensors whose values are on their way: nobody else may hold them. */
const awaited = new Set<tf.Tensor>();
const { data, bytes } = tf.Tensor.prototype;

async function holding<T>(tensor: tf.Tensor, read: Promise<T>): Promise<T> {
  if (awaited.has(tensor)) return await read;
  awaited.add(tensor);
  try {
    return await read;
  } finally {
    awaited.delete(tensor);
  }
}

tf.Tensor.prototype.data = function (this: tf.Tensor) {
  return holding(this, data.call(this)) as ReturnType<typeof data>;
} as typeof data;

tf.Tensor.prototype.bytes = function (this: tf.Tensor) {
  return holding(this, bytes.call(this));
};

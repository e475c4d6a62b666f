/**
 * Frees tensors and variables that nobody holds any more: a loop needs no `dispose` and no `tidy`, and a model that is dropped
 * goes with its weights and its optimizer's. Whoever uses them frees at once; the rest is freed when JavaScript's garbage
 * collector has seen it. Importing this makes it so, on every engine.
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/** What an engine has to know of a tensor to free it. */
type TensorPart = { -readonly [Field in "dataId" | "dtype" | "size" | "shape"]: tf.Tensor[Field] };

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
  const part = tensor instanceof tf.Variable ? partOfVariable(tensor) : partOf(tensor);
  collected.register(tensor, part, tensor);
};

function partOf({ dataId, dtype, size, shape }: tf.Tensor): TensorPart {
  return { dataId, dtype, size, shape };
}

const variableParts = new WeakMap<tf.Variable, TensorPart>();

/** Follows the variable to the values that it is given later, without holding it. */
function partOfVariable(variable: tf.Variable): TensorPart {
  const known = variableParts.get(variable);
  if (known) return known;
  const part = partOf(variable);
  variableParts.set(variable, part);
  Object.defineProperty(variable, "dataId", {
    get: () => part.dataId,
    set: (dataId) => part.dataId = dataId,
    enumerable: true,
    configurable: true,
  });
  return part;
}

/** TensorFlow.js' list of variables by name, which would hold them for ever. */
class VariableList implements ProxyHandler<Record<string, tf.Variable>> {
  readonly #held = new Map<string | symbol, WeakRef<tf.Variable>>();
  readonly #gone = new FinalizationRegistry((name: string | symbol) => {
    if (!this.get({}, name)) this.#held.delete(name);
  });

  get(_: unknown, name: string | symbol): tf.Variable | undefined {
    return this.#held.get(name)?.deref();
  }

  has(_: unknown, name: string | symbol): boolean {
    return this.get(_, name) !== undefined;
  }

  set(_: unknown, name: string | symbol, variable: tf.Variable): boolean {
    this.#held.set(name, new WeakRef(variable));
    this.#gone.register(variable, name);
    return true;
  }

  deleteProperty(_: unknown, name: string | symbol): boolean {
    this.#held.delete(name);
    return true;
  }

  ownKeys(): (string | symbol)[] {
    return [...this.#held.keys()].filter((name) => this.has({}, name));
  }

  getOwnPropertyDescriptor(_: unknown, name: string | symbol): PropertyDescriptor | undefined {
    const value = this.get(_, name);
    return value && { value, configurable: true, enumerable: true, writable: true };
  }
}

const { state } = tf.engine();
const before = Object.entries(state.registeredVariables);
state.registeredVariables = new Proxy<Record<string, tf.Variable>>({}, new VariableList());
for (const [name, variable] of before) state.registeredVariables[name] = variable;

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

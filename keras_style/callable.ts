/**
 * Objects that are called like functions, as Keras' models, losses and metrics are.
 * @module
 */

/** Base class of objects that can be called; a call runs their `invoke`. */
export abstract class Callable {
  constructor() {
    const self = (...inputs: unknown[]) => (self as unknown as Callable).invoke(...inputs);
    // A function's own name and length would hide the object's.
    delete (self as { name?: string }).name;
    delete (self as { length?: number }).length;
    Object.setPrototypeOf(self, new.target.prototype);
    return self as unknown as this;
  }

  /** What a call does. */
  protected abstract invoke(...inputs: unknown[]): unknown;
}

/** Makes an object that was made elsewhere callable: the same fields, the same class, called through `call`. */
export function makeCallable<T extends object>(
  object: T,
  call: (self: T, ...inputs: unknown[]) => unknown,
): T {
  const self = ((...inputs: unknown[]) => call(self, ...inputs)) as unknown as T;
  delete (self as { name?: string }).name;
  delete (self as { length?: number }).length;
  Object.setPrototypeOf(self, Object.getPrototypeOf(object));
  return Object.assign(self, object);
}

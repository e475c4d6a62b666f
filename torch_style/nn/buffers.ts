/**
 * Which fields of a module are buffers: tensors that belong to its state but are not learned.
 * @module
 */
import { Tensor } from "../tensor.ts";
import { Buffer } from "./parameter.ts";

const registries = new WeakMap<object, BufferRegistry>();

/** The buffers of one module. The tensors themselves are its fields. */
export class BufferRegistry {
  readonly #module: object;
  /** Whether each field is saved. */
  readonly #fields = new Map<string, boolean>();

  private constructor(module: object) {
    this.#module = module;
  }

  /** The registry of a module. */
  static of(module: object): BufferRegistry {
    let registry = registries.get(module);
    if (!registry) registries.set(module, registry = new BufferRegistry(module));
    return registry;
  }

  /** Makes a field a buffer. */
  add(field: string, persistent: boolean): void {
    this.#fields.set(field, persistent);
  }

  /** Makes the same fields of another module buffers. */
  copyTo(other: BufferRegistry): void {
    this.#fields.forEach((persistent, field) => other.add(field, persistent));
  }

  /** Whether a field is a buffer. */
  has(field: string): boolean {
    this.#addBufferFields();
    return this.#fields.has(field);
  }

  /** Fields and the tensors they hold now; those that hold none are left out. */
  tensors(options: { readonly persistentOnly?: boolean } = {}): [field: string, Tensor][] {
    const fields = this.#module as Record<string, unknown>;
    this.#addBufferFields();
    return [...this.#fields].flatMap(([field, persistent]): [string, Tensor][] => {
      const value = fields[field];
      if (!(value instanceof Tensor) || (options.persistentOnly && !persistent)) return [];
      return [[field, value]];
    });
  }

  /** A field that holds a {@linkcode Buffer} is one without being registered. */
  #addBufferFields(): void {
    for (const [field, value] of Object.entries(this.#module)) {
      if (value instanceof Buffer && !this.#fields.has(field)) this.add(field, value.persistent);
    }
  }
}

/**
 * Reads what `torch.save` pickles of tensors, and nothing else: no class is looked up, no function of a file is called.
 * npm's pickle readers make objects of any class that a file names, and none knows the references to storages.
 * Follows https://docs.python.org/3/library/pickletools.html and torch/serialization.py of PyTorch 2.
 * @module
 */
import { shortText } from "../../onnx/mod.ts";

/** A name of Python that a file refers to, such as `torch.FloatStorage`. */
export class PythonName {
  constructor(readonly text: string) {}
}

/** What a value of the file is: plain data, or what `reduce` and `reference` made. */
export type Pickled = unknown;

/** What a file's calls and references to storages become. */
export interface PickleHandlers {
  /** Throws for a name of Python that may not stand in the file. */
  checkName(name: string): void;
  /** Stands for calling a function of Python; throws for one that is not known. */
  reduce(name: string, args: readonly Pickled[]): Pickled;
  /** Stands for a reference to what lies elsewhere in the file. */
  reference(id: Pickled): Pickled;
}

/** More are no state dict: a tensor takes some forty of them. */
const MOST_STEPS = 20_000_000;

/** The opcodes that tensors, their names and plain data need, of protocol 2 (which `torch.save` writes). */
const OPCODES: Readonly<Record<number, (machine: Machine) => void>> = {
  0x80: (m) => {
    const version = m.byte();
    if (version !== 2) throw new Error(`its protocol is ${version}, expected 2`);
  },
  // Marks and the memo.
  0x28: (m) => m.marks.push(m.stack.length),
  0x71: (m) => m.memo.set(m.byte(), m.top()),
  0x72: (m) => m.memo.set(m.uint32(), m.top()),
  0x68: (m) => m.stack.push(m.recall(m.byte())),
  0x6a: (m) => m.stack.push(m.recall(m.uint32())),
  // Plain data.
  0x4e: (m) => m.stack.push(null),
  0x88: (m) => m.stack.push(true),
  0x89: (m) => m.stack.push(false),
  0x4b: (m) => m.stack.push(m.byte()),
  0x4d: (m) => m.stack.push(m.byte() | m.byte() << 8),
  0x4a: (m) => m.stack.push(m.uint32() | 0),
  0x8a: (m) => m.stack.push(m.long(m.byte())),
  0x47: (m) => m.stack.push(m.float64()),
  0x58: (m) => m.stack.push(m.text(m.uint32())),
  // Tuples, lists and dictionaries.
  0x29: (m) => m.stack.push([]),
  0x85: (m) => m.stack.push(m.take(1)),
  0x86: (m) => m.stack.push(m.take(2)),
  0x87: (m) => m.stack.push(m.take(3)),
  0x74: (m) => m.stack.push(m.sinceMark()),
  0x5d: (m) => m.stack.push([]),
  0x61: (m) => m.list(m.take(1)),
  0x65: (m) => m.list(m.sinceMark()),
  0x7d: (m) => m.stack.push(new Map()),
  0x73: (m) => m.dictionary(m.take(2)),
  0x75: (m) => m.dictionary(m.sinceMark()),
  // Names, calls, references; attributes are only the version notes of a state dict, and left out.
  0x63: (m) => m.name(`${m.line()}.${m.line()}`),
  0x52: (m) => m.reduce(),
  0x51: (m) => m.stack.push(m.handlers.reference(m.take(1)[0])),
  0x62: (m) => m.build(),
};

const STOP = 0x2e;

/** The stack machine that a pickle is a program of; it can only put plain data together. */
class Machine {
  readonly stack: Pickled[] = [];
  readonly marks: number[] = [];
  readonly memo = new Map<number, Pickled>();
  #at = 0;

  constructor(readonly bytes: Uint8Array, readonly handlers: PickleHandlers) {}

  byte(): number {
    return this.#next(1)[0];
  }

  uint32(): number {
    const [a, b, c, d] = this.#next(4);
    return (a | b << 8 | c << 16 | d << 24) >>> 0;
  }

  float64(): number {
    const bytes = this.#next(8);
    return new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0);
  }

  /** An integer of so many bytes, in two's complement. */
  long(length: number): number {
    let value = 0n;
    this.#next(length).forEach((byte, i) => value |= BigInt(byte) << BigInt(8 * i));
    const number = Number(BigInt.asIntN(8 * length, value));
    if (Number.isSafeInteger(number)) return number;
    throw new Error(`it holds the integer ${number}, expected at most 2^53`);
  }

  text(length: number): string {
    return new TextDecoder("utf-8", { fatal: true }).decode(this.#next(length));
  }

  line(): string {
    const end = this.bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw new Error("it ends within a name");
    const text = this.text(end - this.#at);
    this.#at++;
    return text;
  }

  #next(count: number): Uint8Array {
    if (this.#at + count > this.bytes.length) throw new Error("it ends too soon");
    return this.bytes.subarray(this.#at, this.#at += count);
  }

  /** Takes values off the stack, those before a mark stay. */
  take(count: number): Pickled[] {
    if (this.stack.length - (this.marks.at(-1) ?? 0) < count) throw new Error("a value is missing");
    return this.stack.splice(this.stack.length - count, count);
  }

  sinceMark(): Pickled[] {
    const mark = this.marks.pop();
    if (mark === undefined) throw new Error("a mark is missing");
    return this.stack.splice(mark);
  }

  top(): Pickled {
    if (this.stack.length === 0) throw new Error("a value is missing");
    return this.stack.at(-1);
  }

  recall(index: number): Pickled {
    if (this.memo.has(index)) return this.memo.get(index);
    throw new Error(`value ${index} is not known yet`);
  }

  list(items: readonly Pickled[]): void {
    const list = this.top();
    if (!Array.isArray(list)) throw new Error("items are added to what is no list");
    for (const item of items) list.push(item);
  }

  dictionary(items: readonly Pickled[]): void {
    const map = this.top();
    if (!(map instanceof Map) || items.length % 2 > 0) {
      throw new Error("entries are added to what is no dictionary");
    }
    for (let i = 0; i < items.length; i += 2) map.set(items[i], items[i + 1]);
  }

  name(text: string): void {
    this.handlers.checkName(text);
    this.stack.push(new PythonName(text));
  }

  reduce(): void {
    const [callee, args] = this.take(2);
    if (!(callee instanceof PythonName) || !Array.isArray(args)) {
      throw new Error("something is called that is no name");
    }
    this.stack.push(this.handlers.reduce(callee.text, args));
  }

  build(): void {
    this.take(1);
    if (!(this.top() instanceof Map)) {
      throw new Error("attributes are set of what is no dictionary");
    }
  }

  run(): Pickled {
    for (let step = 0; step < MOST_STEPS; step++) {
      const opcode = this.byte();
      if (opcode === STOP) return this.take(1)[0];
      const run = OPCODES[opcode];
      if (!run) {
        throw new Error(
          `its opcode ${shortText(String.fromCharCode(opcode))} (0x${opcode.toString(16)}) is ` +
            `none that plain tensors need`,
        );
      }
      run(this);
    }
    throw new Error(`it has more than ${MOST_STEPS} steps`);
  }
}

/**
 * The value that a pickle describes: dictionaries as maps, tuples and lists as arrays.
 *
 * @throws {Error} naming what is no plain data, where the handlers know nothing of it
 */
export function readPickle(bytes: Uint8Array, handlers: PickleHandlers): Pickled {
  return new Machine(bytes, handlers).run();
}

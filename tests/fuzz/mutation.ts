/** Damages bytes and JSON: a valid input in, a hostile one out. */
import type { Random } from "../../fixtures/random.ts";

/** One of a list. */
export function pick<T>(random: Random, list: readonly T[]): T {
  return list[random.below(list.length)];
}

const NUMBERS = [
  0,
  -0,
  1,
  -1,
  0.5,
  3,
  255,
  65536,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 53,
  -(2 ** 53),
  1e9,
  1e15,
  1e308,
  -1e308,
  5e-324,
];

/** Texts that mean something to a page, Markdown, a terminal, a shell, a path or JavaScript. */
export const TEXTS = [
  "",
  "x",
  "__proto__",
  "constructor",
  "toString",
  "length",
  "NaN",
  "../../../etc/passwd",
  "/etc/passwd",
  "a/b",
  "a\u0000b",
  "\u001b[31mred\u001b[2J\u0007",
  "\u202egnp.exe",
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "]]><x/>",
  "![i](http://evil.example/i.png)",
  "# Heading\n\n- item\n",
  "```\n$(touch owned)\n```",
  "'; touch owned; '",
  "$(touch owned)`touch owned`",
  "a|b\nc",
  "\ud800",
  "é".repeat(300),
  "long ".repeat(2000),
  "%s%n${1}{{x}}",
] as const;

/** A value that does not belong where it is put. */
function hostileValue(random: Random): unknown {
  switch (random.below(10)) {
    case 0:
      return null;
    case 1:
      return random.below(2) === 0;
    case 2:
      return [];
    case 3:
      return pick<unknown>(random, [{}, { toString: 1 }, { length: 1e9 }, { infinity: 1 }, {
        a: [],
      }]);
    case 4:
      return nested(pick(random, [3, 70, 300]));
    case 5:
      return new Array(pick(random, [1, 100, 10_000])).fill(pick(random, [0, null, "x"]));
    case 6:
    case 7:
      return pick(random, NUMBERS);
    default:
      return pick(random, TEXTS);
  }
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = [value];
  return value;
}

/** Mostly 1: what is damaged in one place gets further than what is damaged in all. */
function amount(random: Random, most: number): number {
  return random.below(3) === 0 ? 1 + random.below(most) : 1;
}

type Container = Record<string, unknown> | unknown[];

/** A container inside a value and one of its keys; null where it has none. */
function somewhere(value: unknown, random: Random): [Container, string] | null {
  let found: [Container, string] | null = null;
  let at = value;
  while (typeof at === "object" && at !== null) {
    const keys = Object.keys(at);
    if (keys.length === 0) break;
    const key = pick(random, keys);
    found = [at as Container, key];
    if (random.below(4) === 0) break;
    at = (at as Record<string, unknown>)[key];
  }
  return found;
}

/** A copy of plain data with one change, sometimes two or three. */
export function mutatedValue<T>(value: T, random: Random): T {
  const copy = { root: structuredClone(value) as unknown };
  for (let left = amount(random, 3); left > 0; left--) mutateOnce(copy, random);
  return copy.root as T;
}

function mutateOnce(copy: { root: unknown }, random: Random): void {
  const place = somewhere(copy.root, random);
  if (place === null || random.below(60) === 0) {
    copy.root = hostileValue(random);
    return;
  }
  const [container, key] = place;
  const at = container as Record<string, unknown>;
  switch (random.below(8)) {
    case 0:
      if (Array.isArray(container)) container.splice(Number(key), 1);
      else delete at[key];
      break;
    case 1: {
      const name = pick(random, [...TEXTS, key.toUpperCase()]);
      if (Array.isArray(container)) container.push(structuredClone(at[key]));
      else {
        Object.defineProperty(at, name, {
          value: at[key],
          enumerable: true,
          configurable: true,
          writable: true,
        });
      }
      break;
    }
    case 2: {
      const other = somewhere(copy.root, random);
      if (other) {
        const moved = structuredClone((other[0] as Record<string, unknown>)[other[1]]);
        at[key] = moved;
      }
      break;
    }
    case 3:
      if (typeof at[key] === "number") {
        at[key] = (at[key] as number) * pick(random, [-1, 2, 0.5, 1000]) + pick(random, [0, 1, -1]);
      } else at[key] = hostileValue(random);
      break;
    default:
      at[key] = hostileValue(random);
  }
}

/** A copy of plain data in which some leaves are others of their kind: wild, and still what a schema asks for. */
export function mutatedLeaves<T>(value: T, random: Random): T {
  const copy = { root: structuredClone(value) as unknown };
  for (let left = 1 + random.below(6); left > 0; left--) {
    const place = leaf(copy.root, random);
    if (place === null) continue;
    const [container, key] = place as [Record<string, unknown>, string];
    const old = container[key];
    if (typeof old === "string") {
      container[key] = pick(random, [...TEXTS, old + pick(random, TEXTS)]);
    } else if (typeof old === "number") {
      const wild = pick(random, [...NUMBERS, old * 1e9, -old, old + 1, 1e-9, 1e38]);
      container[key] = Number.isInteger(old) ? Math.round(wild) : wild;
    } else if (typeof old === "boolean") container[key] = !old;
    else if (Array.isArray(old)) {
      const times = pick(random, [0, 1, 2, 50]);
      container[key] = Array.from({ length: times }, () => structuredClone(old)).flat();
    } else container[key] = null;
  }
  return copy.root as T;
}

/** As {@linkcode somewhere}, down to a value without others in it, or a list. */
function leaf(value: unknown, random: Random): [Container, string] | null {
  let found: [Container, string] | null = null;
  let at = value;
  while (typeof at === "object" && at !== null && Object.keys(at).length > 0) {
    if (Array.isArray(at) && found !== null && random.below(6) === 0) break;
    const key = pick(random, Object.keys(at));
    found = [at as Container, key];
    at = (at as Record<string, unknown>)[key];
  }
  return found;
}

/** The JSON of a value, sometimes with what JSON.stringify never writes: keys twice, huge exponents, cuts. */
export function mutatedJson(value: unknown, random: Random): string {
  const text = JSON.stringify(value) ?? "null";
  switch (random.below(12)) {
    case 0:
      return text.replace("{", () => `{"a":1,"a":{"b":2},`);
    case 1: {
      const keys = [...text.matchAll(/"(\w+)":/g)];
      if (keys.length === 0) return text;
      const { index, 0: key } = pick(random, keys);
      return `${text.slice(0, index)}${key}${pick(random, ["null", "1e999", "{}"])},${
        text.slice(index)
      }`;
    }
    case 2: {
      const numbers = [...text.matchAll(/(?<=[:,[])-?\d+(\.\d+)?(?=[,\]}])/g)];
      if (numbers.length === 0) return text;
      const { index, 0: number } = pick(random, numbers);
      const other = pick(random, [
        "1e999",
        "-1e999",
        "NaN",
        "0x10",
        "1e-999",
        "-0",
        "9".repeat(400),
      ]);
      return text.slice(0, index) + other + text.slice(index + number.length);
    }
    case 3:
      return text.slice(0, random.below(text.length + 1));
    case 4: {
      const at = text.search(/:\d/);
      const [open, close] = pick(random, [["[", "]"], ['{"a":', "}"]]);
      const depth = pick(random, [60, 70, 100_000]);
      return at < 0
        ? text
        : text.slice(0, at + 1) + open.repeat(depth) + "1" + close.repeat(depth) + "," +
          text.slice(at + 1);
    }
    default:
      return text;
  }
}

/** Lengths and offsets that files lie with. */
const SIZES = [
  0n,
  1n,
  7n,
  8n,
  255n,
  2n ** 31n - 1n,
  2n ** 32n - 1n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];

/** A copy of bytes with one damage, sometimes two to four. */
export function mutatedBytes(bytes: Uint8Array, random: Random): Uint8Array<ArrayBuffer> {
  // A Buffer of Node would share its memory.
  let copy: Uint8Array<ArrayBuffer> = Uint8Array.from(bytes);
  for (let left = amount(random, 4); left > 0; left--) copy = damaged(copy, random);
  return copy;
}

/** A place in a file; headers are worth more tries than contents. */
function placeIn({ length }: Uint8Array, random: Random): number {
  const most = random.below(2) === 0 ? length : Math.min(length, 256);
  return random.below(Math.max(1, most));
}

function damaged(bytes: Uint8Array<ArrayBuffer>, random: Random): Uint8Array<ArrayBuffer> {
  const at = placeIn(bytes, random);
  switch (random.below(9)) {
    case 0:
    case 1:
      if (bytes.length > 0) bytes[at] ^= 1 << random.below(8);
      return bytes;
    case 2:
      if (bytes.length > 0) bytes[at] = random.below(256);
      return bytes;
    case 3:
      return bytes.slice(0, at);
    case 4: {
      const count = pick(random, [1, 8, 1000]);
      const longer = new Uint8Array(bytes.length + count);
      longer.set(bytes);
      if (random.below(2) === 0) longer.fill(random.below(256), bytes.length);
      return longer;
    }
    case 5: {
      const length = 1 + random.below(64);
      return joined(bytes.subarray(0, at), bytes.subarray(at + length));
    }
    case 6: {
      const piece = bytes.subarray(at, at + 1 + random.below(64));
      return joined(bytes.subarray(0, at), piece, piece, bytes.subarray(at + piece.length));
    }
    case 7: {
      const width = pick(random, [1, 2, 4, 8]);
      const value = pick(random, SIZES);
      for (let i = 0; i < width && at + i < bytes.length; i++) {
        bytes[at + i] = Number((value >> BigInt(8 * i)) & 0xffn);
      }
      return bytes;
    }
    default:
      bytes.fill(0, at, at + 1 + random.below(64));
      return bytes;
  }
}

/** Pieces one after the other. */
export function joined(...pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** What a target of the fuzzer is: something of Tandem's that reads what anybody may have written. */
import type { Random } from "../../fixtures/random.ts";

/** What became of a case: its input was taken whole, or refused with one clear error. */
export type Outcome = "taken" | "refused";

/** Something that reads files. */
export interface Target {
  readonly name: string;
  /** Makes valid inputs to start from. @param folder empty, for this target alone */
  prepare(folder: string): Promise<CaseRunner>;
}

/** Runs one case: everything in it follows from `random`. @throws {Fault} if something is wrong */
export type CaseRunner = (random: Random) => Promise<Outcome>;

/** Something that must not happen. */
export class Fault extends Error {
  override name = "Fault";
}

/** Throws a fault unless a condition holds. */
export function expect(condition: boolean, what: string): void {
  if (!condition) throw new Fault(what);
}

/** Lines of the longest message. */
const MOST_LINES = 24;

/** What a target allows of errors. */
export interface Judging {
  /** What a message must name, such as the file. */
  readonly names?: readonly string[];
  /** The longest line of a message that is still one clear error, in characters; 300 unless given. */
  readonly longest?: number;
  /** Whether a message may quote what the user wrote as it is: a command escapes it where it prints it. */
  readonly quotes?: boolean;
}

/** What V8 says of a program that was not ready for its input. */
const RAW = [
  /is not a function|is not a constructor|is not iterable|is not defined/,
  /Cannot read propert|Cannot set propert|Cannot convert|Cannot destructure|Cannot mix BigInt/,
  /Invalid array length|Invalid typed array length|Invalid array buffer length/,
  /Array buffer allocation failed|Maximum call stack|Invalid string length|Invalid time value/,
  /must be called on an object|not an object|offset is out|outside the bounds/i,
];

/** What a terminal acts on, but for the ends of lines. */
// deno-lint-ignore no-control-regex
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

/** Where ONNX Runtime's own sources and our stack show. */
const INSIDES = [/\.cc:\d|onnxruntime_src|\/onnxruntime\/core\//, /\n\s+at /];

/**
 * Judges an error that reading ended in.
 *
 * @throws {Fault} if it is not one clear error of ours
 */
function judge(
  error: unknown,
  { names = [], longest = 300, quotes = false }: Judging = {},
): void {
  const fail = (why: string): never => {
    throw new Fault(`${why}: ${brief(error)}`, { cause: error });
  };
  if (!(error instanceof Error)) return fail("what was thrown is no Error");
  if (error instanceof Fault) throw error;
  const { message } = error;
  if (error.constructor === ReferenceError || error.constructor === SyntaxError) {
    fail(`a raw ${error.name}`);
  }
  if (error instanceof Deno.errors.NotCapable) fail("reaches for what it may not");
  if (RAW.some((pattern) => pattern.test(message))) fail("a raw error of JavaScript");
  if (INSIDES.some((pattern) => pattern.test(message))) fail("shows insides");
  // Weights that do not fit are listed, a line each.
  const lines = message.split("\n");
  if (lines.length > MOST_LINES || lines.some((line) => line.length > longest)) {
    fail(`a message of ${lines.length} lines, ${message.length} characters`);
  }
  if (message.trim() === "") fail("an empty message");
  if (!quotes && CONTROL.test(message)) {
    fail("control characters in a message");
  }
  for (const name of names) {
    if (!message.includes(name)) fail(`does not name ${name}`);
  }
}

/** Reads something; an error of it is judged. */
export async function attempt<T>(
  read: () => T | Promise<T>,
  judging: Judging | readonly string[] = {},
): Promise<{ readonly value: T } | { readonly error: Error }> {
  try {
    return { value: await read() };
  } catch (error) {
    judge(error, Array.isArray(judging) ? { names: judging } : judging as Judging);
    return { error: error as Error };
  }
}

/** An error in a line, for the list of faults. */
export function brief(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return JSON.stringify(text.slice(0, 400));
}

/** All names below a folder, sorted. */
export function namesBelow(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap((entry) =>
    entry.isDirectory
      ? [
        `${entry.name}/`,
        ...namesBelow(`${folder}/${entry.name}`).map((n) => `${entry.name}/${n}`),
      ]
      : [entry.name]
  ).sort();
}

/** Whether two arrays of bytes are the same. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

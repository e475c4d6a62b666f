/**
 * What ONNX Runtime says when it fails, as a user reads it: without the files, lines and signatures of its own sources.
 * @module
 */

/** ONNX Runtime refused a model or could not run it; `cause` is what it threw. */
export class OnnxRuntimeError extends Error {
  override name = "OnnxRuntimeError";
}

/** Longer messages are cut: some repeat a whole model. */
const LONGEST = 250;

const NODE =
  /Non-zero status code returned while running (\S+) node\.(?: Name:'[^']*')? Status Message: /g;
const SOURCE =
  /(?:[A-Za-z]:\\)?[^\s():'"]*onnxruntime[^\s():'"]*\.(?:cc|h|cpp|hpp|cu|cuh|mm)(?::\d+|\(\d+\))\s*/i;
/** A source named without its folders, and the function that it is in. */
const BARE_SOURCE = /\b\w+\.(?:cc|h|cpp|hpp|cu|cuh|mm):\d+\s+\w+\s+/g;
/** How its messages begin where they stand inside of others. */
const CODE = /\[ONNXRuntimeError\] : \d+ : \w+ : /g;
const INDEX =
  /(?:idx|indice|index)\s*(?:=|:)?\s*(-?\d+)(?: must be within the inclusive range \[(-?\d+),\s*(-?\d+)\])?/;

/** What was thrown by ONNX Runtime, as an error of ours. Anything of ours is handed through. */
export function onnxRuntimeError(thrown: unknown): Error {
  if (thrown instanceof OnnxRuntimeError) return thrown;
  return new OnnxRuntimeError(onnxRuntimeMessage(thrown), { cause: thrown });
}

/** The message of {@linkcode onnxRuntimeError}. */
export function onnxRuntimeMessage(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  // Of a loop, an error names the node in its body as well, last.
  const nodes = [...text.matchAll(NODE)];
  const node = nodes.at(-1)?.[1];
  const said = withoutSources(text.replaceAll(NODE, "")).replace(/\s+/g, " ").trim();
  const message = outOfMemory(said) ?? outOfRange(said) ?? withoutFloat16(said) ?? said;
  const short = message.length > LONGEST ? `${message.slice(0, LONGEST)} ...` : message;
  return node ? `${node}: ${short}` : short;
}

function outOfMemory(said: string): string | undefined {
  const size = /Failed to allocate memory for requested buffer of size (\d+)/.exec(said)?.[1];
  return size && `out of memory: ${Number(size).toLocaleString("en")} bytes cannot be had`;
}

function withoutFloat16(said: string): string | undefined {
  if (!/requires f16 but the device does not support it/.test(said)) return undefined;
  return "this WebGPU device has no float16 (its adapter lacks shader-f16), expected float32: leave autocast or the mixed policy off, " +
    "or compute on the CPU";
}

/** Indices that were negative where none may be were made large: see `ops.withinRange`. */
function outOfRange(said: string): string | undefined {
  if (!/out of (?:data )?bounds|out of range|invalid indice/i.test(said)) return undefined;
  const [, index, from, to] = INDEX.exec(said) ?? [];
  if (index === undefined) return undefined;
  const given = asGiven(BigInt(index));
  const expected = to === undefined ? "" : `, expected ${given < 0n ? 0 : from} to ${to}`;
  return `index ${given} is out of range${expected}`;
}

function asGiven(index: bigint): bigint {
  if (index >= 1n << 62n) return index - (1n << 63n);
  return index >= 1n << 30n && index < 1n << 31n ? index - (1n << 31n) : index;
}

/** Cuts `file:line signature condition was false.` wherever it stands. */
function withoutSources(text: string): string {
  let rest = text;
  for (let found = SOURCE.exec(rest); found; found = SOURCE.exec(rest)) {
    const before = rest.slice(0, found.index);
    const after = rest.slice(found.index + found[0].length);
    rest = before + withoutCondition(after.slice(signatureLength(after)).trimStart());
  }
  return rest.replace(CODE, "").replace(BARE_SOURCE, "").replace(
    /\b(?:onnxruntime|onnx)::[\w:~<>]+/g,
    "ONNX Runtime",
  );
}

/** `x.size() == 2 was false. There are three.` says what it means in its second sentence. */
function withoutCondition(text: string): string {
  const said = /^[^\n]*? was false\.\s*/.exec(text);
  return said && text.length > said[0].length ? text.slice(said[0].length) : text;
}

/** How long the C++ signature is that a text begins with: 0 where it begins with none. */
function signatureLength(text: string): number {
  const head = /^(?:[\w&*<>{}~, ]*?[\w>}~]*::[^()\n]*|[\w&*<> ]+)(?=\()/.exec(text) ??
    /^[\w~]+(?:::[\w~]+)+/.exec(text);
  if (!head) return 0;
  let at = head[0].length;
  while (text[at] === "(") {
    at = afterBracket(text, at, "(", ")");
    // `operator()(...)`, `(anonymous namespace)::name(...)`
    at += /^(?:::[^()\n]*)?(?=\()/.exec(text.slice(at))?.[0].length ?? 0;
  }
  at += /^\s*(?:const|noexcept)\b/.exec(text.slice(at))?.[0].length ?? 0;
  const given = /^\s*(?=\[with )/.exec(text.slice(at));
  return given ? afterBracket(text, at + given[0].length, "[", "]") : at;
}

function afterBracket(text: string, from: number, open: string, close: string): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    if (text[at] === open) depth++;
    else if (text[at] === close && --depth === 0) return at + 1;
  }
  return text.length;
}

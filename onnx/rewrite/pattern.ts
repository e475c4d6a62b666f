/**
 * What a rule looks for, as data: a tree of ops and named arrays. A pattern names ops themselves, so that what it captures has
 * their attributes' types; or a trait, which any op may have. The order of a commutative op's inputs does not matter.
 *
 *   rule(node(add.op, [named("conv", node(CONV, [array("x"), array("w")])), array("bias")]),
 *     ({ conv, x, w, bias }) => [applyOp(CONV, [x, w, bias], conv.attributes)])
 * @module
 */
import type { LazyArray } from "../lazy_array.ts";
import { type Attributes, hasTrait, type Op, type Trait } from "../op.ts";

/** An op on its inputs: what a rule is tried on, its inputs rewritten already. */
export interface Application<A extends Attributes = Attributes> {
  readonly op: Op<A>;
  readonly inputs: readonly LazyArray[];
  readonly attributes: A;
}

/** What the pattern as a whole stands for. */
export interface Root<A extends Attributes = Attributes> extends Application<A> {
  /** How often each of the op's outputs is read. */
  readonly outputUses: readonly number[];
}

/** An array that a pattern's node computes. */
export interface Found<A extends Attributes = Attributes> extends Application<A> {
  readonly array: LazyArray;
}

/** Any array, under a name; only those that pass a test if one is given. */
export interface ArrayPattern<Captured = unknown> {
  readonly name: string;
  readonly where?: (array: LazyArray) => boolean;
  /** Never there: the types of what is captured. */
  readonly captured?: Captured;
}

/** An array that an op computes from arrays that fit patterns of their own. */
export interface NodePattern<A extends Attributes = Attributes, Captured = unknown> {
  /** One of these ops, or any with the trait. */
  readonly op: readonly Op[] | Trait;
  /** One for each input; any inputs unless given. */
  readonly inputs?: readonly Pattern[];
  /** Which of the op's outputs; 0 unless given. */
  readonly output?: number;
  readonly name?: string;
  readonly where?: (found: Application<A>) => boolean;
  readonly captured?: Captured;
}

// deno-lint-ignore no-explicit-any -- attributes are checked where a pattern is written down
export type Pattern<Captured = unknown> = ArrayPattern<Captured> | NodePattern<any, Captured>;

/** What the patterns of a list capture, together. */
type CapturedBy<I extends readonly Pattern[]> = I extends
  readonly [Pattern<infer First>, ...infer Rest extends readonly Pattern[]]
  ? First & CapturedBy<Rest>
  : unknown;

/** An array that a rule wants to have under a name. */
export function array<N extends string>(
  name: N,
  where?: (array: LazyArray) => boolean,
): ArrayPattern<{ readonly [K in N]: LazyArray }> {
  return { name, where };
}

/** What an op, one of some ops, or any op with a trait computes. */
export function node<A extends Attributes, const I extends readonly Pattern[] = readonly []>(
  op: Op<A> | readonly Op<A>[] | Trait,
  inputs?: I,
  options: Pick<NodePattern<A>, "output" | "where"> = {},
): NodePattern<A, CapturedBy<I>> {
  const ops = typeof op === "object" && "infer" in op ? [op] : op;
  return { op: ops as unknown as readonly Op[] | Trait, inputs, ...options };
}

/** The same pattern; what it finds is captured under a name. */
export function named<N extends string, A extends Attributes, Captured>(
  name: N,
  pattern: NodePattern<A, Captured>,
): NodePattern<A, Captured & { readonly [K in N]: Found<A> }> {
  return { ...pattern, name } as NodePattern<A, Captured & { readonly [K in N]: Found<A> }>;
}

/** How often an array is read in the graph as it stands, by nodes or as a result; 1 for what a rule has just made. */
export type Uses = (array: LazyArray) => number;

/** What a rule makes of what it found: all outputs of the root, or undefined if it does not suit. */
type Make<Captures> = (captures: Captures, uses: Uses) => readonly LazyArray[] | undefined;

/** An equal, cheaper form of what a pattern finds. */
export interface Rule {
  readonly find: NodePattern;
  readonly make: Make<Record<string, unknown>>;
}

/** A rule. The node that the pattern as a whole stands for is captured as `root`. */
export function rule<A extends Attributes, Captured>(
  find: NodePattern<A, Captured>,
  make: Make<Captured & { readonly root: Root<A> }>,
): Rule {
  return { find: find as NodePattern, make: make as Make<Record<string, unknown>> };
}

/** How an array is computed, if by this op, as its first output. */
export function computedBy<A extends Attributes>(
  op: Op<A>,
  array: LazyArray,
): Found<A> | undefined {
  const { node, outputIndex } = array;
  const fits = node?.op === op as unknown && outputIndex === 0;
  return fits ? { ...node as unknown as Application<A>, array } : undefined;
}

/** Whether the op is one that the pattern asks for. */
export function asksFor({ op: asked }: NodePattern, op: Op): boolean {
  return typeof asked === "string" ? hasTrait(op, asked) : asked.includes(op);
}

/** What a rule makes of an application, in whatever order of commutative inputs it first suits. */
export function applyRule(
  { find, make }: Rule,
  root: Root,
  uses: Uses,
): readonly LazyArray[] | undefined {
  if (find.where && !find.where(root)) return undefined;
  const captures: Record<string, unknown> = { root };
  return meetInputs(find, root, captures, () => make(captures, uses));
}

type Captures = Record<string, unknown>;

/** Goes on with `then` once the pattern fits; whatever it says, undefined lets other orders be tried. */
function meet<R>(
  pattern: Pattern,
  array: LazyArray,
  captures: Captures,
  then: () => R | undefined,
): R | undefined {
  if (!("op" in pattern)) {
    if (pattern.where && !pattern.where(array)) return undefined;
    captures[pattern.name] = array;
    return then();
  }
  const found = array.node;
  if (!found || !asksFor(pattern, found.op) || array.outputIndex !== (pattern.output ?? 0)) {
    return undefined;
  }
  if (pattern.where && !pattern.where(found)) return undefined;
  if (pattern.name) captures[pattern.name] = { ...found, array };
  return meetInputs(pattern, found, captures, then);
}

function meetInputs<R>(
  { inputs: patterns }: NodePattern,
  { op, inputs }: Application,
  captures: Captures,
  then: () => R | undefined,
): R | undefined {
  if (!patterns) return then();
  if (patterns.length !== inputs.length) return undefined;
  const meetFrom = (order: readonly LazyArray[], i: number): R | undefined =>
    i === patterns.length
      ? then()
      : meet(patterns[i], order[i], captures, () => meetFrom(order, i + 1));
  const result = meetFrom(inputs, 0);
  const isCommutative = patterns.length === 2 && hasTrait(op, "commutative");
  return result === undefined && isCommutative ? meetFrom([inputs[1], inputs[0]], 0) : result;
}

/**
 * Whether operations are remembered for the backward pass. The mode belongs to the code that set it, across its awaits:
 * what runs meanwhile has its own.
 *
 * Of a function that is called the mode is the asynchronous context's. A `using` declaration cannot open a context that
 * closes when its function waits, so who else runs in that context meanwhile is told apart by the call stack: until then each
 * operation on a tensor that requires gradients looks there, which takes several times as long as recording it.
 * `noGrad(() => ...)` does without.
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { kinds, signature } from "./arguments.ts";

/** A mode, and the one around it. */
interface Scope {
  readonly enabled: boolean;
  readonly outer: Scope | undefined;
  /** The function that holds it by `using`; a scope without one is its context's. */
  readonly holder?: Place;
  /** The scope whose end is this one's too. */
  readonly of?: Scope;
  /** Whether the job it was set in still runs: its function may have begun to wait, and its caller go on. */
  isFresh?: boolean;
  /** Whether the code that runs now is the holder's, while that is known. */
  decided?: boolean;
  ended?: boolean;
}

/** A function on the call stack. */
interface Place {
  readonly name: string;
  /** How many functions had called each other below it. */
  readonly depth: number;
}

const scopes = new AsyncLocalStorage<Scope | undefined>();

/** Whether operations are being remembered. Follows `torch.is_grad_enabled`. */
export function isGradEnabled(): boolean {
  const scope = scopes.getStore();
  if (!scope) return true;
  const present = settled(scope);
  // Who goes on after waiting keeps what was found out.
  if (present !== scope && !scope.isFresh) scopes.enterWith(present);
  return present?.enabled ?? true;
}

/** The innermost scope that holds for the code that runs. */
function settled(scope: Scope | undefined): Scope | undefined {
  if (!scope) return undefined;
  const { enabled, outer, holder, of } = scope;
  if (scope.ended || of?.ended) return settled(outer);
  if (!holder || scope.decided) return scope;
  if (scope.decided === false || !isRunning(holder)) return settled(outer);
  return scope.isFresh ? scope : { enabled, outer, of: scope };
}

/** Looks at the call stack once for all that a function does before it returns. */
export function decideGradMode<T>(run: () => T): T {
  const decided: Scope[] = [];
  for (let scope = scopes.getStore(); scope; scope = scope.outer) {
    if (!scope.holder || scope.ended || scope.decided !== undefined) continue;
    scope.decided = isRunning(scope.holder);
    decided.push(scope);
  }
  if (decided.length === 0) return run();
  try {
    return run();
  } finally {
    for (const scope of decided) scope.decided = undefined;
  }
}

/** Frames that V8 shows at most. */
const FRAMES = 200;

interface Site extends NodeJS.CallSite {
  /** Whether the function waits for what runs. */
  isAsync(): boolean;
}

/** Functions that called each other, the innermost first, then those that wait for them. Nothing is read of them here. */
function callStack(): readonly Site[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder: { stack?: unknown } = {};
  Error.stackTraceLimit = FRAMES;
  Error.prepareStackTrace = (_, sites) => sites;
  try {
    Error.captureStackTrace(holder);
    return holder.stack as Site[];
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Whether a frame is Deno's own, which runs timers and the like. */
function isForeign(site: Site): boolean {
  return /^(ext|node):/.test(site.getFileName() ?? "");
}

function nameOf(site: Site): string {
  return `${site.getFunctionName() ?? ""} ${site.getFileName()}`;
}

/**
 * Whether a function runs: it was called and has not waited yet, goes on after waiting, or waits for what runs. Frames are
 * read from the outermost on, no further than it lay: reading all takes ten times as long.
 */
function isRunning({ name, depth }: Place): boolean {
  const sites = callStack();
  let level = 0;
  for (let i = sites.length - 1; i >= 0 && level <= depth; i--) {
    if (isForeign(sites[i])) continue;
    const waits = sites[i].isAsync();
    if ((waits || level === 0 || level === depth) && nameOf(sites[i]) === name) return true;
    if (!waits) level++;
  }
  return false;
}

/** Ends a mode that `using` set. */
class Held implements Disposable {
  readonly #scope: Scope;
  constructor(scope: Scope) {
    this.#scope = scope;
    scopes.enterWith(scope);
    queueMicrotask(() => scope.isFresh = false);
  }
  [Symbol.dispose](): void {
    this.#scope.ended = true;
    const present = scopes.getStore();
    if (present === this.#scope || present?.of === this.#scope) scopes.enterWith(present.outer);
  }
}

/** Functions of this file between the holder and {@linkcode callStack}. */
const OWN_FRAMES = 3;

function hold(enabled: boolean): Disposable {
  const running = callStack().filter((site) => !site.isAsync() && !isForeign(site));
  const own = running[OWN_FRAMES];
  const holder = { name: own ? nameOf(own) : "", depth: running.length - 1 - OWN_FRAMES };
  return new Held({ enabled, outer: scopes.getStore(), holder, isFresh: true });
}

const BODY = ["body", kinds.callable, undefined] as const;

/**
 * Stops remembering operations while `body` runs, until its promise ends if it returns one; or, with `using`, until
 * the block ends.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.no_grad.html
 *
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * const weight = torch.ones([2], { requiresGrad: true });
 * {
 *   using _ = torch.noGrad();
 *   weight.mul_(0.5);
 * }
 * const sum = await torch.noGrad(async () => await weight.sum().item());
 * ```
 */
export function noGrad(): Disposable;
export function noGrad<T>(body: () => T): T;
export function noGrad<T>(...given: unknown[]): Disposable | T {
  const body = NO_GRAD.read(given).body as (() => T) | undefined;
  return body ? within(false, body) : hold(false);
}
const NO_GRAD = signature("noGrad", BODY);

/** Remembers operations again inside {@linkcode noGrad}. Follows `torch.enable_grad`. */
export function enableGrad(): Disposable;
export function enableGrad<T>(body: () => T): T;
export function enableGrad<T>(...given: unknown[]): Disposable | T {
  const body = ENABLE_GRAD.read(given).body as (() => T) | undefined;
  return body ? within(true, body) : hold(true);
}
const ENABLE_GRAD = signature("enableGrad", BODY);

/**
 * Like {@linkcode noGrad}; PyTorch's is faster than that, here both cost the same.
 * Follows `torch.inference_mode`.
 */
export function inferenceMode(): Disposable;
export function inferenceMode<T>(body: () => T): T;
export function inferenceMode<T>(...given: unknown[]): Disposable | T {
  const body = INFERENCE_MODE.read(given).body as (() => T) | undefined;
  return body ? within(false, body) : hold(false);
}
const INFERENCE_MODE = signature("inferenceMode", BODY);

/**
 * Remembers operations from now on, or stops it, in this asynchronous context; with `using`, until the block ends.
 * Follows `torch.set_grad_enabled`.
 */
export function setGradEnabled(...given: [mode: boolean]): Disposable {
  const { mode } = SET_GRAD_ENABLED.read(given);
  return new Held({ enabled: mode, outer: scopes.getStore() });
}
const SET_GRAD_ENABLED = signature("setGradEnabled", ["mode", kinds.boolean]);

function within<T>(enabled: boolean, body: () => T): T {
  return scopes.run({ enabled, outer: scopes.getStore() }, body);
}

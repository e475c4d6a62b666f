/** Preloaded before a program: its calendar jumps by years, back and forth, at every look. `performance.now` goes on. */
import { preloadIntoTrials } from "./into_trials.ts";

preloadIntoTrials(import.meta.url);

const RealDate = Date;
let looks = 0;

function now(): number {
  const years = [0, 30, -20, 0.002, -0.002][looks++ % 5];
  return RealDate.now() + years * 365 * 86_400_000;
}

class JumpingDate extends RealDate {
  constructor(...given: unknown[]) {
    // deno-lint-ignore no-explicit-any
    super(...(given.length === 0 ? [now()] : given) as [any]);
  }

  static override now(): number {
    return now();
  }
}

globalThis.Date = JumpingDate as DateConstructor;

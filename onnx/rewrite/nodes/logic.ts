/**
 * Signs, rounding, truth and remainders from comparisons.
 * @module
 */
import { isFloating } from "../../dtype.ts";
import { composed, type Composition, integerAttribute } from "./node_writer.ts";

/** NaN stays: nothing is added to it, and what it is subtracted from is 0. */
const sign: Composition = composed((e, [x]) => {
  const positive = e.cast(e.greater(x, 0), e.dtype);
  return e.sub(positive, e.cast(e.less(x, 0), e.dtype));
});

/** floor(x + 1/2), one less where that is odd and x lies half way. */
const round: Composition = composed((e, [x]) => {
  const low = e.floor(x);
  const share = e.sub(x, low);
  const half = e.mul(low, 0.5);
  const isOdd = e.greater(e.sub(half, e.floor(half)), 0);
  const up = e.or(e.greater(share, 0.5), e.and(e.equal(share, 0.5), isOdd));
  // Infinite x has no share.
  return e.where(e.equal(e.abs(x), Infinity), x, e.add(low, e.cast(up, e.dtype)));
});

/** By De Morgan */
const or: Composition = composed((e, [a, b]) => e.not(e.and(e.not(a), e.not(b))));

const xor: Composition = composed((e, [a, b]) => e.and(e.or(a, b), e.not(e.and(a, b))));

/** What is left of a / b: rounded towards zero with fmod, else down. */
const mod: Composition = composed((e, [a, b], call) => {
  const quotient = e.div(a, b);
  if (!isFloating(e.dtype)) {
    const left = e.sub(a, e.mul(quotient, b));
    if (integerAttribute(call, "fmod", 0) || e.dtype.startsWith("u")) return left;
    const isOff = e.and(e.not(e.equal(left, 0)), e.less(e.mul(left, b), 0));
    return e.where(isOff, e.add(left, b), left);
  }
  const size = e.abs(b);
  const whole = e.mul(e.floor(e.abs(quotient)), size);
  const exact = e.sub(e.abs(a), whole);
  // A quotient that was rounded up to the next integer leaves less than nothing.
  const left = e.where(e.less(exact, 0), e.add(exact, size), exact);
  const kept = e.where(e.not(e.less(left, size)), e.sub(left, size), left);
  const found = e.mul(e.side(a), kept);
  const isEndless = e.and(e.equal(size, Infinity), e.less(e.abs(a), Infinity));
  return e.where(isEndless, a, found);
});

export const LOGIC: Readonly<Record<string, Composition>> = {
  Sign: sign,
  Round: round,
  Or: or,
  Xor: xor,
  Mod: mod,
  IsNaN: composed((e, [x]) => e.isNaN(x)),
  IsInf: composed((e, [x]) => e.equal(e.abs(x), Infinity)),
  Abs: composed((e, [x]) => isFloating(e.dtype) ? undefined : e.max(x, e.sub(0, x))),
  Neg: composed((e, [x]) => isFloating(e.dtype) ? undefined : e.sub(0, x)),
  GreaterOrEqual: composed((e, [a, b]) => e.or(e.greater(a, b), e.equal(a, b))),
  LessOrEqual: composed((e, [a, b]) => e.or(e.less(a, b), e.equal(a, b))),
};

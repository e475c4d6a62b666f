/**
 * Numbers as Python writes them, in file names, tables and progress bars. Halves go to the even digit, which JavaScript's
 * `toFixed` does not do, and exponents have two digits.
 * Source: https://docs.python.org/3/library/string.html#format-specification-mini-language
 * @module
 */

/** Most digits that JavaScript gives: more than a number has between the digits that are kept and its end. */
const MOST_DIGITS = 100;

/** Python's `.2f`. */
export function fixedText(value: number, digits: number): string {
  return signed(value, (size) => {
    // From here on there are no fractions, and JavaScript writes an exponent.
    if (size >= 1e21) return BigInt(size).toString() + (digits > 0 ? `.${"0".repeat(digits)}` : "");
    return halfToEven(size.toFixed(digits), size.toFixed(MOST_DIGITS), digits);
  });
}

/** Python's `.2e`. */
export function exponentText(value: number, digits: number): string {
  return signed(value, (size) => {
    const [near, exponent] = size.toExponential(digits).split("e");
    const [exact, ownExponent] = size.toExponential(MOST_DIGITS).split("e");
    const mantissa = exponent === ownExponent ? halfToEven(near, exact, digits) : near;
    return mantissa + exponentPart(Number(exponent));
  });
}

/** Python's `.3g`; with `isFloat` that of no letter, which keeps a digit behind the point. */
export function generalText(value: number, digits: number, isFloat = false): string {
  return signed(value, (size) => {
    const places = Math.max(digits, 1);
    const [, exponent] = exponentText(size, places - 1).split("e").map(Number);
    const isLong = exponent < -4 || exponent >= places - (isFloat ? 1 : 0);
    const text = isLong
      ? exponentText(size, places - 1)
      : fixedText(size, Math.max(places - 1 - exponent, 0));
    const short = text.replace(/(\.\d*?)0+(?=e|$)/, "$1").replace(/\.(?=e|$)/, "");
    return isFloat && !isLong && !short.includes(".") ? `${short}.0` : short;
  });
}

/** Python's `str` of a float: as few digits as tell it from others. */
export function floatText(value: number): string {
  return signed(value, (size) => {
    const [digits, exponent] = size.toExponential().split("e").map(String);
    const power = Number(exponent);
    if (power < -4 || power >= 16) return digits + exponentPart(power);
    const text = fixedText(size, Math.max(digits.replace(".", "").length - 1 - power, 0));
    return text.includes(".") ? text : `${text}.0`;
  });
}

function signed(value: number, write: (size: number) => string): string {
  if (Number.isNaN(value)) return "nan";
  const isNegative = value < 0 || Object.is(value, -0);
  const text = Number.isFinite(value) ? write(Math.abs(value)) : "inf";
  return isNegative ? `-${text}` : text;
}

/** @param near rounded by JavaScript, @param exact all digits */
function halfToEven(near: string, exact: string, digits: number): string {
  const end = exact.indexOf(".") + 1 + digits;
  if (!/^50*$/.test(exact.slice(end))) return near;
  const cut = exact.slice(0, digits === 0 ? end - 1 : end);
  return Number(cut.at(-1)) % 2 === 0 ? cut : near;
}

function exponentPart(exponent: number): string {
  return `e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

const SPECIFICATION = /^(?:(.)?([<>=^]))?([+\- ])?(0)?(\d*)(?:\.(\d+))?([deEfFgG%]?)$/u;

/**
 * A number in a format of Python's: `[[fill]align][sign][0][width][.precision][type]`.
 *
 * @param isInteger whether Python has it as an int
 * @returns undefined for a format that there is not for such a number
 *
 * @example
 * ```ts
 * import { formatNumber } from "./number_text.ts";
 * console.log(formatNumber(0.125, ".2f", false)); // 0.12
 * ```
 */
export function formatNumber(
  value: number,
  format: string,
  isInteger: boolean,
): string | undefined {
  const found = SPECIFICATION.exec(format);
  if (!found) return undefined;
  const [, fill, align, sign, zero, width, precision, type] = found;
  const isWhole = isInteger && (type === "" || type === "d");
  if (isWhole ? precision !== undefined : type === "d") return undefined;
  const digits = precision === undefined ? undefined : Number(precision);
  const text = isWhole ? String(value) : typed(value, type, digits);
  const isNegative = text.startsWith("-");
  const front = isNegative ? "-" : sign === "+" || sign === " " ? sign : "";
  return padded(front, isNegative ? text.slice(1) : text, {
    fill: fill ?? (align === undefined && zero ? "0" : zero ?? " "),
    align: align ?? (zero ? "=" : ">"),
    width: Number(width),
  });
}

function typed(value: number, type: string, digits: number | undefined): string {
  if (type === "%") return `${fixedText(value * 100, digits ?? 6)}%`;
  const lower = type.toLowerCase();
  const text = lower === "f"
    ? fixedText(value, digits ?? 6)
    : lower === "e"
    ? exponentText(value, digits ?? 6)
    : lower === "g"
    ? generalText(value, digits ?? 6)
    : digits === undefined
    ? floatText(value)
    : generalText(value, digits, true);
  return type === lower ? text : text.toUpperCase();
}

interface Padding {
  readonly fill: string;
  readonly align: string;
  readonly width: number;
}

function padded(sign: string, text: string, { fill, align, width }: Padding): string {
  const missing = Math.max(0, width - sign.length - text.length);
  if (align === "=") return sign + fill.repeat(missing) + text;
  const before = align === "<" ? 0 : align === ">" ? missing : Math.floor(missing / 2);
  return fill.repeat(before) + sign + text + fill.repeat(missing - before);
}

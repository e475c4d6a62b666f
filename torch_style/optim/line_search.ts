/**
 * How far to go in a direction: until the loss and its slope have fallen enough (the strong Wolfe conditions). Follows
 * `torch.optim.lbfgs._strong_wolfe`, which is from Schmidt's minFunc.
 * @module
 */

/** Loss and gradient somewhere. */
export interface Point {
  readonly value: number;
  readonly gradient: Float64Array;
}

/** A length that was tried. */
interface Trial extends Point {
  readonly length: number;
  readonly slope: number;
}

/** What a search found. */
export interface Found {
  readonly point: Point;
  readonly length: number;
  readonly evaluations: number;
}

const FALL = 1e-4;
const FLATTER = 0.9;
const SMALLEST = 1e-9;

/** Sum of products. */
export function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, x, i) => sum + x * b[i], 0);
}

/** Largest absolute value. */
export function largest(x: Float64Array): number {
  return x.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/**
 * @param at loss and gradient at a length
 * @param first the length to begin with
 * @param start where the direction begins, `slope` the loss' slope there
 */
export async function strongWolfe(
  at: (length: number) => Promise<Point>,
  first: number,
  direction: Float64Array,
  start: Point,
  slope: number,
  mostEvaluations: number,
): Promise<Found> {
  let evaluations = 0;
  const attempt = async (length: number): Promise<Trial> => {
    evaluations++;
    const point = await at(length);
    return { ...point, length, slope: dot(point.gradient, direction) };
  };
  const tooHigh = (trial: Trial) => trial.value > start.value + FALL * trial.length * slope;
  const flat = (trial: Trial) => Math.abs(trial.slope) <= -FLATTER * slope;
  const origin: Trial = { ...start, length: 0, slope };
  let before = origin;
  let now = await attempt(first);
  let bracket: Trial[] | undefined;
  let done = false;
  let rounds = 0;
  for (; rounds < mostEvaluations; rounds++) {
    if (tooHigh(now) || (rounds > 1 && now.value >= before.value) || now.slope >= 0 && !flat(now)) {
      bracket = [before, now];
      break;
    }
    if (flat(now)) {
      bracket = [now];
      done = true;
      break;
    }
    const next = cubicMinimum(
      before,
      now,
      now.length + 0.01 * (now.length - before.length),
      now.length * 10,
    );
    before = now;
    now = await attempt(next);
  }
  const ends = bracket ?? [origin, now];
  let [low, high] = ends[0].value <= ends.at(-1)!.value ? [0, 1] : [1, 0];
  let slow = false;
  while (!done && rounds < mostEvaluations) {
    const [shortest, longest] = [ends[0].length, ends[1].length].toSorted((a, b) => a - b);
    if ((longest - shortest) * largest(direction) < SMALLEST) break;
    let length = cubicMinimum(ends[0], ends[1], shortest, longest);
    // Too near to an end, twice or beyond it: a tenth of the way inside.
    const tenth = 0.1 * (longest - shortest);
    if (Math.min(longest - length, length - shortest) < tenth) {
      if (slow || length >= longest || length <= shortest) {
        length = Math.abs(length - longest) < Math.abs(length - shortest)
          ? longest - tenth
          : shortest + tenth;
        slow = false;
      } else {
        slow = true;
      }
    } else {
      slow = false;
    }
    const trial = await attempt(length);
    rounds++;
    if (tooHigh(trial) || trial.value >= ends[low].value) {
      ends[high] = trial;
      [low, high] = ends[0].value <= ends[1].value ? [0, 1] : [1, 0];
    } else {
      if (flat(trial)) done = true;
      else if (trial.slope * (ends[high].length - ends[low].length) >= 0) ends[high] = ends[low];
      ends[low] = trial;
    }
  }
  const best = ends[low];
  return { point: best, length: best.length, evaluations };
}

/** Where the cubic through two points with their slopes is smallest, within bounds. */
function cubicMinimum(a: Trial, b: Trial, least: number, most: number): number {
  const [x, y] = a.length <= b.length ? [a, b] : [b, a];
  const d1 = x.slope + y.slope - 3 * (x.value - y.value) / (x.length - y.length);
  const square = d1 * d1 - x.slope * y.slope;
  if (!(square >= 0)) return (least + most) / 2;
  const d2 = Math.sqrt(square);
  const minimum = y.length -
    (y.length - x.length) * ((y.slope + d2 - d1) / (y.slope - x.slope + 2 * d2));
  return Math.min(Math.max(minimum, least), most);
}

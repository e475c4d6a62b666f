/**
 * A convolution seen through windows that lie side by side: its results at the windows' first elements are a convolution
 * with a longer stride, those at the second elements another one, and so on: the phases.
 *
 *   y[n, o, P kh + i, Q kw + j]  =  phase(i, j)[n, o, P, Q]
 * @module
 */
import type { ConvAttributes } from "../../ops/convolution.ts";
import type { Shape } from "../../shape.ts";

/** What a convolution reads for its phases. */
export interface PhasedConvolution {
  readonly attributes: ConvAttributes;
  /** Shape of what is convolved. */
  readonly input: Shape;
  /** Shape of the filters [o, c, kh, kw]. */
  readonly filter: Shape;
  /** Sizes of the windows over the result. */
  readonly window: readonly number[];
  /** How many windows there are along each axis. */
  readonly outputSizes: readonly number[];
}

/**
 * The attributes of each phase, row by row of the window; undefined if a phase would begin inside the input: without
 * a padding of the window's dimension less one (times the stride).
 */
export function phaseAttributes(convolution: PhasedConvolution): ConvAttributes[] | undefined {
  const [rows, columns] = convolution.window;
  const phases = Array.from(
    { length: rows * columns },
    (_, k) => phase(convolution, [Math.floor(k / columns), k % columns]),
  );
  return phases.every(({ padding }) => padding.every((n) => n >= 0)) ? phases : undefined;
}

function phase(
  { attributes, input, filter, window, outputSizes }: PhasedConvolution,
  at: readonly number[],
): ConvAttributes {
  const { stride, padding, dilation } = attributes;
  const both = (rule: (i: number) => number) => [rule(0), rule(1)] as const;
  const longer = both((i) => stride[i] * window[i]);
  const before = both((i) => padding[i] - at[i] * stride[i]);
  const reach = both((i) =>
    (outputSizes[i] - 1) * longer[i] + dilation[i] * (filter[2 + i] - 1) + 1
  );
  // What lies behind the last window, if it is less than a stride, is left over without being cut off.
  const after = both((i) => {
    const missing = reach[i] - before[i] - input[2 + i];
    return missing > -longer[i] ? Math.max(0, missing) : missing;
  });
  return { ...attributes, stride: longer, padding: [...before, ...after] };
}

/** @module */

/** Channels of the convolutions, one after the other; `pool` halves rows and columns. */
export const plan = [
  64,
  "pool",
  128,
  "pool",
  256,
  256,
  "pool",
  512,
  512,
  "pool",
  512,
  512,
  "pool",
] as const;

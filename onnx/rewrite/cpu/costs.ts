/**
 * From what size on a rule for the CPU pays, as measured with ONNX Runtime 1.30, and what nodes cost, roughly.
 * @module
 */

/** Of convolutions and their gradients. */
export const CONVOLUTION = {
  /** From so many output elements on blocks save more than the filters' rearrangement costs; both grow with the filters. */
  fewestOutputs: 512,
  /** Of smaller images the filter gradient's products, one a filter element, become too short. */
  fewestShiftedOutputs: 128,
  /** From so many output elements on, of all images, one product over them for each filter element pays. */
  fewestSummedOutputs: 1024,
  /** Of larger filters those products become too many. */
  mostShifts: 25,
  /** A gradient with so many times fewer channels than the images is laid out instead of them. */
  fewerChannels: 2,
  /** Up to this many elements, products of single images are added up; more would take too much memory. */
  mostPartialElements: 1 << 23,
} as const;

/** Of convolutions whose last block of channels is filled up with zeros. */
export const FILLED = {
  /** With fewer channels images are read as they are. */
  fewestChannels: 8,
  /** Products with zeros count too: so many times the others at most. */
  mostProducts: 1.5,
  /** Passes over zeros count too: so many times the others at most, for more than convolutions to be computed with them. */
  mostPassed: 1.25,
} as const;

/**
 * Of weights that are the same at every call. Up to so many images, or rows of a product, a call other kernels are chosen, which round otherwise, as
 * whoever predicts image by image waits for each. With more, the values are to the bit those of weights that change: a training
 * that is taken up again evaluates as the one that was not interrupted.
 */
export const FROZEN = { mostImages: 8, mostRows: 16 } as const;

/** Of convolutions as products over all images at once. */
export const SMALL_IMAGES = {
  /** Of larger images, or results, the matrix between them becomes too large. */
  mostElements: 16,
  /** The same where fewer products are left (small_winograd.ts); of more, its transforms of whole images take longer than is saved. */
  mostOfFewerProducts: 64,
  /** Smaller filters stay in the processor's caches. */
  fewestFilterElements: 1 << 18,
} as const;

/** Of convolutions by fewer products (winograd.ts). */
export const WINOGRAD = {
  /** With fewer channels the passes over images and results cost more than the products that are saved. */
  fewestChannels: 64,
  /** Of more elements of images or results, which are out of the processor's caches, with fewer than twice as many. */
  mostCachedElements: 1 << 22,
  /** Of fewer output elements the filters' transform costs more than it saves. */
  fewestOutputs: 512,
  /** The same of images of few elements. */
  fewestImages: 16,
  /** Rows that are computed and cut off again count too: this share of the products at most. */
  mostProducts: 0.75,
} as const;

/** Of chains that are computed image by image (by_image.ts). */
export const IMAGES = {
  /** Smaller arrays are read from the processor's caches as they are. */
  fewestElements: 1 << 20,
  /** So much of the largest array of a chain is computed at once, if one image is not more. */
  mostElementsAtOnce: 1 << 17,
  /** What a call of a node costs: it has to spare memory the reading or writing of so many elements. */
  fewestSparedACall: 1 << 16,
} as const;

/** Of poolings in phases: windows of more elements cost more convolutions than that is worth. */
export const MOST_PHASES = 4;

/** Of products that are computed the other way round. */
export const TURNED = {
  /** Of more rows the other factor's layout counts little. */
  mostRows: 64,
  /** Matrices of fewer rows or columns stay in the processor's caches, or have their own layout in the way. */
  fewestWeights: 256,
  /** Weights' gradients over fewer rows, or of fewer columns, gain nothing. */
  fewestRows: 256,
  fewestColumns: 32,
} as const;

/** Of dilations: more phases, all zeros but one, cost more to put side by side than zeros around each element. */
export const DILATED = { mostPhases: 4 } as const;

/** Of elements that are repeated. */
export const REPEATED = {
  /** Of fewer elements a node less is worth more. */
  fewestElements: 1 << 12,
  /** Longer runs of one element are written fast. */
  mostColumns: 16,
  /** Resize counts rows and columns in single precision. */
  mostCounted: 1 << 24,
} as const;

/** Of sums over the first axis as products. */
export const SUMS = {
  /** Below this many elements nothing is gained. */
  fewestElements: 4096,
  /** Above this many rows the rounding of one running sum shows; ReduceSum adds up parts. */
  mostRows: 1024,
} as const;

/** Of sums with a scaled array or product: of fewer elements a pass costs less than the nodes around it. */
export const FEWEST_SCALED_ELEMENTS = 8192;

/** What one core does in a millisecond, and what a node costs beside its work: for {@linkcode explain} alone. */
export const SPEED = { flops: 90e6, bytes: 20e6, msANode: 0.007 } as const;

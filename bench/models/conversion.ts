/**
 * What may be said of a network's two idioms where it cannot be read from them.
 * @module
 */

/** A layer's name in the Keras model and the path of its module in PyTorch's; several where it takes several. */
export type LayerNames = readonly [keras: string, torch: string | readonly string[]];

/** In which order the PyTorch model flattens images. */
export type Flattening = "channelsFirst" | "channelsLast";

/** How weights of one idiom become the other's. */
export interface Conversion {
  /** Which layer is which module, where the order in which they are written does not tell. */
  readonly pairs?: readonly LayerNames[];
  /** In which order the PyTorch model flattens images; read from its graph unless given. */
  readonly flattens?: Flattening;
}

/** What a file may export, and what it is to be. */
export const conversionExports: Readonly<
  Record<keyof Conversion, { readonly expected: string; accepts(value: unknown): boolean }>
> = {
  pairs: {
    expected: 'a list of [layer, module], such as [["conv2d", "features.0"]]',
    accepts: (value) =>
      Array.isArray(value) && value.every((entry) =>
        Array.isArray(entry) && entry.length === 2 &&
        entry.flat().every((name) => typeof name === "string")
      ),
  },
  flattens: {
    expected: '"channelsFirst" or "channelsLast"',
    accepts: (value) => value === "channelsFirst" || value === "channelsLast",
  },
};

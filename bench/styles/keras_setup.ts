/**
 * What the cell of the grid means in the Keras idiom.
 * @module
 */
import type { DataFormat, KerasMode } from "../../keras_style/mod.ts";
import type { StyleContext } from "./style.ts";

/** How the network is built. */
export function networkOf({ options, cell }: StyleContext): [KerasMode, DataFormat] {
  return [options.mode === "seed" ? "seed" : "fixed", dataFormatOf(cell)];
}

/** Where the channels stand; last unless the cell says otherwise. */
export function dataFormatOf({ layout }: StyleContext["cell"]): DataFormat {
  return layout === "channels-first" ? "channelsFirst" : "channelsLast";
}

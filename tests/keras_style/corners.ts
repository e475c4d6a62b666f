/** What tests of tests/golden/keras_corners.py share. */
import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import type * as keras from "../../keras_style/mod.ts";
import { assertClose, scattered } from "./golden.ts";

/** The script's weights. */
export function fixed<L extends keras.layers.Layer>(layer: L, factor = 1): L {
  layer.setWeights(
    layer.getWeights().map(({ shape }) => {
      const values = scattered(tf.util.sizeFromShape(shape), 37, 101);
      return tf.tensor(values.map((value) => value * 0.4 * factor), shape);
    }),
  );
  return layer;
}

/** Values by name, as `fit` keeps them. */
export type Values = Readonly<Record<string, readonly number[] | number>>;

/** Throws unless names are the same, and values close. */
export function assertLogs(found: Values, expected: Values, what: string): void {
  assertEquals(Object.keys(found).sort(), Object.keys(expected).sort(), what);
  for (const [name, values] of Object.entries(expected)) {
    assertClose([found[name]].flat(), [values].flat(), 2e-5, `${what}: ${name}`);
  }
}

/** Rearranging and comparing arrays, and masks that are the same in both idioms. */
import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { keras, torch } from "@tandem/tandem";
import { differenceOf } from "../../../bench/parity/difference.ts";
import { activationRearrangement, channelsLast } from "../../../bench/parity/feature_layout.ts";
import { seedBoth, withSharedMasks } from "../../../bench/parity/masks.ts";
import { rearrange, reordered, unchanged } from "../../../bench/parity/rearrangement.ts";
import { mappedClasses } from "../../../bench/parity/weight_rules.ts";

Deno.test("rearrange moves every element to its place", () => {
  const [a, b, c] = [2, 3, 4];
  const data = Float32Array.from({ length: a * b * c }, (_, i) => i);
  const moved = rearrange(data, reordered([a, b, c], [2, 0, 1]));
  for (let i = 0; i < a; i++) {
    for (let j = 0; j < b; j++) {
      for (let k = 0; k < c; k++) {
        assertEquals(moved[(k * a + i) * b + j], data[(i * b + j) * c + k]);
      }
    }
  }
  assertEquals(rearrange(data, unchanged([24])), data);
});

Deno.test("a flattened image's features change places as the image's axes do", () => {
  const shape = [2, 2, 3, 4];
  const image = Float32Array.from({ length: 48 }, (_, i) => i);
  const turned = rearrange(image, activationRearrangement(shape, channelsLast));
  const flat = activationRearrangement([2, 24], { kind: "flattened", from: shape.slice(1) });
  assertEquals(rearrange(image, flat), turned);
  assertEquals([flat.shape, flat.order], [[2, 24], [0, 3, 1, 2]]);
});

Deno.test("differenceOf tells how far, where, and relative to what", () => {
  const first = Float32Array.of(3, 4, 0, 0);
  const found = differenceOf(first, Float32Array.of(3, 4, 0, -1), [2, 2]);
  assertEquals([found.maxDifference, found.at, found.values], [1, [1, 1], [0, -1]]);
  assertEquals(found.relative, Math.sqrt(1 / 4) / Math.sqrt(25 / 4));
  assertEquals(differenceOf(first, first, [4]).relative, 0);
  // Below the floor, a difference is relative to the floor.
  assertEquals(differenceOf([1e-9], [2e-9], [1], 1).relative, 1e-9);
  assertEquals(differenceOf([NaN, 1], [NaN, 1], [2]).maxDifference, 0);
  const infinite = differenceOf([1, NaN], [1, 2], [2]);
  assertEquals([infinite.maxDifference, infinite.at], [Infinity, [1]]);
});

Deno.test("dropout drops the same units: rows, images, and behind a flatten", async () => {
  const drop = new keras.layers.Dropout({ rate: 0.5 });
  const cases = [
    { shape: [4, 6], torchShape: [4, 6], layout: { kind: "same" } },
    { shape: [2, 3, 5, 4], torchShape: [2, 4, 3, 5], layout: channelsLast },
    { shape: [2, 60], torchShape: [2, 60], layout: { kind: "flattened", from: [3, 5, 4] } },
  ] as const;
  for (const { shape, torchShape, layout } of cases) {
    seedBoth(7, 1);
    const kept = drop(tf.ones([...shape]), { training: true });
    const wanted = await kept.data() as Float32Array;
    seedBoth(7, 1);
    const { result, draws } = withSharedMasks(
      [layout],
      () => torch.nn.functional.dropout(torch.ones([...torchShape])),
    );
    const found = await result.data();
    assertEquals(rearrange(wanted, activationRearrangement(shape, layout)), found);
    assertEquals(draws, 1);
    assert(wanted.some((x) => x === 0) && wanted.some((x) => x === 2));
    tf.dispose(kept);
  }
});

Deno.test("steps draw different masks, and so do seeds", async () => {
  const drawn = async (seed: number, step: number) => {
    seedBoth(seed, step);
    return String(await torch.nn.functional.dropout(torch.ones([64])).data());
  };
  const masks = await Promise.all([drawn(1, 1), drawn(1, 2), drawn(2, 1), drawn(2, 2)]);
  assertEquals(new Set(masks).size, 4);
  assertEquals(await drawn(1, 2), masks[1]);
});

Deno.test("the classes whose weights are mapped are layers of the Keras idiom", () => {
  for (const name of mappedClasses) assert(name in keras.layers, name);
});

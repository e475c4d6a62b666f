/** Rearranging and comparing arrays, and masks that are the same in both idioms. */
import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { keras, torch } from "@tandem/tandem";
import { align } from "../../../bench/parity/comparing/alignment.ts";
import {
  differenceOf,
  histogramOfDifferences,
} from "../../../bench/parity/comparing/difference.ts";
import {
  activationRearrangement,
  channelsLast,
} from "../../../bench/parity/comparing/feature_layout.ts";
import { seedBoth, withSharedMasks } from "../../../bench/parity/models/masks.ts";
import { sameDistribution } from "../../../bench/parity/models/initialization.ts";
import {
  rearrange,
  reordered,
  restore,
  unchanged,
} from "../../../bench/parity/comparing/rearrangement.ts";
import { RandomStream } from "../../../onnx/mod.ts";
import { mappedClasses } from "../../../bench/parity/pairing/weight_rules.ts";

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
    { shape: [2, 3, 5, 4], torchShape: [2, 60], layout: channelsLast },
    { shape: [2, 60], torchShape: [2, 60], layout: { kind: "flattened", from: [3, 5, 4] } },
    {
      shape: [2, 60],
      torchShape: [2, 60],
      layout: { kind: "flattened", from: [3, 5, 4], order: [1, 0, 2] },
    },
    {
      shape: [2, 60],
      torchShape: [2, 4, 3, 5],
      layout: { kind: "flattened", from: [3, 5, 4] },
    },
  ] as const;
  for (const { shape, torchShape, layout } of cases) {
    seedBoth(7, 1);
    const kept = drop(tf.ones([...shape]), { training: true });
    const wanted = await kept.data() as Float32Array;
    seedBoth(7, 1);
    const { result, draws } = withSharedMasks(
      { layouts: [{ layout, image: "from" in layout ? layout : { from: [3, 5, 4] } }], order: [0] },
      7,
      1,
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
  for (const name of mappedClasses) {
    for (const part of name.split(/[()]/).filter(Boolean)) assert(part in keras.layers, name);
  }
});

Deno.test("rows of a rearranged array stand in another order, and restore takes them back", () => {
  const data = Float32Array.from({ length: 24 }, (_, i) => i);
  const gates = { ...reordered([2, 12], [1, 0]), rows: [4, 5, 6, 7, 0, 1, 2, 3, 8, 9, 10, 11] };
  const moved = rearrange(data, gates);
  assertEquals([...moved.subarray(0, 4)], [4, 16, 5, 17]);
  assertEquals(restore(moved, gates), data);
});

Deno.test("align finds in which order axes stand, and finds none where values differ", () => {
  const shape = [3, 2, 4, 5];
  const values = new RandomStream(1).normal(120);
  for (const order of [[0, 3, 1, 2], [0, 1, 2, 3], [0, 2, 1, 3]]) {
    const arrangement = reordered(shape, order);
    const other = { shape: arrangement.shape, values: rearrange(values, arrangement) };
    const found = align({ shape, values }, other, 1e-6, unchanged(shape))!;
    assertEquals([found.difference.relative, found.arrangement.order], [0, order]);
  }
  const flat = reordered(shape, [0, 3, 2, 1], [3, 40]);
  const flattened = { shape: [3, 40], values: rearrange(values, flat) };
  const rows = { shape: [3, 40], values };
  assertEquals(
    align(rows, flattened, 1e-6, unchanged([3, 40]), [[2, 4, 5]])!.difference.relative,
    0,
  );
  assert(align(rows, flattened, 1e-6, unchanged([3, 40]))!.difference.relative > 0.1);
  const wrong = { shape, values: values.map((value, i) => i === 7 ? value + 1 : value) };
  assert(align({ shape, values }, wrong, 1e-6, unchanged(shape))!.difference.relative > 1e-6);
});

Deno.test("the Kolmogorov-Smirnov test tells distributions apart, and takes one for itself", () => {
  const sorted = (values: Float32Array) => [...values].sort((a, b) => a - b);
  const [a, b] = [1, 2].map((seed) => sorted(new RandomStream(seed).uniform(8000, -1, 1)));
  assert(sameDistribution(a, b) > 0.01);
  assert(sameDistribution(a, b.map((value) => value * 0.8)) < 1e-5);
  assert(sameDistribution(a, sorted(new RandomStream(3).normal(8000, 0, 0.58))) < 1e-5);
});

Deno.test("differences are counted by powers of ten", () => {
  const bins = histogramOfDifferences([0, 0, 0, 0, 1], [0, 0.5, 0.02, 0.03, NaN]);
  assertEquals(bins, [{ exponent: -2, count: 2 }, { exponent: -1, count: 1 }, {
    exponent: 38,
    count: 1,
  }]);
});

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  AugmentedSplit,
  changesImages,
  type EpochRecipe,
} from "../../../bench/styles/training/augmentation.ts";
import type { AugmentationRecipe } from "../../../bench/recipes/mod.ts";
import type { ImageSplit } from "../../../fixtures/mod.ts";

const none: AugmentationRecipe = { horizontalFlip: "none", crop: null, cutout: null, mixing: null };

/** Images in their own order, changed as is said. */
function changed(augmentation: Partial<AugmentationRecipe>): EpochRecipe {
  return { order: "own", augmentation: { ...none, ...augmentation } };
}

/** One channel, pixels numbered from 1 within each image. */
function numbered(count: number, height: number, width: number): ImageSplit {
  const size = height * width;
  return {
    images: Uint8Array.from({ length: count * size }, (_, i) => 1 + i % size),
    labels: new Uint8Array(count),
    count,
    imageShape: [height, width, 1],
  };
}

/** What an image of a split has become, row by row. */
function imageAt({ images, imageShape: [height, width] }: ImageSplit, index: number): string {
  const size = height * width;
  const pixels = [...images.subarray(index * size, (index + 1) * size)];
  return Array.from({ length: height }, (_, y) => pixels.slice(y * width, (y + 1) * width)).join(
    "/",
  );
}

Deno.test("about half of the images are mirrored, each epoch others; the source stays", () => {
  const source = numbered(400, 1, 3);
  const split = new AugmentedSplit(source, changed({ horizontalFlip: "random" }), 10, 1);
  const flippedIn = (epoch: number) => {
    split.beginEpoch(epoch);
    return Array.from({ length: 400 }, (_, i) => imageAt(split, i)).map((text) => {
      assert(text === "1,2,3" || text === "3,2,1", text);
      return text === "3,2,1";
    });
  };
  const [first, second] = [flippedIn(1), flippedIn(2)];
  for (const flipped of [first, second]) {
    const count = flipped.filter(Boolean).length;
    assert(count > 150 && count < 250, `${count} of 400`);
  }
  assert(String(first) !== String(second));
  assertEquals(flippedIn(1), first, "the same epoch is the same again");
  assertEquals(imageAt(source, 0), "1,2,3");
});

Deno.test("crops are cut out of the padded image: all places, and nothing but them", () => {
  const split = new AugmentedSplit(
    numbered(2000, 2, 2),
    changed({ crop: { padding: 1, fill: "black" } }),
    10,
    3,
  );
  split.beginEpoch(1);
  const seen = new Set(Array.from({ length: 2000 }, (_, i) => imageAt(split, i)));
  const padded = [[0, 0, 0, 0], [0, 1, 2, 0], [0, 3, 4, 0], [0, 0, 0, 0]];
  const possible = [0, 1, 2].flatMap((y) =>
    [0, 1, 2].map((x) => padded.slice(y, y + 2).map((row) => row.slice(x, x + 2)).join("/"))
  );
  assertEquals([...seen].sort(), possible.sort());
});

Deno.test("draws depend on seed, epoch and place alone: not on the images' values or size", () => {
  const recipe = changed({ horizontalFlip: "random", crop: { padding: 1, fill: "black" } });
  const drawn = (source: ImageSplit, seed: number) => {
    const split = new AugmentedSplit(source, recipe, 10, seed);
    split.beginEpoch(4);
    return Array.from({ length: split.count }, (_, i) => imageAt(split, i));
  };
  const small = numbered(20, 3, 3);
  assertEquals(drawn(numbered(10, 3, 3), 1), drawn(small, 1).slice(0, 10));
  assert(String(drawn(small, 1)) !== String(drawn(small, 2)));
  const floats = { ...small, images: Float32Array.from(small.images) };
  assertEquals(drawn(floats, 1), drawn(small, 1));
  assertEquals([changesImages(recipe), changesImages(changed({}))], [true, false]);
});

/** Images of one value each, which is also their label's number. */
function plain(count: number, side: number): ImageSplit {
  const size = side * side;
  return {
    images: Uint8Array.from({ length: count * size }, (_, i) => 10 * (1 + Math.floor(i / size))),
    labels: Uint8Array.from({ length: count }, (_, i) => i),
    count,
    imageShape: [side, side, 1],
  };
}

Deno.test("an alternating flip shows each image's two views by turns; half of them begin mirrored", () => {
  const split = new AugmentedSplit(
    numbered(200, 1, 3),
    changed({ horizontalFlip: "alternating" }),
    10,
    1,
  );
  const viewsIn = (epoch: number) => {
    split.beginEpoch(epoch);
    return Array.from({ length: 200 }, (_, i) => imageAt(split, i));
  };
  const [first, second, third] = [1, 2, 3].map(viewsIn);
  assertEquals(third, first);
  first.forEach((view, i) => assertEquals([view, second[i]].sort(), ["1,2,3", "3,2,1"]));
  const begun = first.filter((view) => view === "3,2,1").length;
  assert(begun > 70 && begun < 130, `${begun} of 200`);
});

Deno.test("a reflected edge is not repeated", () => {
  const crop = { padding: 2, fill: "reflect" } as const;
  const split = new AugmentedSplit(numbered(500, 1, 3), changed({ crop }), 10, 1);
  split.beginEpoch(1);
  const seen = new Set(Array.from({ length: 500 }, (_, i) => imageAt(split, i)));
  // Cut out of 3,2,1,2,3,2,1.
  assertEquals([...seen].sort(), ["1,2,3", "2,1,2", "2,3,2", "3,2,1"]);
});

Deno.test("one order for all styles: labels go with their images, every epoch has another, none is lost", () => {
  const source = plain(20, 1);
  const split = new AugmentedSplit(source, { ...changed({}), order: "shared" }, 20, 1);
  const orderIn = (epoch: number) => {
    split.beginEpoch(epoch);
    split.images.forEach((value, i) => assertEquals(value, 10 * (1 + split.labels[i])));
    return [...split.labels];
  };
  const [first, second] = [orderIn(1), orderIn(2)];
  assert(String(first) !== String(second));
  assertEquals([...first].sort((a, b) => a - b), [...source.labels]);
});

Deno.test("cutout blackens a square, which is cut off at the edges", () => {
  const split = new AugmentedSplit(plain(20, 4), changed({ cutout: { size: 2 } }), 20, 1);
  split.beginEpoch(1);
  const black = Array.from(
    { length: 20 },
    (_, i) => split.images.subarray(16 * i, 16 * (i + 1)).filter((value) => value === 0).length,
  );
  assertEquals([...new Set(black)].sort(), [1, 2, 4]);
});

for (const kind of ["mixup", "cutmix"] as const) {
  Deno.test(`${kind}: an image's shares of labels are those of its pixels`, () => {
    const split = new AugmentedSplit(plain(20, 8), changed({ mixing: { kind, alpha: 1 } }), 20, 1);
    split.beginEpoch(1);
    const shares: number[] = [];
    for (let i = 0; i < 20; i++) {
      const next = (i + 1) % 20;
      const row = split.targets!.subarray(20 * i, 20 * (i + 1));
      assertAlmostEquals(row.reduce((sum, share) => sum + share), 1, 1e-6);
      assertAlmostEquals(row[i] + row[next], 1, 1e-6);
      const pixels = [...split.images.subarray(64 * i, 64 * (i + 1))];
      const mean = pixels.reduce((sum, value) => sum + value, 0) / 64;
      assertAlmostEquals(mean, row[i] * 10 * (i + 1) + row[next] * 10 * (next + 1), 0.51);
      shares.push(row[i]);
    }
    assert(Math.min(...shares) < 0.5 && Math.max(...shares) > 0.6, String(shares));
  });
}

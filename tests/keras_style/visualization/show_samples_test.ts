import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { join } from "node:path";
import * as keras from "../../../keras_style/mod.ts";
import { decodePng, ImageFileError, type Pixels } from "../../../plotting/mod.ts";
import { pauseFinalization } from "../../../keras_style/tensors/finalization.ts";
import { assertNoMoreTensors } from "../tensor_count.ts";

const NAMES = ["red", "green", "blue"];
const COLOURS = [[255, 0, 0], [0, 255, 0], [0, 0, 255]];
/** Three images [2, 2, 3] of one colour each. */
const images = {
  data: Uint8Array.from(COLOURS.flatMap((colour) => [colour, colour, colour, colour].flat())),
  shape: [3, 2, 2, 3],
};
const labels = { data: new Uint8Array([0, 1, 2]), shape: [3] };

// A tile of 2 x 2 pixels is drawn 96 units wide, with 12 around it and 22 for the label, at two pixels a unit.
const TILE = 96;
const PITCH = [TILE + 12, TILE + 22 + 12];

async function drawn(
  x: Parameters<typeof keras.showSamples>[0],
  y: Parameters<typeof keras.showSamples>[1] = labels,
  options: keras.ShowSamplesOptions = {},
): Promise<Pixels> {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "grid.png");
    const { files } = await keras.showSamples(x, y, NAMES, { path, ...options });
    assertEquals(files, [path]);
    return await decodePng(await Deno.readFile(path));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Colour at a place given in units. */
function colourAt({ data, width, channels }: Pixels, x: number, y: number): number[] {
  const begin = (2 * y * width + 2 * x) * channels;
  return [...data.subarray(begin, begin + 3)];
}

/** Colour in the middle of a tile. */
function tile(image: Pixels, row: number, col: number): number[] {
  return colourAt(image, 12 + col * PITCH[0] + TILE / 2 + 5, 12 + row * PITCH[1] + TILE / 2 + 5);
}

/** How many of the pixels under a tile are not of the ground's colour. */
function labelInk(image: Pixels, row: number, col: number): number {
  let count = 0;
  for (let y = 0; y < 20; y++) {
    for (let x = 0; x < TILE; x++) {
      const place = [12 + col * PITCH[0] + x, 13 + row * PITCH[1] + TILE + y] as const;
      if (colourAt(image, ...place)[0] < 200) count++;
    }
  }
  return count;
}

Deno.test("images stand in rows, each over its name", async () => {
  const image = await drawn(images, labels, { rows: 2, cols: 2 });
  assertEquals([image.width, image.height], [2 * (12 + 2 * PITCH[0]), 2 * (12 + 2 * PITCH[1])]);
  assertEquals([tile(image, 0, 0), tile(image, 0, 1), tile(image, 1, 0)], COLOURS);
  assertEquals(tile(image, 1, 1), [255, 255, 255]);
  assert(labelInk(image, 0, 0) > 20);
  assert(labelInk(image, 0, 0) < labelInk(image, 0, 1), "green is longer than red");
  assertEquals(labelInk(image, 1, 1), 0);
});

Deno.test("only as many as there is room for, only as wide as needed", async () => {
  const one = await drawn(images, labels, { rows: 1, cols: 1 });
  assertEquals(one.width, 2 * (12 + PITCH[0]));
  const wide = await drawn(images, labels, { rows: 1, cols: 9 });
  assertEquals(wide.width, 2 * (12 + 3 * PITCH[0]));
});

Deno.test("pixels keep their edges", async () => {
  const checked = { data: new Uint8Array([0, 255, 255, 0]), shape: [1, 2, 2, 1] };
  const image = await drawn(checked, [0]);
  const [left, right] = [12 + TILE / 2 - 1, 12 + TILE / 2];
  assertEquals(colourAt(image, left, 20), [0, 0, 0]);
  assertEquals(colourAt(image, right, 20), [255, 255, 255]);
});

Deno.test("tensors, floats, integers and grey images all mean the same colours", async () => {
  const bytes = tf.tensor4d(images.data, [3, 2, 2, 3], "int32");
  const floats = tf.div(tf.cast(bytes, "float32"), 255);
  const expected = await drawn(images);
  for (const x of [bytes, floats, { ...images, divideBy: 255 }, await floats.array()]) {
    assertEquals((await drawn(x as tf.Tensor)).data, expected.data);
  }
  const grey = await drawn({ data: new Float32Array([0.5, 0.5, 0.5, 0.5]), shape: [1, 2, 2] }, [0]);
  assertEquals(tile(grey, 0, 0), [128, 128, 128]);
  assertNotEquals(grey.data, expected.data);
  // Classes in a column, as Keras' own CIFAR-10 has them.
  const column = await drawn(images, tf.tensor2d([[0], [1], [2]], [3, 1], "int32"));
  assertEquals(column.data, expected.data);
  tf.dispose([bytes, floats]);
});

Deno.test("of a tensor no more is held than was given", async () => {
  using _paused = pauseFinalization();
  const x = tf.ones([5, 2, 2, 3]);
  const before = tf.memory().numTensors;
  await drawn(x, [0, 1, 2, 0, 1], { rows: 1, cols: 2 });
  assertNoMoreTensors(before);
  x.dispose();
});

Deno.test("the grid is shown where images can be, unless that is not wanted", async () => {
  const written: string[] = [];
  const terminal = {
    protocol: "iterm2",
    write: (text: string) => void written.push(text),
  } as const;
  await drawn(images, labels, { terminal });
  await drawn(images, labels, { terminal, show: false });
  assertEquals(written.length, 1);
  assert(written[0].startsWith("\x1b]1337;File=inline=1"));
});

Deno.test("a title takes its own line, a theme its colours", async () => {
  const plain = await drawn(images);
  const titled = await drawn(images, labels, { title: "Three < four & more", theme: "dark" });
  assertEquals(titled.height, plain.height + 60);
  assertEquals(colourAt(titled, 1, 1), [0x16, 0x18, 0x1b]);
});

Deno.test("bad input is named before anything is written", async () => {
  const floats = new Float32Array(12).fill(0.5);
  floats[7] = 137;
  const image = { data: floats, shape: [1, 2, 2, 3] };
  const cases: [() => Promise<unknown>, typeof RangeError, string][] = [
    [
      () => drawn(image, [0]),
      RangeError,
      "images[0, 1, 0, 1] is 137, expected floats from 0 to 1",
    ],
    [() => drawn({ ...image, data: floats.fill(NaN) }, [0]), RangeError, "is NaN"],
    [() => drawn(tf.tensor4d([[[[300]]]], undefined, "int32"), [0]), RangeError, "is 300"],
    [() => drawn({ data: new Uint8Array(8), shape: [1, 2, 2, 2] }, [0]), RangeError, "[1,2,2,2]"],
    [() => drawn({ data: new Uint8Array(0), shape: [0, 2, 2, 3] }, [0]), RangeError, "[0,2,2,3]"],
    [() => drawn(tf.scalar(1)), RangeError, "images has shape []"],
    [() => drawn(images, [0, 1, 3]), RangeError, "labels[2] is 3, expected a class from 0 to 2"],
    [() => drawn(images, [0, 0.5, 1]), RangeError, "labels[1] is 0.5"],
    [() => drawn(images, [0, 1]), RangeError, "labels has shape [2]"],
    [() => drawn(images, [[0, 1], [0, 1], [0, 1]]), RangeError, "labels has shape [3,2]"],
    [() => drawn(images, labels, { rows: 0 }), RangeError, "rows is 0"],
    [() => drawn(images, labels, { cols: 1.5 }), RangeError, "cols is 1.5"],
    [() => drawn(images, labels, { path: "x.jpg" }), TypeError, 'path is "x.jpg"'],
    [() => drawn(images, labels, { theme: "pink" as "dark" }), TypeError, 'theme is "pink"'],
    [() => drawn("cat" as never), TypeError, "images is cat"],
  ];
  for (const [run, kind, message] of cases) await assertRejects(run, kind, message);
  const nowhere = "deno.json/x.png";
  await assertRejects(() => drawn(images, labels, { path: nowhere }), ImageFileError, nowhere);
});

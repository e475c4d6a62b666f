import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { defaultRuntime } from "../../../onnx/mod.ts";
import * as torch from "../../../torch_style/mod.ts";

const { DataLoader, TensorDataset } = torch.data;

/** Sample i is the row [i, 10 i] with label i. */
function numbered(count: number): torch.data.TensorDataset {
  const rows = torch.tensor(Array.from({ length: count }, (_, i) => [i, 10 * i]));
  return new TensorDataset(rows.float(), torch.arange(count));
}

async function labelsOf(loader: torch.data.DataLoader): Promise<number[][]> {
  const batches: number[][] = [];
  for (const [, y] of loader) batches.push(Array.from(await y.data(), Number));
  return batches;
}

Deno.test("batches come in order, the last one smaller, samples and labels together", async () => {
  const loader = new DataLoader(numbered(7), { batchSize: 3 });
  assertEquals(loader.length, 3);
  assertEquals(await labelsOf(loader), [[0, 1, 2], [3, 4, 5], [6]]);
  for (const [x, y] of loader) {
    const labels = Array.from(await y.data(), Number);
    assertEquals(await x.tolist(), labels.map((i) => [i, 10 * i]));
  }
});

Deno.test("dropLast leaves out a batch that is not full", async () => {
  const loader = new DataLoader(numbered(7), { batchSize: 3, dropLast: true });
  assertEquals(loader.length, 2);
  assertEquals(await labelsOf(loader), [[0, 1, 2], [3, 4, 5]]);
});

Deno.test("shuffle: every sample once, another order each pass, the same orders for a seed", async () => {
  const passes = async () => {
    const loader = new DataLoader(numbered(50), { batchSize: 50, shuffle: true, seed: 3 });
    return [(await labelsOf(loader))[0], (await labelsOf(loader))[0]];
  };
  const [first, second] = await passes();
  assertEquals([...first].sort((a, b) => a - b), Array.from({ length: 50 }, (_, i) => i));
  assertNotEquals(first, second);
  assertEquals(await passes(), [first, second]);
});

Deno.test("shuffle without a seed follows manualSeed", async () => {
  const order = (seed: number) => {
    torch.manualSeed(seed);
    return labelsOf(new DataLoader(numbered(20), { batchSize: 20, shuffle: true }));
  };
  assertEquals(await order(1), await order(1));
  assertNotEquals(await order(1), await order(2));
});

Deno.test("a dataset of one's own is asked sample by sample and stacked", async () => {
  const squares: torch.data.Dataset = {
    length: 4,
    getItem: (i) => [torch.tensor([i, i * i]), torch.tensor(i)],
  };
  const [[x, y]] = new DataLoader(squares, { batchSize: 4 });
  assertEquals(await x.tolist(), [[0, 0], [1, 1], [2, 4], [3, 9]]);
  assertEquals(await y.tolist(), [0, 1, 2, 3]);
});

Deno.test("taking batches never runs a session", async () => {
  const before = defaultRuntime().statistics;
  const images = torch.rand([200, 3, 32, 32]);
  await labelsOf(new DataLoader(new TensorDataset(images, torch.arange(200)), { batchSize: 32 }));
  assertEquals(defaultRuntime().statistics.runs, before.runs);
});

Deno.test("bad batch sizes, empty and ragged datasets are named", () => {
  assertThrows(() => new DataLoader(numbered(3), { batchSize: 0 }), Error, "but got 0");
  assertThrows(
    () => new DataLoader(numbered(3), { batchSize: 1.5 }),
    Error,
    "batchSize is 1.5, expected an integer",
  );
  assertThrows(
    () => new DataLoader(new TensorDataset(torch.zeros([0, 2]))),
    Error,
    "the dataset is empty",
  );
  assertThrows(
    () => new TensorDataset(torch.zeros([3, 2]), torch.zeros([4])),
    Error,
    "Size mismatch between tensors: 4 and 3",
  );
});

Deno.test("ImageDataset: channels first, bytes 0..255 to -1..1, labels int64", async () => {
  const bytes = Uint8Array.from({ length: 2 * 2 * 2 * 3 }, (_, i) => i);
  bytes[23] = 255;
  const split = {
    images: bytes,
    labels: Uint8Array.of(4, 9),
    count: 2,
    imageShape: [2, 2, 3] as const,
  };
  const images = new torch.ImageDataset(split);
  const [x, y] = images.getItems(Int32Array.of(1, 0));
  assertEquals([...x.shape], [2, 3, 2, 2]);
  assertEquals(await y.tolist(), [9, 4]);
  const data = await x.data();
  const scaled = (byte: number) => Math.fround((byte / 255 - 0.5) / 0.5);
  // Image 1, red: bytes 12, 15, 18, 21; blue ends with 255.
  assertEquals([...data].slice(0, 4), [12, 15, 18, 21].map(scaled));
  assertEquals(data[11], 1);
  // Image 0, green: bytes 1, 4, 7, 10.
  assertEquals([...data].slice(16, 20), [1, 4, 7, 10].map(scaled));
  const [one, label] = images.getItem(0);
  assertEquals([...one.shape], [3, 2, 2]);
  assert(label.ndim === 0);
});

Deno.test("ImageDataset: 16 bits and floats keep their range", async () => {
  const labels = Uint8Array.of(0);
  const imageShape = [1, 2, 2] as const;
  const valuesOf = async (images: Uint16Array | Float32Array, options = {}) => {
    const split = { images, labels, count: 1, imageShape };
    return [...await new torch.ImageDataset(split, options).getItem(0)[0].data()];
  };
  const words = Uint16Array.of(0, 65535, 32768, 13107);
  // Channels first: values 0 and 2, then 1 and 3.
  assertEquals(
    await valuesOf(words, { range: [0, 1] }),
    [0, 32768 / 65535, 1, 0.2].map(Math.fround),
  );
  assertEquals(
    (await valuesOf(words)).slice(0, 3),
    [-1, 32768 / 65535 * 2 - 1, 1].map(Math.fround),
  );
  const floats = Float32Array.of(0, 1, 0.25, -3);
  assertEquals(await valuesOf(floats), [0, 0.25, 1, -3]);
  assertEquals(await valuesOf(floats, { range: [-1, 1] }), [-1, -0.5, 1, -7]);
  assertEquals(await valuesOf(floats, { maxValue: 2 }), [0, 0.125, 0.5, -1.5]);
  assertThrows(
    () => new torch.ImageDataset({ images: words, labels, count: 1, imageShape }, { maxValue: 0 }),
    RangeError,
    "maxValue is 0",
  );
});

import { assert, assertEquals, assertThrows } from "@std/assert";
import { defaultRuntime } from "../../onnx/mod.ts";
import * as torch from "../../torch_style/mod.ts";
import golden from "../golden/torch_transforms.json" with { type: "json" };
import { type GoldenCase, testCases } from "./golden.ts";

const T = torch.transforms;

testCases(golden.cases as GoldenCase[], {
  resize: ([x], { size }) => new T.Resize(size)(x.detach()),
});

/** [1, 3, 4], values 0 to 11. */
const image = torch.arange(12).float().reshape(1, 3, 4);

Deno.test("toTensor: bytes, channels last, to [0, 1], channels first", async () => {
  const data = Uint8Array.of(0, 51, 102, 153, 204, 255);
  const x = T.functional.toTensor({ data, height: 1, width: 2, channels: 3 });
  assertEquals(x.shape, [3, 1, 2]);
  assertEquals(await x.mul(5).round().tolist(), [[[0, 3]], [[1, 4]], [[2, 5]]]);
  assertThrows(
    () => T.functional.toTensor({ data, height: 2, width: 2, channels: 3 }),
    Error,
    "6 values, expected 2 x 2 x 3 = 12",
  );
});

Deno.test("toTensor: 16 bits are divided by 65535, floats by nothing, other types refused", async () => {
  const valuesOf = (data: Uint16Array | Float32Array) =>
    T.functional.toTensor({ data, height: 1, width: 3, channels: 1 }).tolist();
  assertEquals(await valuesOf(Uint16Array.of(0, 13107, 65535)), [[[0, Math.fround(0.2), 1]]]);
  assertEquals(await valuesOf(Float32Array.of(-2, 0.5, 300)), [[[-2, 0.5, 300]]]);
  const data = Int16Array.of(1, 2, 3) as never;
  assertThrows(
    () => valuesOf(data),
    TypeError,
    "toTensor: data is Int16Array, expected Uint8Array",
  );
});

Deno.test("normalize, channel by channel", async () => {
  const x = torch.tensor([[[1, 2]], [[10, 20]]]).float();
  assertEquals(await new T.Normalize([1, 10], [1, 5])(x).tolist(), [[[0, 1]], [[0, 2]]]);
  assertThrows(() => new T.Normalize([0], [0]), Error, "division by zero");
  assertThrows(() => new T.Normalize([0], [1])(x), Error, "1 means for an image of 2 channels");
});

Deno.test("pad, crop in the middle, flip", async () => {
  assertEquals(await new T.Pad(1, 9)(image).select(0, 0).tolist(), [
    [9, 9, 9, 9, 9, 9],
    [9, 0, 1, 2, 3, 9],
    [9, 4, 5, 6, 7, 9],
    [9, 8, 9, 10, 11, 9],
    [9, 9, 9, 9, 9, 9],
  ]);
  assertEquals(await new T.CenterCrop([1, 2])(image).tolist(), [[[5, 6]]]);
  // Halves go to the even row and column: 0.5 to 0, 1.5 to 2.
  assertEquals(await new T.CenterCrop([2, 1])(image).tolist(), [[[2], [6]]]);
  assertEquals(await new T.RandomHorizontalFlip(1)(image).tolist(), await image.flip(2).tolist());
  assertEquals(new T.RandomHorizontalFlip(0)(image), image);
  // Around a smaller image there are zeros, the odd one behind it.
  assertEquals(await new T.CenterCrop([4, 2])(image).tolist(), [
    [[1, 2], [5, 6], [9, 10], [0, 0]],
  ]);
  assertEquals(await new T.CenterCrop([1, 7])(image).tolist(), [[[0, 4, 5, 6, 7, 0, 0]]]);
});

Deno.test("Resize by one number keeps the proportions, RandomResizedCrop makes a square of it", async () => {
  const tall = image.transpose(1, 2);
  for (const [size, long] of [[2, 2], [5, 6], [6, 8], [3, 4]]) {
    assertEquals(new T.Resize(size)(image).shape, [1, size, long]);
    assertEquals(new T.Resize(size)(tall).shape, [1, long, size]);
    const [whole, pair] = [new T.Resize(size), new T.Resize([size, long])].map((t) => t(image));
    assertEquals(await whole.tolist(), await pair.tolist());
    assertEquals(new T.RandomResizedCrop(size)(image).shape, [1, size, size]);
  }
});

Deno.test("randomCrop finds every place, padding included, the same for a seed", async () => {
  const crop = new T.RandomCrop(2, { padding: 1, fill: -1 });
  const draw = async () => {
    torch.manualSeed(4);
    const seen: string[] = [];
    for (let i = 0; i < 200; i++) seen.push(String(await crop(image).tolist()));
    return seen;
  };
  const seen = await draw();
  // 3 x 4 with a border of 1 has 4 x 5 indices for a window of 2 x 2.
  assertEquals(new Set(seen).size, 20);
  assertEquals(await draw(), seen);
  assert(seen.includes("-1,-1,-1,0"));
});

Deno.test("compose runs in order and starts no session", () => {
  const before = defaultRuntime().statistics.runs;
  const prepare = new T.Compose([
    new T.ToTensor(),
    new T.Resize(8),
    new T.RandomCrop(6),
    new T.RandomHorizontalFlip(),
    new T.Lambda((x) => x.add(0)),
    new T.Normalize([0.5, 0.5, 0.5], [0.5, 0.5, 0.5]),
  ]);
  const x = prepare({ data: new Uint8Array(4 * 4 * 3), height: 4, width: 4, channels: 3 });
  assertEquals(x.shape, [3, 6, 6]);
  assertEquals(defaultRuntime().statistics.runs, before);
});

Deno.test("what is no image is named", () => {
  assertThrows(
    () => new T.Resize(4)(torch.zeros([4, 4])),
    Error,
    "Resize: expected a float32 image [channels, height, width], got float32[4, 4]",
  );
  assertThrows(() => new T.Resize(0), Error, "Resize: size is 0");
  assertThrows(() => new T.RandomHorizontalFlip(2), Error, "p is 2");
});

Deno.test("classes are made with new, carry their names; functionals change one image as told", async () => {
  assertThrows(
    () => (T.Normalize as unknown as (...given: unknown[]) => unknown)([0], [1]),
    TypeError,
    "Normalize is a class: new Normalize(...)",
  );
  assertEquals(new T.Normalize([0], [1]).name, "Normalize");
  const { functional: F } = T;
  for (
    const [changed, expected] of [
      [F.normalize(image, [1], [2]), new T.Normalize([1], [2])(image)],
      [F.pad(image, 1), new T.Pad(1)(image)],
      [F.centerCrop(image, 2), new T.CenterCrop(2)(image)],
      [F.resize(image, 5), new T.Resize(5)(image)],
      [F.hflip(image), new T.RandomHorizontalFlip(1)(image)],
      [F.vflip(image), new T.RandomVerticalFlip(1)(image)],
      [F.rotate(image, 30), new T.RandomRotation([30, 30])(image)],
    ]
  ) assertEquals(await changed.tolist(), await expected.tolist());
  assertEquals(new T.Grayscale()(torch.rand(3, 4, 4)).shape, [1, 4, 4]);
  assertThrows(() => new T.RandomRotation([3, -3]), Error, "degrees is 3,-3");
});

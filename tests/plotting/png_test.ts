import { assertEquals, assertRejects } from "@std/assert";
import { decodePng, encodePng } from "../../plotting/mod.ts";

Deno.test("pixels come back from a PNG, whatever their channels", async () => {
  for (const channels of [1, 2, 3, 4]) {
    const data = Uint8Array.from({ length: 3 * 2 * channels }, (_, i) => (i * 37) % 256);
    const pixels = { data, width: 3, height: 2, channels };
    assertEquals(await decodePng(await encodePng(pixels)), pixels);
  }
});

Deno.test("pixels that do not fit are refused", async () => {
  const data = new Uint8Array(12);
  await assertRejects(
    () => encodePng({ data, width: 0, height: 2, channels: 3 }),
    RangeError,
    "width is 0",
  );
  await assertRejects(
    () => encodePng({ data, width: 2, height: 2, channels: 5 }),
    RangeError,
    "channels is 5",
  );
  await assertRejects(
    () => encodePng({ data, width: 2, height: 2, channels: 4 }),
    RangeError,
    "has 12 bytes, expected 16",
  );
});

Deno.test("what is no PNG, or a damaged one, is refused", async () => {
  await assertRejects(() => decodePng(new Uint8Array(20)), TypeError, "not those of a PNG");
  const png = await encodePng({ data: new Uint8Array(48), width: 4, height: 4, channels: 3 });
  await assertRejects(() => decodePng(png.subarray(0, 40)), TypeError, "decodePng");
  const damaged = png.slice();
  damaged[45] ^= 255;
  await assertRejects(() => decodePng(damaged), TypeError, "decodePng");
});

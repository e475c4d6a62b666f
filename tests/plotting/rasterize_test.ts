import { assert, assertAlmostEquals, assertEquals, assertLess, assertRejects } from "@std/assert";
import {
  decodePng,
  element,
  escapeXml,
  rasterize,
  svgDocument,
  textMeasure,
} from "../../plotting/mod.ts";

const square = svgDocument({ width: 4, height: 2, name: "square" }, [
  element("rect", { width: 2, height: 2, fill: "#ff0000" }),
]);

async function pixel(png: Uint8Array, x: number, y: number): Promise<number[]> {
  const { data, width, channels } = await decodePng(png);
  const begin = (y * width + x) * channels;
  return [...data.subarray(begin, begin + channels)];
}

Deno.test("an SVG becomes the pixels it describes", async () => {
  const png = await rasterize(square);
  assertEquals(await pixel(png, 0, 0), [255, 0, 0, 255]);
  assertEquals((await pixel(png, 3, 1))[3], 0);
  const onBlue = await rasterize(square, { scale: 3, background: "#0000ff" });
  const { width, height } = await decodePng(onBlue);
  assertEquals([width, height], [12, 6]);
  assertEquals(await pixel(onBlue, 11, 5), [0, 0, 255, 255]);
});

Deno.test("text is drawn in our font whatever family is named, where it was measured to be", async () => {
  const widthOf = await textMeasure();
  const size = 20;
  for (const text of ["accuracy", "Gänse ±0.5 →", "(None, 32, 32)"]) {
    const style = { x: 5, y: 25, "font-size": size, "font-family": "Nowhere" };
    const once = await inkWidth(element("text", style, text));
    const twice = await inkWidth(element("text", style, text + text));
    assertAlmostEquals(twice - once, widthOf(text, { size }), 1.5);
  }
  assertEquals(widthOf("", { size }), 0);
  assertAlmostEquals(
    widthOf("a b", { size }),
    widthOf("ab", { size }) + widthOf(" ", { size }),
    0.5,
  );
  assertLess(2, widthOf(" ", { size }));
  assertLess(widthOf("loss", { size }), widthOf("loss", { size, weight: 600 }));
});

/** From the first to the last column that is not white. */
async function inkWidth(content: string): Promise<number> {
  const svg = svgDocument({ width: 400, height: 40, name: "text" }, [content]);
  const { data, width, height, channels } = await decodePng(
    await rasterize(svg, { background: "white" }),
  );
  const columns = Array.from({ length: width }, (_, x) => x).filter((x) =>
    Array.from({ length: height }, (_, y) => data[(y * width + x) * channels]).some((v) => v < 250)
  );
  return columns.length === 0 ? 0 : columns.at(-1)! - columns[0] + 1;
}

Deno.test("what cannot be drawn is refused with its reason", async () => {
  await assertRejects(() => rasterize("<nothing"), TypeError, "no SVG that can be drawn");
  await assertRejects(() => rasterize(square, { scale: 0 }), RangeError, "scale is 0");
  await assertRejects(() => rasterize(square, { scale: 1e5 }), RangeError, "at most 64 million");
  assert((await rasterize(square)).length > 0);
});

Deno.test("words cannot break out of an element", async () => {
  const hostile = `</text><rect width="9" height="9"/>&"\x00\ud800`;
  const text = element("text", { "data-name": hostile }, escapeXml(hostile));
  assertEquals(
    text,
    `<text data-name="&lt;/text&gt;&lt;rect width=&quot;9&quot; height=&quot;9&quot;/&gt;&amp;&quot;\ufffd\ufffd">` +
      `&lt;/text&gt;&lt;rect width=&quot;9&quot; height=&quot;9&quot;/&gt;&amp;&quot;\ufffd\ufffd</text>`,
  );
  await rasterize(svgDocument({ width: 9, height: 9, name: hostile }, [text]));
});

import {
  assert,
  assertEquals,
  assertLess,
  assertMatch,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import { type ChartSpec, decodePng, rasterize, renderChart } from "../../plotting/mod.ts";

const bars = (values: readonly number[]): ChartSpec => ({
  description: `Time of "a" & b in $& and $'`,
  width: 100,
  height: 40,
  data: { values: values.map((seconds, i) => ({ style: `style ${i}`, seconds })) },
  mark: { type: "bar", clip: true },
  encoding: {
    y: { field: "style", type: "nominal", title: null },
    x: { field: "seconds", type: "quantitative", scale: { domain: [0, 10] } },
  },
});

/** Widths of the bars, read from their paths. */
function barWidths(svg: string): number[] {
  return [...svg.matchAll(/aria-roledescription="bar" d="M0,\d+h([\d.]+)v/g)].map((m) =>
    Number(m[1])
  );
}

Deno.test("a chart draws its values to scale and names itself", async () => {
  const svg = await renderChart(bars([5, 10]));
  assertEquals(barWidths(svg), [50, 100]);
  assertMatch(
    svg,
    /^<svg role="img" aria-label="Time of &quot;a&quot; &amp; b in \$&amp; and \$'" /,
  );
  const { data, width, height, channels } = await decodePng(await rasterize(svg));
  assertEquals([data[0], data[1], data[2]], [255, 255, 255]);
  assert(width > 100 && height > 40 && channels === 4);
});

Deno.test("the same chart is the same text, also when several are asked for at once", async () => {
  const [first, other, again] = await Promise.all(
    [bars([1]), bars([2]), bars([1])].map((s) => renderChart(s)),
  );
  assertEquals(again, first);
  assertNotEquals(other, first);
});

Deno.test("ids of two charts in one page can be told apart", async () => {
  const [plain, prefixed] = await Promise.all([
    renderChart(bars([1])),
    renderChart(bars([1]), { idPrefix: "time-" }),
  ]);
  assertMatch(plain, /url\(#clip1\)/);
  assertMatch(prefixed, /url\(#time-clip1\)/);
  assertMatch(prefixed, / id="time-clip1"/);
  assert(!/(id="|#)clip/.test(prefixed));
  await assertRejects(
    () => renderChart(bars([1]), { idPrefix: "1 b" }),
    TypeError,
    'idPrefix is "1 b"',
  );
});

Deno.test("a theme colours what the specification leaves open", async () => {
  const dark = await renderChart(bars([1]), { theme: "dark" });
  assertMatch(dark, /<rect width="\d+" height="\d+" fill="#16181b"\/>/);
  const open = await renderChart(bars([1]), { theme: "dark", ground: false });
  assert(!open.includes("#16181b"));
  const own = await renderChart({ ...bars([1]), background: "#123456" } as ChartSpec);
  assertMatch(own, /fill="#123456"/);
  await assertRejects(() => renderChart(bars([1]), { theme: "pink" as "dark" }), TypeError, "pink");
});

Deno.test("room for labels is measured, not guessed", async () => {
  const width = (svg: string) => Number(svg.match(/ width="([\d.]+)"/)![1]);
  const named = (style: string) =>
    renderChart({ ...bars([]), data: { values: [{ style, seconds: 1 }] } } as ChartSpec);
  const narrow = width(await named("illillillillill"));
  const wide = width(await named("WMWWMWWMWWMWWMW"));
  assertLess(narrow + 50, wide);
});

Deno.test("what cannot be drawn is refused with its reason", async () => {
  const elsewhere = { ...bars([]), data: { url: "https://example.org/x.json" } } as ChartSpec;
  await assertRejects(() => renderChart(elsewhere), TypeError, "expected its data inside");
  const file = { ...bars([]), data: { url: "deno.json" } } as ChartSpec;
  await assertRejects(() => renderChart(file), TypeError, "expected its data inside");
  await assertRejects(() => renderChart({} as ChartSpec), TypeError, "cannot be drawn");
  // The next one is drawn all the same.
  assertEquals(barWidths(await renderChart(bars([5]))), [50]);
});

Deno.test("oddities go to whoever asks for them", async () => {
  const odd: string[] = [];
  const spec = {
    ...bars([1]),
    encoding: { x: { field: "seconds", type: "quantitative" }, colour: {} },
  };
  await renderChart(spec as unknown as ChartSpec, { onWarning: (text) => odd.push(text) });
  assertMatch(odd.join(), /colour/);
});

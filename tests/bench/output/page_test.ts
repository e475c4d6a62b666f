/** The page as text: whole, named, closed off from the network, and safe against the report it is made from. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { chartsOf } from "../../../bench/output/charts/mod.ts";
import { Html, html } from "../../../bench/output/page/html.ts";
import { reportPage } from "../../../bench/output/page/mod.ts";
import type { Report } from "../../../bench/results/report.ts";
import { encodePng } from "../../../plotting/mod.ts";
import { reportOf, reportsOfAllKinds } from "./page_reports.ts";

async function pageOf(report: Report): Promise<string> {
  return await reportPage(report, await chartsOf(report));
}

/** The tags of a page, less what stands inside of its style. */
function tagsOf(page: string) {
  const body = page.replace(/<style>[^<]*<\/style>/, "");
  return [...body.matchAll(/<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+="[^"<>]*")*)\s*(\/?)>/g)].map(
    ([all, end, name, attributes, alone]) => ({
      all,
      end: end === "/",
      name,
      alone: alone === "/",
      attributes: new Map(
        [...attributes.matchAll(/([\w:-]+)="([^"]*)"/g)].map((m) => [m[1], m[2]]),
      ),
    }),
  );
}

const voids = new Set(["meta", "img"]);

/** Tags that do not close in the order in which they open, or text that looks like a tag. */
function malformed(page: string): string[] {
  const open: string[] = [];
  const faults: string[] = [];
  const tags = tagsOf(page);
  for (const { end, name, alone, all } of tags) {
    if (end) {
      const last = open.pop();
      if (last !== name) faults.push(`${all} closes ${last}`);
    } else if (!alone && !voids.has(name)) open.push(name);
  }
  const angles = page.replace(/<style>[^<]*<\/style>/, "").match(/</g)!.length;
  // The doctype and the two tags of the style are none of the list.
  if (angles !== tags.length + 1) faults.push(`${angles} angle brackets, ${tags.length} tags`);
  return [...faults, ...open.map((name) => `${name} is left open`)];
}

for (const [name, report] of await reportsOfAllKinds()) {
  Deno.test(`page, ${name}: well-formed, named, headings in order, nothing from elsewhere`, async () => {
    const page = await pageOf(report);
    assertEquals(malformed(page), []);
    const tags = tagsOf(page).filter(({ end }) => !end);
    const ids = tags.flatMap(({ attributes }) => attributes.get("id") ?? []);
    assertEquals(ids.length, new Set(ids).size, "an id stands twice");
    const levels = tags.flatMap(({ name }) => /^h([1-6])$/.exec(name)?.[1] ?? []).map(Number);
    assertEquals(levels.filter((level) => level === 1).length, 1);
    levels.forEach((level, i) => assert(i === 0 || level <= levels[i - 1] + 1, `${levels}`));
    const unnamed = tags.filter(({ name, attributes }) =>
      (name === "img" && !attributes.get("alt")) ||
      (name === "svg" && !attributes.get("aria-label"))
    );
    assertEquals(unnamed.map(({ all }) => all), []);
    const targets = [...page.matchAll(/href="#([^"]*)"/g)].map((m) => m[1]);
    assertEquals(targets.filter((target) => !ids.includes(target)), []);
    const addresses = tags.flatMap(({ attributes }) =>
      [...attributes].filter(([key, value]) =>
        ["src", "href", "srcset", "action", "style", "xlink:href"].includes(key) &&
        !/^(#|data:image\/png;base64,)/.test(value)
      )
    );
    assertEquals(addresses, []);
    assertEquals(page.match(/url\((?!#)[^)]*\)|@import/g), null);
    assertEquals(
      page.match(/https?:\/\/(?!www\.w3\.org\/(2000\/svg|1999\/xlink)")[^\s"<]*/g),
      null,
    );
    assertEquals(
      tags.filter(({ name }) => ["script", "link", "iframe", "object"].includes(name)),
      [],
    );
    assertMatch(page, /Content-Security-Policy" content="default-src 'none'; img-src data:;/);
    assert(page.length < 1_500_000, `${page.length} characters`);
  });
}

Deno.test("page: words of a report stay words", async () => {
  const report = await reportOf("compare", 2);
  const evil = `<script>alert("1")</script>&'"]`;
  report.datasets[0].title = evil;
  report.datasets[0].notice = evil;
  report.datasets[0].classNames[0] = evil;
  report.environment.cpuModel = evil;
  report.environment.packages[evil] = evil;
  report.options.dataDir = evil;
  report.environment.gitCommit = evil;
  report.arguments.push(evil);
  report.notes.push(evil);
  for (const result of report.results) {
    result.notes.push(evil);
    result.engine = evil;
    for (const worst of result.worst) worst.actual = evil;
  }
  report.results[0].error = evil;
  const page = await pageOf(report);
  assertEquals(malformed(page), []);
  assert(!page.includes("<script"), "a script");
  assertStringIncludes(page, "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;&quot;]");
  for (const attribute of page.matchAll(/ on\w+="/g)) throw new Error(`an event: ${attribute}`);
});

Deno.test("page: what is no PNG becomes no image", async () => {
  const good = (await encodePng({ data: new Uint8Array(12), width: 2, height: 2, channels: 3 }))
    .toBase64();
  const large = (await encodePng({ data: new Uint8Array(300), width: 300, height: 1, channels: 1 }))
    .toBase64();
  const svg = btoa(`<svg xmlns="http://www.w3.org/2000/svg"/>`);
  const shown = async (images: string[]) => {
    const report = await reportOf("compare", 1);
    for (const result of report.results) result.worst = [];
    report.results[0].worst = [{ actual: "ship", predicted: "truck", count: 9, images }];
    const page = await pageOf(report);
    return tagsOf(page).filter(({ name }) => name === "img").map(({ attributes }) =>
      [attributes.get("alt"), attributes.get("width"), attributes.get("src")?.slice(0, 30)].join()
    );
  };
  assertEquals(await shown([good]), [
    `ship taken for truck, image 1,2,data:image/png;base64,${good.slice(0, 8)}`,
  ]);
  assertEquals(await shown([svg, large, good.slice(0, -12), `${good}" onerror="x`, "", "A"]), []);
});

Deno.test("page: an incomplete report says what is missing", async () => {
  const report = await reportOf("compare", 2);
  report.results.pop();
  report.complete = false;
  const page = await pageOf(report);
  assertStringIncludes(page, "<strong>Incomplete:</strong>");
  assertMatch(page, /missing: [\w-]+\/seed-2/);
});

Deno.test("html: parts are escaped, but for HTML; nothing is nothing, lists are joined", () => {
  const bold = html`<b>${"a<b"}</b>`;
  assert(bold instanceof Html);
  assertEquals(
    html`<p title="${`"'&`}">${null}${undefined}${0}${[bold, "<i>"]}</p>`.text,
    `<p title="&quot;&#39;&amp;">0<b>a&lt;b</b>&lt;i&gt;</p>`,
  );
});

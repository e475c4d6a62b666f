/**
 * The page in a real browser; its own task, `deno task test:browser`, for it needs Chromium and the right to start it.
 */
import { assert, assertEquals } from "@std/assert";
import axe from "axe-core";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import puppeteer, { type Browser, type Page, type SerializedAXNode } from "puppeteer-core";
import { chartsOf } from "../../../bench/output/charts/mod.ts";
import { reportPage } from "../../../bench/output/page/mod.ts";
import { themeColours } from "../../../plotting/mod.ts";
import { reportsOfAllKinds } from "./page_reports.ts";
import { NO_LINKER_VARIABLES } from "../../../onnx/runtime/linker_variables.ts";

const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

function chromium(): string {
  const found = places.find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
  if (found) return found;
  console.error(
    `no Chromium: expected one of ${places.join(", ")}; on Debian: apt-get install chromium`,
  );
  Deno.exit(1);
}

const executablePath = chromium();

/** What a page does that it should not. */
async function watched(browser: Browser, width: number, scheme: "light" | "dark") {
  const page = await browser.newPage();
  const faults: string[] = [];
  const asked: string[] = [];
  page.on("console", (message) => faults.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => faults.push(`error: ${error}`));
  page.on("request", (request) => asked.push(request.url()));
  await page.setViewport({ width, height: 800 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  return { page, faults, asked: () => asked.filter((url) => !url.startsWith("data:")) };
}

/** Elements that stick out of the page, though they do not lie in a box that scrolls. */
function overflow(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    // deno-lint-ignore no-explicit-any
    const { document, innerWidth } = globalThis as any;
    const wide = [...document.querySelectorAll("body *")].filter((element) =>
      element.getBoundingClientRect().right > innerWidth + 1 &&
      !element.closest(".scroll, .unseen, svg") && element.getClientRects().length > 0
    ).map((element) => element.outerHTML.slice(0, 100));
    return document.documentElement.scrollWidth > innerWidth ? ["the page", ...wide] : wide;
  });
}

function ground(page: Page): Promise<string> {
  // deno-lint-ignore no-explicit-any
  return page.$eval("body", (body) => (globalThis as any).getComputedStyle(body).backgroundColor);
}

/** Opens whatever folds out: what is hidden is not looked at. */
async function unfold(page: Page): Promise<void> {
  await page.$$eval("details", (all) => {
    // deno-lint-ignore no-explicit-any
    for (const one of all as any[]) one.open = true;
  });
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"];
  return await page.evaluate(async (tags) => {
    // deno-lint-ignore no-explicit-any
    const result = await (globalThis as any).axe.run({ runOnly: tags });
    // deno-lint-ignore no-explicit-any
    return result.violations.map(({ id, nodes }: any) =>
      `${id}: ${nodes.map((node: { html: string }) => node.html.slice(0, 120)).join(" | ")}`
    );
  }, tags);
}

function flat(node: SerializedAXNode): SerializedAXNode[] {
  return [node, ...(node.children ?? []).flatMap(flat)];
}

Deno.test({
  name: "the page in Chromium: phone and desk, light and dark",
  // The browser's pipes and sockets are closed by the time it has ended, not by the time close() returns.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async (t) => {
    const folder = await Deno.makeTempDir();
    // Chromium refuses its sandbox to root, as containers run.
    const args = Deno.uid() === 0 ? ["--no-sandbox"] : [];
    const browser = await puppeteer.launch({
      executablePath,
      args,
      env: { ...Deno.env.toObject(), ...NO_LINKER_VARIABLES },
    });
    try {
      for (const [name, report] of await reportsOfAllKinds()) {
        const path = join(folder, "report.html");
        const charts = await chartsOf(report);
        await Deno.writeTextFile(path, await reportPage(report, charts));
        const samples = report.results.flatMap(({ worst }) => worst.flatMap((one) => one.images));
        for (const width of [360, 1280]) {
          for (const scheme of ["light", "dark"] as const) {
            await t.step(`${name}, ${width} pixels, ${scheme}`, async () => {
              const { page, faults, asked } = await watched(browser, width, scheme);
              const address = pathToFileURL(path).href;
              await page.goto(address, { waitUntil: "load" });
              assertEquals(await overflow(page), []);
              await unfold(page);
              assertEquals(await overflow(page), []);
              const nodes = flat((await page.accessibility.snapshot({ interestingOnly: false }))!);
              const images = nodes.filter(({ role }) => role === "image" || role === "img");
              assertEquals(images.length, charts.length + samples.length);
              for (const { description } of charts) {
                assert(
                  images.some(({ name }) => name === description),
                  `no image: ${description}`,
                );
              }
              assert(images.every(({ name }) => name), "an image without a name");
              assertEquals(await ground(page), colour(themeColours(scheme).ground));
              // Each width and each scheme once: a look at a page takes axe a second.
              if ((width === 360) === (scheme === "light")) {
                assertEquals(await violations(page), []);
              }
              // On paper: as wide as A4 less its margins, always on light ground.
              await page.emulateMediaType("print");
              await page.setViewport({ width: 720, height: 800 });
              assertEquals(await overflow(page), []);
              assertEquals(await ground(page), colour(themeColours("light").ground));
              assertEquals(asked(), [address]);
              assertEquals(faults, []);
              await page.close();
            });
          }
        }
      }
    } finally {
      await browser.close();
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** `#102030` as a browser writes it. */
function colour(hex: string): string {
  const parts = [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16));
  return `rgb(${parts.join(", ")})`;
}

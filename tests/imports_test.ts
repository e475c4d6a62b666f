/**
 * The design's layout, checked on the files: imports form no circle, arrows between folders point the way that the table
 * allows, no file is longer than one idea needs, and each says what it is for.
 *
 * What is still wrong stands in the KNOWN lists, which only ever get shorter: whoever mends an entry removes it, and a test
 * fails on an entry that nothing needs any more.
 */
import { assertEquals } from "@std/assert";
import denoConfig from "../deno.json" with { type: "json" };
import { circles, importGraph, projectFiles, showCircle } from "./import_graph.ts";
import { inFolder } from "./in_folder.ts";
import { pathToFileURL } from "node:url";

/** What each folder may import beside itself. Folders that are not named may import all. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  onnx: [],
  keras_style: ["onnx", "plotting"],
  torch_style: ["onnx"],
  fixtures: [],
  plotting: [],
};

/** The folder of a style that holds users' programs: they import the whole, as users do. */
const EXAMPLES = "examples";

/** Folders that `deno.json` links in place of packages: importing one is importing a package. */
const PACKAGES: readonly string[] = denoConfig.links.map((link) => `${link.slice(2)}/`);

/** The longest a file may be, in lines. */
const MOST_LINES = 400;

/** Folders with circles inside. */
const KNOWN_CIRCLES: readonly string[] = [];

/** Folders with arrows that the table forbids, and what those point at. */
const KNOWN_ARROWS: readonly string[] = [];

/** Files that are too long. */
const KNOWN_LONG: readonly string[] = [];

const graph = await importGraph();

/** Faults but for those of known places, and known places without a fault. */
function difference(faults: ReadonlyMap<string, string>, known: readonly string[]) {
  return {
    new: [...faults].filter(([place]) => !known.includes(place)).map(([, fault]) => fault),
    mended: known.filter((place) => !faults.has(place)),
  };
}

const NONE = { new: [], mended: [] };

/** The known folder that a circle lies in, or its first file. */
function placeOf(circle: readonly string[]): string {
  return KNOWN_CIRCLES.find((folder) => circle.every((file) => file.startsWith(folder))) ??
    circle[0];
}

Deno.test("no circle of imports, types included", () => {
  const faults = new Map(
    circles(graph).map((members) => [placeOf(members), showCircle(members, graph)]),
  );
  assertEquals(difference(faults, KNOWN_CIRCLES), NONE);
});

Deno.test("arrows between folders point the way of the design's table", () => {
  const faults = new Map<string, string>();
  for (const [file, imported] of graph) {
    const [folder] = file.split("/");
    for (const target of imported) {
      const [other] = target.split("/");
      if (!ALLOWED[folder] || other === folder || ALLOWED[folder].includes(other)) continue;
      if (PACKAGES.some((start) => target.startsWith(start))) continue;
      if (target === "mod.ts" && file.split("/")[1] === EXAMPLES) continue;
      const place = `${file.split("/").slice(0, 2).join("/")}/ -> ${other}`;
      faults.set(place, `${file} imports ${target}`);
    }
  }
  assertEquals(difference(faults, KNOWN_ARROWS), NONE);
});

Deno.test(`no file is longer than ${MOST_LINES} lines`, () => {
  const faults = new Map<string, string>();
  for (const file of projectFiles().filter((file) => !file.startsWith("tests/golden/"))) {
    const text = Deno.readTextFileSync(new URL(`../${file}`, import.meta.url));
    const lines = text.trimEnd().split("\n").length;
    if (lines > MOST_LINES) faults.set(file, `${file} has ${lines} lines`);
  }
  assertEquals(difference(faults, KNOWN_LONG), NONE);
});

Deno.test("every module says what it is for", () => {
  const silent = projectFiles().filter((file) => !/^(tests|bench\/evidence)\//.test(file))
    .filter((file) => {
      const text = Deno.readTextFileSync(new URL(`../${file}`, import.meta.url));
      const [first] = /\/\*\*[^]*?\*\//.exec(text) ?? [""];
      return !first.includes("@module");
    });
  assertEquals(silent, []);
});

Deno.test("imports of every kind are seen, and a circle is named", async () => {
  await inFolder(async (folder) => {
    const files = {
      "value.ts": `import { b } from "./re_export.ts"; export const a = b;`,
      "re_export.ts": `export * from "./types.ts"; export const b = 1;`,
      "types.ts": `import type { C } from "./dynamic.ts"; export type D = C;`,
      "dynamic.ts": `export type C = 1; export const load = () => import("./value.ts");`,
      "apart.ts": `export type { D } from "./types.ts";`,
    };
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${folder}/${name}`, text);
    }
    const root = pathToFileURL(`${await Deno.realPath(folder)}/`);
    const small = await importGraph(Object.keys(files), root);
    const [circle, ...others] = circles(small);
    assertEquals(others, []);
    assertEquals(circle, ["dynamic.ts", "re_export.ts", "types.ts", "value.ts"]);
    assertEquals(
      showCircle(circle, small),
      "dynamic.ts -> value.ts -> re_export.ts -> types.ts -> dynamic.ts",
    );
  });
});

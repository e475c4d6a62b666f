import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "node:path";
import {
  decodePng,
  ImageFileError,
  imagePaths,
  svgDocument,
  writeImage,
  writeWhole,
} from "../../plotting/mod.ts";

const svg = svgDocument({ width: 3, height: 2, name: "nothing" }, []);

Deno.test("an image is written as PNG and SVG, over an older one, and nothing else is left", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "new", "net.png");
    await writeImage(path, "<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/>");
    const { files } = await writeImage(path, svg);
    assertEquals(files, [path, join(folder, "new", "net.svg")]);
    const { width, height } = await decodePng(await Deno.readFile(path));
    assertEquals([width, height], [6, 4]);
    assertEquals(await Deno.readTextFile(files[1]), svg);
    const names = Array.from(Deno.readDirSync(join(folder, "new")), ({ name }) => name);
    assertEquals(names.sort(), ["net.png", "net.svg"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a place that cannot be written to is named", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(folder, "file"), "");
    await Deno.mkdir(join(folder, "taken.svg"));
    for (const path of [join(folder, "file", "net.svg"), join(folder, "taken.svg")]) {
      await assertRejects(() => writeWhole(path, svg), ImageFileError, path);
    }
    assertEquals(Array.from(Deno.readDirSync(folder)).length, 2);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("one name stands for both files", () => {
  for (const path of ["a/net", "a/net.png", "a/net.svg"]) {
    assertEquals(imagePaths(path), { png: "a/net.png", svg: "a/net.svg" });
  }
  assertThrows(
    () => imagePaths("net.pdf", "plotModel: path"),
    TypeError,
    'plotModel: path is "net.pdf"',
  );
  assertThrows(() => imagePaths(""), TypeError, 'path is ""');
});

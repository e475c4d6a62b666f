import { assertEquals, assertRejects } from "@std/assert";
import { TELEMETRY_OFF, writeBeside } from "../../../onnx/mod.ts";
import { inFolder } from "../../in_folder.ts";

const namesIn = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
const part = (path: string) => `${path}.${crypto.randomUUID()}.part`;

Deno.test("what a killed process left beside a file goes with the next save; what is somebody's stays", () =>
  inFolder(async (folder) => {
    const path = `${folder}/weights`;
    const others = [`${path}.part`, `${path}.x.part`, part(`${folder}/other`)];
    for (const one of [part(path), part(path), ...others]) await Deno.writeTextFile(one, "half");
    const held = part(path);
    using file = await Deno.open(held, { write: true, createNew: true });
    await file.lock(true);
    await Deno.symlink(others[0], part(path));
    const link = namesIn(folder).find((name) => Deno.lstatSync(`${folder}/${name}`).isSymlink)!;
    await writeBeside(path, new Uint8Array([1, 2]));
    assertEquals([...await Deno.readFile(path)], [1, 2]);
    const left = [path, held, `${folder}/${link}`, ...others];
    assertEquals(namesIn(folder), left.map((one) => one.slice(folder.length + 1)).sort());
    assertEquals(await Deno.readTextFile(others[0]), "half", "no link is followed");
  }));

Deno.test("many saves of one file at once: one of them, whole, and nothing beside it", () =>
  inFolder(async (folder) => {
    const path = `${folder}/weights`;
    const save = (value: number) => writeBeside(path, new Uint8Array(100_000).fill(value));
    await Promise.all(Array.from({ length: 20 }, (_, i) => save(i)));
    const bytes = await Deno.readFile(path);
    assertEquals([bytes.length, new Set(bytes).size], [100_000, 1]);
    assertEquals(namesIn(folder), ["weights"]);
    await assertRejects(() => writeBeside(`${folder}/none/x`, bytes), Deno.errors.NotFound);
  }));

Deno.test("ONNX Runtime reports nothing to its maker", () => {
  assertEquals(Deno.env.get(TELEMETRY_OFF), "1");
});

/** The folder of a report: only what Tandem wrote is replaced or removed, and one run at a time uses it. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { OutputError, OutputFolder, proveReplaceable } from "../../../bench/output/folder.ts";
import { inFolder } from "../../in_folder.ts";
import { NO_LINKER_VARIABLES } from "../../../onnx/runtime/linker_variables.ts";

const planned = ["report.json", "report.md", "charts/fit-time.svg"];
const files = planned.map((path) => ({ path, content: `content of ${path}` }));

async function inOut(
  run: (out: string, open: (path?: string) => Promise<OutputFolder>) => Promise<void>,
): Promise<void> {
  await inFolder((out) => run(out, (path = out) => OutputFolder.open(path, planned)));
}

const there = (path: string) => Deno.lstat(path).then(() => true, () => false);

Deno.test("a run replaces its own files, again and again", () =>
  inOut(async (out, open) => {
    for (const round of [1, 2, 3]) {
      await using folder = await open();
      await folder.write(files.map(({ path }) => ({ path, content: `round ${round}` })));
    }
    assertEquals(await Deno.readTextFile(`${out}/report.md`), "round 3");
  }));

Deno.test("a file of somebody else's where one of Tandem's should go is an error before any work", () =>
  inOut(async (out, open) => {
    const cases: [string, () => Promise<unknown>][] = [
      ["report.md", () => Deno.writeTextFile(`${out}/report.md`, "mine")],
      ["report.json", () => Deno.mkdir(`${out}/report.json`)],
      ["charts/fit-time.svg", async () => {
        await Deno.mkdir(`${out}/charts`);
        await Deno.symlink("/etc/hostname", `${out}/charts/fit-time.svg`);
      }],
      [".tandem.json", () => Deno.writeTextFile(`${out}/.tandem.json`, "{}")],
    ];
    for (const [name, make] of cases) {
      await make();
      const error = await assertRejects(() => open(), OutputError);
      assertStringIncludes(error.message, `"${out}/${name}" was not written by Tandem`);
      assert(await there(`${out}/${name}`));
      await Deno.remove(`${out}/${name}`, { recursive: true });
      await Deno.remove(`${out}/charts`, { recursive: true }).catch(() => {});
    }
  }));

Deno.test("a file of Tandem's that somebody changed is theirs from then on", () =>
  inOut(async (out, open) => {
    {
      await using folder = await open();
      await folder.write(files);
    }
    await Deno.writeTextFile(`${out}/report.md`, "with my remarks");
    await assertRejects(() => open(), OutputError, "report.md");
    assertEquals(await Deno.readTextFile(`${out}/report.md`), "with my remarks");
  }));

Deno.test("of charts only Tandem's own are removed; a folder with others stays", () =>
  inOut(async (out, open) => {
    await using folder = await open();
    await folder.write([...files, { path: "charts/old.svg", content: "old" }]);
    await Deno.writeTextFile(`${out}/charts/photo.png`, "mine");
    await Deno.writeTextFile(`${out}/charts/old.png`, "mine");
    await folder.removeOthers("charts", ["charts/fit-time.svg"]);
    assertEquals([...Deno.readDirSync(`${out}/charts`)].map(({ name }) => name).sort(), [
      "fit-time.svg",
      "old.png",
      "photo.png",
    ]);
  }));

Deno.test("states: made, found again, removed; somebody else's folder is refused and stays", () =>
  inOut(async (out, open) => {
    await Deno.mkdir(`${out}/unfinished/thesis`, { recursive: true });
    await Deno.writeTextFile(`${out}/unfinished/thesis/chapter1.txt`, "draft");
    await Deno.mkdir(`${out}/unfinished/torch_seed-2`);
    {
      await using folder = await open();
      const state = await folder.stateFolder("torch/seed-1");
      assertEquals(state, `${out}/unfinished/torch_seed-1`);
      await Deno.writeTextFile(`${state}/progress.json`, "{}");
      await Deno.mkdir(`${state}/epoch-1`);
      await assertRejects(() => folder.stateFolder("torch/seed-2"), OutputError, "torch_seed-2");
      await folder.refuseForeignStates(["torch/seed-1", "torch/seed-3"]);
      await assertRejects(
        () => folder.refuseForeignStates(["torch/seed-1", "torch/seed-2"]),
        OutputError,
        "torch_seed-2",
      );
    }
    await using folder = await open();
    assert(folder.hasStates);
    assertEquals(await folder.stateFolder("torch/seed-1"), `${out}/unfinished/torch_seed-1`);
    await Deno.writeTextFile(`${out}/unfinished/torch_seed-1/notes.txt`, "mine");
    await folder.removeStates();
    assert(!folder.hasStates);
    assertEquals([...Deno.readDirSync(`${out}/unfinished/torch_seed-1`)].map(({ name }) => name), [
      "notes.txt",
    ]);
    assert(await there(`${out}/unfinished/thesis/chapter1.txt`));
  }));

Deno.test("nothing is written through a link, and what a killed run left half-written is removed", () =>
  inOut(async (out, open) => {
    const outside = `${out}/outside.txt`;
    await Deno.writeTextFile(outside, "precious");
    const inner = `${out}/inner`;
    await Deno.mkdir(inner);
    for (const name of ["report.json.part", ".tandem-probe"]) {
      await Deno.symlink(outside, `${inner}/${name}`);
    }
    {
      await using folder = await open(inner);
      await folder.write(files);
    }
    assertEquals(await Deno.readTextFile(outside), "precious");
    const left = `${inner}/report.json.${crypto.randomUUID()}.part`;
    const others = `${inner}/thesis.txt.${crypto.randomUUID()}.part`;
    for (const path of [left, others]) await Deno.writeTextFile(path, "half");
    (await open(inner))[Symbol.asyncDispose]();
    assertEquals([await there(left), await there(others)], [false, true]);
  }));

Deno.test("a file that cannot be written is named; the one before it is whole, nothing half-written stays", () =>
  inOut(async (out, open) => {
    await using folder = await open();
    await Deno.writeTextFile(`${out}/in-the-way`, "");
    const error = await assertRejects(() =>
      folder.write([
        { path: "first", content: "whole" },
        { path: "in-the-way/second", content: "lost" },
      ]), OutputError);
    assertStringIncludes(error.message, "in-the-way");
    assertEquals(await Deno.readTextFile(`${out}/first`), "whole");
    assertEquals([...Deno.readDirSync(out)].some(({ name }) => name.endsWith(".part")), false);
  }));

Deno.test("a record that names files outside of the folder is not believed", () =>
  inOut(async (out, open) => {
    const outside = { version: 1, files: { "../victim.txt": [] }, states: [] };
    await Deno.writeTextFile(`${out}/.tandem.json`, JSON.stringify(outside));
    await assertRejects(() => open(), OutputError, ".tandem.json");
  }));

const holder = fileURLToPath(new URL("./folder_holder.ts", import.meta.url));
const config = fileURLToPath(new URL("../../../deno.json", import.meta.url));

Deno.test("a folder in use is refused; the lock of a run that was killed is taken over", () =>
  inOut(async (out, open) => {
    const child = new Deno.Command("deno", {
      args: [
        ...["run", "--quiet", "--no-check", "--config", config],
        ...["--permission-set=bench", holder, out],
      ],
      env: NO_LINKER_VARIABLES,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    for await (const _ of child.stdout.values({ preventCancel: true })) break; // It says that it holds the folder.
    const error = await assertRejects(() => open(), OutputError);
    assertEquals(error.message, `--out: "${out}" is in use by another run (process ${child.pid})`);
    child.kill("SIGKILL");
    await Promise.all([child.status, child.stdout.cancel(), child.stdin.close().catch(() => {})]);
    assert(await there(`${out}/.tandem.lock`), "what it leaves");
    {
      await using _folder = await open();
      await assertRejects(() => open(), OutputError, `process ${Deno.pid}`);
    }
    assert(!await there(`${out}/.tandem.lock`));
  }));

Deno.test("a named file is replaced only where its content is Tandem's", () =>
  inFolder(async (folder) => {
    const path = `${folder}/junit.xml`;
    const isOurs = (text: string) => text.startsWith("<ours");
    await proveReplaceable("--junit", path, isOurs);
    await Deno.writeTextFile(path, "<ours/>");
    await proveReplaceable("--junit", path, isOurs);
    await Deno.writeTextFile(path, "<theirs/>");
    await assertRejects(
      () => proveReplaceable("--junit", path, isOurs),
      OutputError,
      `--junit: "${path}" was not written by Tandem`,
    );
  }));

Deno.test("a folder that was made for a run that wrote nothing goes again; one that was there stays", () =>
  inOut(async (out, open) => {
    await (await open(`${out}/a/b/c`))[Symbol.asyncDispose]();
    assertEquals(await there(`${out}/a`), false);
    await Deno.mkdir(`${out}/mine`);
    await (await open(`${out}/mine`))[Symbol.asyncDispose]();
    assertEquals(await there(`${out}/mine`), true);
    const folder = await open(`${out}/a/b`);
    await folder.write(files);
    await folder[Symbol.asyncDispose]();
    assertEquals(await there(`${out}/a/b/report.json`), true);
  }));

Deno.test("a folder that cannot be used is named in one line, before any work", async () => {
  const file = await Deno.makeTempFile();
  const places = [`${file}/inside`, file];
  // Deno keeps the system's own folders to itself.
  if (Deno.build.os === "linux") places.push("/proc/report", "/sys/report");
  for (const place of places) {
    const error = await assertRejects(() => OutputFolder.open(place, planned), OutputError);
    assertStringIncludes(error.message, `--out: cannot write into "${place}"`);
    assertEquals(error.message.split("\n").length, 1);
  }
  await Deno.remove(file);
});

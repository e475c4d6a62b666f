/** What a user's model file may do: train, and nothing else, wherever the bench runs it. */
import { assertEquals, assertMatch } from "@std/assert";
import { resolve } from "node:path";
import config from "../../../deno.json" with { type: "json" };
import { inFolder } from "../../in_folder.ts";
import { run } from "../bench_process.ts";

const tandem = new URL("../../../mod.ts", import.meta.url).href;

/** A model that tries what it may not, when it is imported, and prints what came of it. */
function hostile(outside: string): string {
  const file = JSON.stringify(outside);
  const project = JSON.stringify(resolve("README.md"));
  return `import { keras, torch } from "${tandem}";
    const tries = {
      "native code": () => Deno.dlopen("libc.so.6", { getpid: { parameters: [], result: "i32" } }),
      "native code of its own": () => Deno.dlopen(${file}, { x: { parameters: [], result: "i32" } }),
      "a file elsewhere": () => Deno.readTextFileSync(${file}),
      "a folder elsewhere": () => [...Deno.readDirSync("/")],
      "writing into the project": () => Deno.writeTextFileSync(${project}, "", { append: true }),
      "writing into the working folder": () => Deno.writeTextFileSync("x.txt", "x"),
      "writing elsewhere": () => Deno.writeTextFileSync(${file}, "x"),
      "a link out of the folder": () => Deno.symlinkSync("/", "x"),
      "the environment": () => Deno.env.get("PATH"),
      "a program": () => new Deno.Command("deno").outputSync(),
      "the network": () => Deno.listen({ port: 0 }),
      "the machine": () => Deno.hostname(),
    };
    for (const [name, act] of Object.entries(tries)) {
      try { act(); console.log("allowed: " + name); }
      catch (error) { console.log((error.name === "NotCapable" ? "refused: " : "other: ") + name); }
    }
    export const inputShape = [4], classes = 3;
    export const batch = (step, n) => ({ inputs: new Float32Array(4 * n).fill(step), labels: new Int32Array(n) });
    const size = (shape) => shape.reduce((a, b) => a * b);
    export function kerasModel({ inputShape, classes }) {
      const { layers } = keras;
      return new keras.Sequential([
        keras.Input({ shape: inputShape }), new layers.Flatten(), new layers.Dense({ units: classes }),
      ]);
    }
    export class TorchModel extends torch.nn.Module {
      constructor({ inputShape, classes }) {
        super();
        this.head = new torch.nn.Linear(size(inputShape), classes);
      }
      forward(x) { return this.head(x.flatten(1)); }
    }`;
}

const commands: Record<string, string[]> = {
  "a trial": ["--dataset", "shapes10", "--limit", "20", "--epochs", "1", "--styles", "torch"],
  parity: ["parity", "--steps", "1"],
};

for (const [where, args] of Object.entries(commands)) {
  Deno.test(`a model's file can do nothing but train in ${where}`, () =>
    inFolder(async (folder) => {
      const outside = `${folder}/outside/secret.so`;
      await Deno.mkdir(`${folder}/outside`);
      await Deno.writeTextFile(outside, "secret");
      await Deno.mkdir(`${folder}/models`);
      const model = `${folder}/models/mine.ts`;
      await Deno.writeTextFile(model, hostile(outside));
      const { code, stderr } = await run([...args, "--model", model, "--out", `${folder}/out`]);
      assertEquals(code, 0, stderr);
      const lines = stderr.split("\n").map((line) => line.trim());
      const outcome = (word: string) => lines.filter((line) => line.startsWith(`${word}: `));
      assertEquals([...outcome("allowed"), ...outcome("other")], []);
      assertEquals(outcome("refused").length, 12, stderr);
      assertEquals(await Deno.readTextFile(outside), "secret");
    }));
}

Deno.test("a model may be made of several files, in folders with commas and spaces", () =>
  inFolder(async (folder) => {
    const models = `${folder}/my, models/image nets`;
    await Deno.mkdir(`${models}/parts`, { recursive: true });
    await Deno.writeTextFile(`${folder}/my, models/shared.ts`, "export const name = 'several';");
    await Deno.writeTextFile(
      `${models}/parts/net.ts`,
      `import { torch } from "${tandem}"; export { name } from "../../shared.ts";
       export class TorchModel extends torch.nn.Module {
         constructor({ inputShape: [c, h, w], classes }) { super(); this.head = new torch.nn.Linear(c * h * w, classes); }
         forward(x) { return this.head(x.flatten(1)); }
       }`,
    );
    await Deno.writeTextFile(`${models}/mine.ts`, `export * from "./parts/net.ts";`);
    const { readUserFile } = await import("../../../bench/runner/processes/user_file.ts");
    const found = await readUserFile("model", `${models}/mine.ts`) as { name: string };
    assertEquals(found.name, "several");
  }));

Deno.test("no task has all permissions, native code comes from node_modules, trials have no network", () => {
  for (const [name, task] of Object.entries(config.tasks)) {
    if (/deno (run|test)/.test(task)) assertMatch(task, /--permission-set=|--allow-/, name);
    assertEquals(/(^|\s)-A\b|--allow-all/.test(task), false, name);
  }
  for (const [name, set] of Object.entries(config.permissions)) {
    if ("ffi" in set) assertEquals(set.ffi, ["node_modules"], name);
  }
  assertEquals(Object.keys(config.permissions.trial).sort(), ["env", "ffi"]);
});

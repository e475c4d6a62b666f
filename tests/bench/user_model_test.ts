/** A model of one's own: `bench init` and `--model FILE`, as a user runs them. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { inFolder } from "../in_folder.ts";
import { run, runHere } from "./bench_process.ts";

Deno.test("a file of init is trained as it is; a second init does not write over it", () =>
  inFolder(async (folder) => {
    const path = `${folder}/my_model.ts`;
    assertEquals((await run(["init", path])).code, 0);
    const again = await runHere(["init", path]);
    assertEquals([again.code, again.stdout], [2, ""]);
    assertStringIncludes(again.stderr, "it is there already");
    const flags = ["--dataset", "shapes10", "--limit", "40", "--epochs", "1", "--quiet", "--json"];
    const { code, stdout, stderr } = await run([
      ...["--model", path, "--styles", "keras,torch", "--out", `${folder}/report`],
      ...flags,
    ]);
    assertEquals([code, stderr], [0, ""]);
    const report = JSON.parse(stdout);
    assertEquals(report.models[0].name, "my_model");
    assertEquals(report.results.map((r: { state: string }) => r.state), ["done", "done"]);
  }));

Deno.test("a model's file that cannot be used is one line, exit code 2, before any work", () =>
  inFolder(async (folder) => {
    const cases: [string, string, number][] = [
      ["export const x = 1;", "expected a function kerasModel, a class TorchModel or both", 2],
      ["throw new Error('no luck');", ":1:7: no luck", 2],
      ["export function kerasModel( {", "mine.ts", 2],
      ["Deno.exit(7);", "ended with exit code 7", 2],
    ];
    for (const [text, message, expected] of cases) {
      await Deno.writeTextFile(`${folder}/mine.ts`, text);
      const { code, stdout, stderr } = await runHere([
        ...["--model", `${folder}/mine.ts`, "--dataset", "shapes10", "--limit", "40"],
        ...["--out", `${folder}/report`],
      ]);
      assertEquals([code, stdout, stderr.split("\n").length], [expected, "", 1], stderr);
      assertStringIncludes(stderr, message);
    }
  }));

Deno.test("a model in one idiom: its styles are trained, the report says so", () =>
  inFolder(async (folder) => {
    const tandem = new URL("../../mod.ts", import.meta.url);
    await Deno.writeTextFile(
      `${folder}/mine.ts`,
      `import { torch } from "${tandem}";
      export class TorchModel extends torch.nn.Module {
        linear: torch.nn.Linear;
        constructor({ inputShape: [c, h, w], classes }) {
          super();
          console.log("building");
          this.linear = new torch.nn.Linear(c * h * w, classes);
        }
        forward(x) { return this.linear(x.flatten(1)); }
      }`,
    );
    const flags = ["--dataset", "shapes10", "--limit", "40", "--epochs", "1"];
    const model = ["--model", `${folder}/mine.ts`, "--out", `${folder}/report`];
    const { code, stdout, stderr } = await run([...model, ...flags]);
    assertEquals(code, 0, stderr);
    assertStringIncludes(stdout, "mine is written in the PyTorch idiom only: keras and keras-adv");
    assertStringIncludes(stderr, "building", "what a model prints is for people");
    const none = await runHere([...model, ...flags, "--styles", "keras"]);
    assertEquals([none.code, none.stdout], [2, ""]);
    assertStringIncludes(none.stderr, "mine is written in the PyTorch idiom only");
  }));

Deno.test("a model with two outputs for ten classes, or with an error in its file, is one line before any training; so are all that do not fit", () =>
  inFolder(async (folder) => {
    const tandem = new URL("../../mod.ts", import.meta.url);
    const model = (body: string) =>
      `import { keras } from "${tandem}";
export function kerasModel({ inputShape, classes }) {
  ${body}
}`;
    const files = {
      two:
        `return new keras.Sequential([keras.Input({ shape: inputShape }), new keras.layers.Flatten({}),
    new keras.layers.Dense({ units: 2 })]);`,
      broken: "return classes.length.toString();",
    };
    const paths = Object.entries(files).map(([name, body]) => {
      const path = `${folder}/${name}.ts`;
      Deno.writeTextFileSync(path, model(body));
      return path;
    });
    const { code, stdout, stderr } = await runHere([
      ...["--model", paths.join(), "--styles", "keras", "--dataset", "shapes10"],
      ...["--limit", "40", "--epochs", "1", "--quiet", "--json", "--out", `${folder}/report`],
    ]);
    assertEquals([code, stdout, stderr.split("\n").length], [2, "", 1], stderr);
    assertStringIncludes(stderr, "two.ts: the model gives 2 outputs for 10 classes; ");
    assertStringIncludes(stderr, "broken.ts:3");
  }));

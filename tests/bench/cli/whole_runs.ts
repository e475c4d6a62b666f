/** Experiments of many trainings, as a user runs them: `deno task test:runs`, too long for the test suite. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { inFolder } from "../../in_folder.ts";
import { run } from "../bench_process.ts";

Deno.test("the ablation and the layouts run", () =>
  inFolder(async (folder) => {
    const args = ["--dataset", "shapes10", "--limit", "40", "--epochs", "1", "--quiet", "--out"];
    const ablation = await run(["ablation", ...args, `${folder}/ablation`]);
    assertEquals([ablation.code, ablation.stderr], [0, ""]);
    assertStringIncludes(ablation.stdout, "torch/keras-input-range");
    assertStringIncludes(ablation.stdout, "change, points");
    const layout = await run(["layout", ...args, `${folder}/layout`]);
    assertEquals([layout.code, layout.stderr], [0, ""]);
    const report = JSON.parse(await Deno.readTextFile(`${folder}/layout/report.json`));
    assertEquals(report.configurations.length, 6);
    // The same seed and the same images: where the channels stand changes roundings only.
    const losses = new Map<string, number>(
      report.results.map((
        r: { trial: string; history: { loss: number }[] },
      ) => [r.trial, r.history[0].loss]),
    );
    const [first, last] = ["first", "last"].map((end) =>
      losses.get(`keras/channels-${end}/seed-1`)!
    );
    assert(Math.abs(first - last) < 0.2, `${first} and ${last}`);
  }));

Deno.test("shards in processes of their own, merged; a missing one is named with exit code 1", () =>
  inFolder(async (folder) => {
    const args = [
      "--dataset",
      "shapes10",
      "--limit",
      "60",
      "--epochs",
      "1",
      "--styles",
      "keras,torch",
    ];
    const parts = [1, 2].map((i) => `${folder}/part-${i}`);
    const runs = await Promise.all(
      parts.map((out, i) => run([...args, "--seeds", "2", "--shard", `${i + 1}/2`, "--out", out])),
    );
    assertEquals(runs.map(({ code }) => code), [0, 0], runs[0].stderr);
    const merged = await run([
      "merge",
      ...parts,
      "--out",
      `${folder}/all`,
      "--junit",
      `${folder}/j.xml`,
    ]);
    assertEquals(merged.code, 0, merged.stderr);
    assertStringIncludes(merged.stdout, "2 seeds");
    assertStringIncludes(await Deno.readTextFile(`${folder}/j.xml`), 'tests="4"');
    const part = await run(["merge", parts[0], "--out", `${folder}/some`]);
    assertEquals(part.code, 1);
    assertStringIncludes(part.stderr, "missing 2 of 4: ");
    const same = await run(["compare", `${folder}/all`, `${folder}/all`]);
    assertEquals(same.code, 0, same.stderr);
    assertStringIncludes(same.stdout, "No regression beyond 10 %.");
  }));

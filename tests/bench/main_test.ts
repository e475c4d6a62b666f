/** The command as a user runs it, in a process of its own. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { inFolder } from "../in_folder.ts";
import { command, run } from "./bench_process.ts";

Deno.test("a flag that is not there: one line on standard error, exit code 2", async () => {
  const { code, stdout, stderr } = await run(["--epcohs", "3"]);
  assertEquals([code, stdout], [2, ""]);
  assertEquals(stderr.split("\n").length, 1);
  assertStringIncludes(stderr, "unknown flag --epcohs; did you mean --epochs?");
});

Deno.test("a folder that cannot be written to is an error before any work", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "");
    const { code, stderr } = await run(["--out", `${folder}/file/report`]);
    assertEquals(code, 2);
    assertEquals(stderr.split("\n").length, 1);
    assertStringIncludes(stderr, "--out: cannot write into");
  }));

Deno.test("a JUnit file that cannot be written is an error before any work", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "");
    const out = ["--dataset", "shapes10", "--out", `${folder}/report`];
    const { code, stderr } = await run([...out, "--junit", `${folder}/file/junit.xml`]);
    assertEquals([code, stderr.split("\n").length], [2, 1], stderr);
    assertStringIncludes(stderr, `--junit: cannot write into "${folder}/file"`);
  }));

Deno.test("a run whose pages were not written makes up for them without training again", () =>
  inFolder(async (folder) => {
    const args = ["--dataset", "shapes10", "--limit", "10", "--epochs", "1", "--styles", "torch"];
    const again = () => run([...args, "--out", folder]);
    await again();
    await Deno.remove(`${folder}/report.html`);
    await Deno.mkdir(`${folder}/unfinished`); // As after a kill while the pages were written.
    const { code, stderr } = await again();
    assertEquals([code, stderr], [0, ""]);
    await Deno.stat(`${folder}/report.html`);
    assertStringIncludes((await again()).stderr, "Epoch 1/1", "a whole report is made anew");
  }));

Deno.test("a device that cannot start is one line that says what to install, before any work", () =>
  inFolder(async (folder) => {
    // What needs CUDA libraries that npm does not bring cannot start where tests run on plain machines.
    const { code, stdout, stderr } = await run([
      ...["--device", "cuda", "--dataset", "shapes10", "--limit", "100"],
      ...["--epochs", "1", "--styles", "torch", "--out", folder],
    ]);
    if (code === 0) return assertStringIncludes(stdout, "cuda");
    assertEquals([code, stdout], [1, ""]);
    assertEquals(stderr.split("\n").length, 1);
    assertStringIncludes(stderr, 'execution provider "cuda" cannot start');
    assertStringIncludes(stderr, "--device cpu");
  }));

Deno.test("a data folder without images is one line, exit code 1", () =>
  inFolder(async (folder) => {
    const { code, stderr } = await run(["--data-dir", folder, "--out", `${folder}/report`]);
    assertEquals(code, 1);
    assertStringIncludes(stderr, folder);
    assertEquals(stderr.includes("    at "), false);
  }));

Deno.test("a small run of all styles: table, report.json, report.md, exit code 0", () =>
  inFolder(async (folder) => {
    const { code, stdout, stderr } = await run(
      ["--dataset", "shapes10", "--limit", "200", "--epochs", "1", "--out", folder],
    );
    assertEquals(code, 0, stderr);
    assertStringIncludes(stdout, "keras-advanced");
    assertStringIncludes(stderr, "Epoch 1/1");
    const report = JSON.parse(await Deno.readTextFile(`${folder}/report.json`));
    assertEquals(report.complete, true);
    for (const result of report.results) {
      assertEquals([result.parameters, result.engine, result.provider], [
        430102,
        "onnxruntime",
        "cpu",
      ]);
      // Five steps, three of them to warm up.
      assertEquals([result.stepMs.count, result.warmupMs.length], [2, 3]);
    }
    assertEquals(report.results[2].onnxAgreement, 1);
    assertEquals([...Deno.readDirSync(folder)].map((entry) => entry.name).sort(), [
      "charts",
      "report.html",
      "report.json",
      "report.md",
    ]);
  }));

Deno.test({
  name: "Ctrl-C: what was measured is written and marked, exit code 130",
  // Windows has no way to send a process the signal of Ctrl-C.
  ignore: Deno.build.os === "windows",
  fn: () =>
    inFolder(async (folder) => {
      const child = command([
        ...["--dataset", "shapes10", "--limit", "1000", "--epochs", "500"],
        ...["--styles", "torch", "--out", folder],
      ]).spawn();
      await untilPrinted(child.stderr, "Epoch 1/500");
      child.kill("SIGINT");
      const { code } = await child.status;
      await child.stdout.cancel();
      assertEquals(code, 130);
      const report = JSON.parse(await Deno.readTextFile(`${folder}/report.json`));
      assertEquals([report.complete, report.interrupted], [false, true]);
      assert(report.results[0].history.length >= 1);
      assert(report.results[0].fitSeconds > 0);
    }),
});

Deno.test({
  name: "killed at any moment and started again: the same numbers as in an unbroken run",
  // Windows has no way to send a process the signal of Ctrl-C.
  ignore: Deno.build.os === "windows",
  fn: () =>
    inFolder(async (folder) => {
      const args = [
        "--dataset",
        "shapes10",
        "--limit",
        "150",
        "--epochs",
        "3",
        "--quiet",
        "--json",
      ];
      const whole = await run([...args, "--out", `${folder}/whole`]);
      for (const style of ["keras", "keras-advanced", "torch"]) {
        const child = command([...args, "--out", `${folder}/killed`]).spawn();
        await untilThere(`${folder}/killed/unfinished/${style}_seed-1/progress.json`);
        child.kill("SIGKILL");
        await Promise.all([child.status, child.stdout.cancel(), child.stderr.cancel()]);
      }
      const resumed = await run([...args, "--out", `${folder}/killed`]);
      assertEquals([whole.code, resumed.code, resumed.stderr], [0, 0, ""]);
      const [a, b] = [whole, resumed].map(({ stdout }) => numbersOf(JSON.parse(stdout)));
      assertEquals(b, a);
      assertEquals(
        [...Deno.readDirSync(`${folder}/killed`)].some((e) => e.name === "unfinished"),
        false,
      );
    }),
});

/** All of a report that chance of the machine has no part in. */
function numbersOf(report: { results: Record<string, unknown>[] }) {
  return report.results.map(({ cell, testLoss, testAccuracy, confusion, history }) => ({
    ...{ cell, testLoss, testAccuracy, confusion },
    losses: (history as { loss: number; valLoss: number }[]).map((
      { loss, valLoss },
    ) => [loss, valLoss]),
  }));
}

Deno.test("the ladder and the layouts run", () =>
  inFolder(async (folder) => {
    const args = ["--dataset", "shapes10", "--limit", "40", "--epochs", "1", "--quiet", "--out"];
    const ladder = await run(["ladder", ...args, `${folder}/ladder`]);
    assertEquals([ladder.code, ladder.stderr], [0, ""]);
    assertStringIncludes(ladder.stdout, "torch/keras-input-range");
    assertStringIncludes(ladder.stdout, "change, points");
    const layout = await run(["layout", ...args, `${folder}/layout`]);
    assertEquals([layout.code, layout.stderr], [0, ""]);
    const report = JSON.parse(await Deno.readTextFile(`${folder}/layout/report.json`));
    assertEquals(report.groups.length, 6);
    // The same seed and the same images: where the channels stand changes roundings only.
    const losses = new Map<string, number>(
      report.results.map((
        r: { cell: string; history: { loss: number }[] },
      ) => [r.cell, r.history[0].loss]),
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

Deno.test("a report that cannot be written: the figures are printed all the same, exit code 1", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/report.md/in-the-way`, { recursive: true });
    await Deno.mkdir(`${folder}/unfinished`);
    await Deno.writeTextFile(`${folder}/unfinished/torch_seed-1`, "no folder");
    const { code, stdout, stderr } = await run([
      ...["--dataset", "shapes10", "--limit", "40", "--epochs", "1", "--styles", "torch"],
      ...["--fresh", "--out", folder],
    ]);
    assertEquals(code, 1);
    assertStringIncludes(stdout, "test accuracy");
    assertStringIncludes(stderr, "cannot write");
    assertEquals(JSON.parse(await Deno.readTextFile(`${folder}/report.json`)).complete, true);
    assertEquals([...Deno.readDirSync(folder)].some(({ name }) => name.endsWith(".part")), false);
  }));

Deno.test("an unknown subcommand and an unreadable report are one line, exit code 2", async () => {
  const unknown = await run(["ladr"]);
  assertEquals([unknown.code, unknown.stdout], [2, ""]);
  assertStringIncludes(unknown.stderr, 'unknown subcommand "ladr"; did you mean ladder?');
  const missing = await run(["report", "no/such/report.json"]);
  assertEquals([missing.code, missing.stderr.split("\n").length], [2, 1]);
  assertStringIncludes(missing.stderr, "no/such/report.json");
});

Deno.test("an older report's pages do not replace the last run's unless its folder is named", () =>
  inFolder(async (folder) => {
    const flags = ["--dataset", "shapes10", "--limit", "10", "--epochs", "1", "--styles", "torch"];
    await run([...flags, "--out", `${folder}/old`]);
    await Deno.mkdir(`${folder}/report`);
    await Deno.copyFile(`${folder}/old/report.json`, `${folder}/report/report.json`);
    const report = async (...args: string[]) => {
      const { code, stderr } = await command(["report", ...args], folder).output();
      return [code, new TextDecoder().decode(stderr)] as const;
    };
    const [code, stderr] = await report("old");
    assertEquals(code, 2);
    assertStringIncludes(stderr, '--out: "report" holds another report');
    assertEquals((await report("report"))[0], 0);
    assertEquals((await report("old", "--out", `${folder}/report`))[0], 0);
  }));

Deno.test("help of a subcommand", async () => {
  const asked = await run(["help", "ladder"]);
  assertEquals(asked, await run(["ladder", "--help"]));
  assertStringIncludes(asked.stdout, "deno task bench ladder [FLAGS]");
});

Deno.test("a shell is told subcommands, flags and their values", async () => {
  const answer = async (...words: string[]) => (await run(["complete", "--", ...words])).stdout;
  assertStringIncludes(await answer("la"), "ladder");
  assertStringIncludes(await answer("run", "--se"), "--seeds");
  assertStringIncludes(await answer("run", "--device", ""), "webgpu");
  assertStringIncludes(await answer("completions", ""), "fish");
  for (const line of [["compare", ""], ["run", "--out", ""], ["--data-dir", "/opt"]]) {
    assertEquals(await answer(...line), ":0\n", "a path is the shell's to complete");
  }
  for (const shell of ["bash", "zsh", "fish"]) {
    const { code, stdout } = await run(["completions", shell]);
    assertEquals(code, 0);
    assertStringIncludes(stdout, "complete");
    assertStringIncludes(stdout, "bench/main.ts'", "run where the user is, not as a task");
  }
  const { code, stderr } = await run(["completions", "dos"]);
  assertEquals(code, 2);
  assertStringIncludes(stderr, "expected one of bash, zsh, fish");
});

async function untilThere(path: string): Promise<void> {
  for (let tries = 0; tries < 3000; tries++) {
    if (await Deno.stat(path).then(() => true, () => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`${path} did not appear`);
}

async function untilPrinted(stream: ReadableStream<Uint8Array>, text: string): Promise<void> {
  const decoder = new TextDecoder();
  let seen = "";
  for await (const chunk of stream.values({ preventCancel: true })) {
    seen += decoder.decode(chunk, { stream: true });
    if (seen.includes(text)) break;
  }
  // Nobody reads on: the pipe must not fill up.
  stream.pipeTo(new WritableStream()).catch(() => {});
}

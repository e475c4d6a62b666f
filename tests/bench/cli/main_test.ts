/** The command as a user runs it, in a process of its own. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { inFolder } from "../../in_folder.ts";
import { command, run, runHere } from "../bench_process.ts";

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

Deno.test("a JUnit file or a TensorBoard folder that cannot be written is an error before any work", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "");
    const out = ["--dataset", "shapes10", "--out", `${folder}/report`];
    for (
      const [flag, path, place] of [
        ["--junit", `${folder}/file/junit.xml`, `${folder}/file`],
        ["--tensorboard", `${folder}/file/events`, `${folder}/file/events`],
      ]
    ) {
      const { code, stderr } = await runHere([...out, flag, path]);
      assertEquals([code, stderr.split("\n").length], [2, 1], stderr);
      assertStringIncludes(stderr, `${flag}: cannot write into "${place}"`);
    }
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
    const { code, stderr } = await runHere(["--data-dir", folder, "--out", `${folder}/report`]);
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
      assertEquals([result.stepMs.count, result.inputMs.count, result.warmupMs.length], [2, 2, 3]);
      assertEquals(result.state, "done");
      assert(result.imagesPerSecond > 0 && result.peakMemoryMiB > 50);
    }
    assertEquals(report.results[2].onnxAgreement, 1);
    assertEquals([...Deno.readDirSync(folder)].map((entry) => entry.name).sort(), [
      ".tandem.json",
      "charts",
      "report.html",
      "report.json",
      "report.md",
    ]);
  }));

Deno.test("an unknown subcommand and an unreadable report are one line, exit code 2", async () => {
  const unknown = await runHere(["ablatoin"]);
  assertEquals([unknown.code, unknown.stdout], [2, ""]);
  assertStringIncludes(unknown.stderr, 'unknown subcommand "ablatoin"; did you mean ablation?');
  const renamed = await runHere(["ladder"]);
  assertEquals([renamed.code, renamed.stderr], [2, '"ladder" is gone; use ablation']);
  const missing = await runHere(["report", "no/such/report.json"]);
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
  const asked = await runHere(["help", "ablation"]);
  assertEquals(asked, await runHere(["ablation", "--help"]));
  assertStringIncludes(asked.stdout, "deno task bench ablation [FLAGS]");
});

Deno.test("a shell is told subcommands, flags and their values", async () => {
  const answer = async (...words: string[]) => (await runHere(["complete", "--", ...words])).stdout;
  assertStringIncludes((await run(["complete", "--", "ab"])).stdout, "ablation");
  assertStringIncludes(await answer("run", "--se"), "--seeds");
  assertStringIncludes(await answer("run", "--device", ""), "webgpu");
  assertStringIncludes(await answer("completions", ""), "fish");
  for (const line of [["compare", ""], ["run", "--out", ""], ["--data-dir", "/opt"]]) {
    assertEquals(await answer(...line), ":0\n", "a path is the shell's to complete");
  }
  for (const shell of ["bash", "zsh", "fish"]) {
    const { code, stdout } = await runHere(["completions", shell]);
    assertEquals(code, 0);
    assertStringIncludes(stdout, "complete");
    assertStringIncludes(stdout, "bench/main.ts'", "run where the user is, not as a task");
  }
  const { code, stderr } = await runHere(["completions", "dos"]);
  assertEquals(code, 2);
  assertStringIncludes(stderr, "expected one of bash, zsh, fish");
});

/** The command as a user runs it, in a process of its own. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

function command(args: string[]): Deno.Command {
  return new Deno.Command("deno", {
    args: ["run", "--permission-set=bench", "--no-check", "bench/main.ts", ...args],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  });
}

async function run(args: string[]) {
  const { code, stdout, stderr } = await command(args).output();
  const decoder = new TextDecoder();
  const lines = decoder.decode(stderr).split("\n").filter((line) => !line.startsWith("Warning"));
  return { code, stdout: decoder.decode(stdout), stderr: lines.join("\n").trim() };
}

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

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

Deno.test("a data folder without pictures is one line, exit code 1", () =>
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
      assertEquals(result.stepMs.count, 5);
    }
    assertEquals(report.results[2].onnxAgreement, 1);
    assertEquals([...Deno.readDirSync(folder)].map((entry) => entry.name).sort(), [
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

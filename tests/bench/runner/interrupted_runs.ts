/** Runs that are interrupted, killed, or find the disk, the folder or somebody else in their way. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { inFolder } from "../../in_folder.ts";
import { command, run, untilPrinted, untilThere } from "../bench_process.ts";
import { valuesOf } from "../results/report_values.ts";

/** Of a run that ends by what is done to it. */
const endless = [
  ...["--dataset", "shapes10", "--limit", "200", "--epochs", "500"],
  ...["--styles", "torch", "--threads", "1"],
];

Deno.test("a folder's own files: pages that were not written are made up for without training again, a whole report is made anew; somebody else's: kept where they are in nobody's way, named where they are, before any work", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/unfinished/thesis`, { recursive: true });
    await Deno.writeTextFile(`${folder}/unfinished/thesis/chapter1.txt`, "draft");
    await Deno.mkdir(`${folder}/charts`);
    await Deno.writeTextFile(`${folder}/charts/my_figure.svg`, "<svg/>");
    const args = ["--dataset", "shapes10", "--limit", "10", "--epochs", "1", "--styles", "torch"];
    const again = () => run([...args, "--out", folder]);
    const first = await again();
    assertEquals(first.code, 0, first.stderr);
    await Deno.remove(`${folder}/report.html`);
    await Deno.writeTextFile( // As after a kill while the pages were written.
      `${folder}/.tandem.json`,
      (await Deno.readTextFile(`${folder}/.tandem.json`)).replace("[]", `["torch_seed-1"]`),
    );
    const madeUp = await again();
    assertEquals([madeUp.code, madeUp.stderr], [0, ""]);
    await Deno.stat(`${folder}/report.html`);
    const anew = await again();
    assertEquals(anew.code, 0, "over its own files");
    assertStringIncludes(anew.stderr, "Epoch 1/1", "a whole report is made anew");
    assertEquals(await Deno.readTextFile(`${folder}/unfinished/thesis/chapter1.txt`), "draft");
    assertEquals(await Deno.readTextFile(`${folder}/charts/my_figure.svg`), "<svg/>");
    await Deno.writeTextFile(`${folder}/charts/step-time.svg`, "mine");
    const { code, stdout, stderr } = await again();
    assertEquals([code, stdout], [2, ""]);
    assertStringIncludes(stderr, `"${folder}/charts/step-time.svg" was not written by Tandem`);
  }));

Deno.test({
  name: "Ctrl-C: what was measured is written and marked, exit code 130",
  // Windows has no way to send a process the signal of Ctrl-C.
  ignore: Deno.build.os === "windows",
  fn: () =>
    inFolder(async (folder) => {
      const child = command([
        ...endless,
        ...["--out", folder],
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
  // At random moments, again and again, and all styles: `deno task chaos`.
  name: "killed and started again: the same values as in an unbroken run",
  // Windows has no way to send a process the signal of Ctrl-C.
  ignore: Deno.build.os === "windows",
  fn: () =>
    inFolder(async (folder) => {
      const args = [
        ...["--dataset", "shapes10", "--limit", "60", "--epochs", "2", "--warmup", "0"],
        ...["--styles", "torch", "--quiet", "--json"],
      ];
      const whole = await run([...args, "--out", `${folder}/whole`]);
      const child = command([...args, "--out", `${folder}/killed`]).spawn();
      await untilThere(`${folder}/killed/unfinished/torch_seed-1/progress.json`);
      child.kill("SIGKILL");
      await Promise.all([child.status, child.stdout.cancel(), child.stderr.cancel()]);
      const resumed = await run([...args, "--out", `${folder}/killed`]);
      assertEquals([whole.code, resumed.code, resumed.stderr], [0, 0, ""]);
      const [a, b] = [whole, resumed].map(({ stdout }) => valuesOf(JSON.parse(stdout)));
      assertEquals(b, a);
      assertEquals(
        [...Deno.readDirSync(`${folder}/killed`)].some((e) => e.name === "unfinished"),
        false,
      );
    }),
});

Deno.test("a report that cannot be written: the figures are printed all the same, exit code 1", () =>
  inFolder(async (folder) => {
    const child = command([
      ...["--dataset", "shapes10", "--limit", "1000", "--epochs", "2", "--styles", "torch"],
      ...["--out", folder],
    ]).spawn();
    const printed = new Response(child.stdout).text();
    await untilPrinted(child.stderr, "Epoch 1/2");
    await Deno.mkdir(`${folder}/report.md/in-the-way`, { recursive: true });
    assertEquals((await child.status).code, 1);
    assertStringIncludes(await printed, "test accuracy");
    assertEquals([...Deno.readDirSync(folder)].some(({ name }) => name.endsWith(".part")), false);
    assert(await Deno.stat(`${folder}/report.md/in-the-way`));
  }));

Deno.test("a run whose folder is in use is refused in one line", () =>
  inFolder(async (folder) => {
    const child = command([...endless, "--out", folder]).spawn();
    await untilPrinted(child.stderr, "Epoch 1/500");
    const { code, stdout, stderr } = await run([...endless, "--out", folder]);
    child.kill("SIGKILL");
    await Promise.all([child.status, child.stdout.cancel()]);
    assertEquals([code, stdout], [2, ""]);
    assertStringIncludes(stderr, `--out: "${folder}" is in use by another run (process `);
  }));

for (
  const [how, end] of [["SIGKILL", ["SIGKILL"]], ["two Ctrl-C", ["SIGINT", "SIGINT"]]] as const
) {
  Deno.test({
    name: `the bench ends by ${how}: its trial's process ends too`,
    // Windows has no way to send a process the signal of Ctrl-C.
    ignore: Deno.build.os === "windows",
    fn: () =>
      inFolder(async (folder) => {
        const lock = `${folder}/lock`;
        await run(["init", `${folder}/my_model.ts`]);
        await Deno.writeTextFile(lock, "");
        // Locked until the process ends, however it ends.
        await Deno.writeTextFile(
          `${folder}/my_model.ts`,
          `const held = Deno.openSync("${lock}");
          held.lockSync(false);
          Object.assign(globalThis, { held });`,
          { append: true },
        );
        const child = command([
          ...endless,
          ...["--model", `${folder}/my_model.ts`, "--out", `${folder}/report`],
        ]).spawn();
        await untilPrinted(child.stderr, "Epoch 1/500");
        using file = await Deno.open(lock, { write: true });
        assertEquals(await file.tryLock(true), false, "the trial runs");
        for (const signal of end) child.kill(signal);
        await Promise.all([child.status, child.stdout.cancel()]);
        await file.lock(true);
      }),
  });
}

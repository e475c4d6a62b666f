/** What the CI's files say of the project, held against the project: names, versions, paths, least permissions. */
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { parse, parseAllDocuments } from "yaml";
import { type Config, configWithoutLinks, lockWithoutLinks } from "../.ci/without_links.ts";
import { flags, switches } from "../bench/cli/flags.ts";
import { commands } from "../bench/cli/commands/mod.ts";
import config from "../deno.json" with { type: "json" };
import { TFJS_NODE_VERSION } from "../keras_style/engine/tfjs_node.ts";

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}

interface Job {
  "runs-on"?: string;
  "timeout-minutes"?: number;
  "continue-on-error"?: boolean;
  if?: string;
  uses?: string;
  permissions?: Record<string, string>;
  strategy?: { matrix: Record<string, unknown> };
  steps?: Step[];
}

interface Workflow {
  on: Record<string, { inputs?: Record<string, unknown> } | null>;
  permissions?: Record<string, string>;
  defaults?: { run: { shell: string } };
  jobs: Record<string, Job>;
}

const root = new URL("../", import.meta.url);

function textOf(path: string): string {
  return Deno.readTextFileSync(new URL(path, root));
}

function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(new URL(folder, root))].filter((entry) => entry.isFile)
    .map((entry) => `${folder}/${entry.name}`).sort();
}

const workflowFiles = filesIn(".github/workflows");
const texts = new Map(
  [...workflowFiles, ...filesIn("bench/schedulers"), ...filesIn(".ci")].map((path) =>
    [path, textOf(path)] as const
  ),
);
const workflows = new Map(
  workflowFiles.map((path) => [path, parse(textOf(path)) as Workflow] as const),
);

function workflow(name: string): Workflow {
  return workflows.get(`.github/workflows/${name}.yml`)!;
}

function jobs(): [string, Job][] {
  return [...workflows].flatMap(([path, { jobs }]) =>
    Object.entries(jobs).map(([name, job]): [string, Job] => [`${path}: ${name}`, job])
  );
}

function steps(): [string, Step][] {
  return jobs().flatMap(([name, job]) =>
    (job.steps ?? []).map((step): [string, Step] => [name, step])
  );
}

/** What a pattern's first group matches in all files, with the file. */
function mentions(pattern: RegExp): [string, string][] {
  const found = [...texts].flatMap(([path, text]) =>
    [...text.matchAll(pattern)].map((match): [string, string] => [path, match[1]])
  );
  assert(found.length > 0, `${pattern} matches nothing: the test has nothing to test`);
  return found;
}

Deno.test("tasks that the CI runs are in deno.json", () => {
  for (const [path, task] of mentions(/deno task ([\w:-]+)/g)) {
    assert(task in config.tasks, `${path}: no task ${task} in deno.json`);
  }
});

Deno.test("the bench has the subcommands and flags that the CI gives it", () => {
  for (const [path, name] of mentions(/deno task bench ([a-z]+)/g)) {
    assert(commands.some((command) => command.name === name), `${path}: no subcommand ${name}`);
  }
  for (const [path, line] of mentions(/deno task bench (.*)/g)) {
    for (const [, name] of line.matchAll(/--([a-z-]+)/g)) {
      assert(name in flags || name in switches, `${path}: no flag --${name}`);
    }
  }
});

Deno.test("paths that the CI names exist", () => {
  const paths = mentions(
    /(?<![\w./-])((?:\.\/)?(?:\.ci|\.github|bench|fixtures)\/[\w./-]*\w)/g,
  );
  for (const [file, path] of paths) {
    const info = Deno.statSync(new URL(path, root));
    assert(info.isFile || info.isDirectory, `${file}: ${path}`);
  }
});

Deno.test("actions are pinned by major version or commit", () => {
  const uses = [
    ...steps().map(([name, step]) => [name, step.uses] as const),
    ...jobs().map(([name, job]) => [name, job.uses] as const),
  ];
  for (const [name, action] of uses) {
    if (action === undefined || action.startsWith("./")) continue;
    assertMatch(action, /^[\w-]+\/[\w./-]+@(v\d+|[0-9a-f]{40})$/, name);
  }
});

Deno.test("workflows may read, nothing else, and keep no credentials in the checkout", () => {
  for (const [path, { on, permissions }] of workflows) {
    assertEquals(permissions?.contents, "read", path);
    // It would run a stranger's code with the rights of the repository.
    assert(!("pull_request_target" in on), path);
  }
  const sets = [
    ...[...workflows].map(([path, { permissions }]) => [path, permissions] as const),
    ...jobs().map(([name, job]) => [name, job.permissions] as const),
  ];
  for (const [name, permissions] of sets) {
    for (const access of Object.values(permissions ?? {})) assertEquals(access, "read", name);
  }
  for (const [name, step] of steps()) {
    if (!step.uses?.startsWith("actions/checkout@")) continue;
    assertEquals(step.with?.["persist-credentials"], false, name);
  }
});

Deno.test("every job of steps has a timeout, and bash on all systems", () => {
  for (const [path, { defaults }] of workflows) assertEquals(defaults?.run.shell, "bash", path);
  for (const [name, job] of jobs()) {
    if (job.uses) continue;
    const minutes = job["timeout-minutes"] ?? NaN;
    assert(minutes >= 1 && minutes <= 120, `${name}: timeout-minutes ${minutes}`);
  }
});

Deno.test("one version of Deno everywhere", () => {
  const version = /deno@(\d+\.\d+\.\d+)/.exec(textOf(".ci/run"))![1];
  for (
    const [path, named] of mentions(/(?:deno-version: |denoland\/deno:|(?<!setup-)deno@)(\S+)/g)
  ) {
    assertEquals(named, version, path);
  }
  for (const [name, job] of jobs()) {
    const setups = job.steps?.filter((step) => step.uses?.startsWith("denoland/setup-deno@"));
    for (const step of setups ?? []) assertEquals(step.with?.["deno-version"], version, name);
    const needsDeno = job.steps?.some((step) => /^\s*deno /m.test(step.run ?? ""));
    assert(!needsDeno || setups?.length === 1, `${name}: runs deno without setup-deno`);
  }
});

Deno.test("packages are named in the versions that deno.json pins", () => {
  const pinned: string[] = Object.values(config.imports);
  for (const [path, name] of mentions(/npm:((?:@[\w-]+\/)?[\w.-]+(?:@[\d.]+))/g)) {
    const known = name.startsWith("@tensorflow/tfjs-node")
      ? name.endsWith(`@${TFJS_NODE_VERSION}`)
      : pinned.includes(`npm:${name}`);
    assert(known, `${path}: npm:${name}`);
  }
  const lints = mentions(/actionlint(?:@|Version = ")(v[\d.]+)/g);
  const actionlint = new Set(lints.map(([, version]) => version));
  assertEquals(actionlint.size, 1, `versions of actionlint: ${[...actionlint]}`);
});

Deno.test("tests run on three systems, each with the stand-ins and with jsr's packages", () => {
  const { test, bench, gate } = workflow("cpu").jobs;
  const { os, std } = test.strategy!.matrix as { os: string[]; std: string[] };
  assertEquals(os.map((label) => label.split("-")[0]), ["ubuntu", "macos", "windows"]);
  assertEquals(std, ["stand-ins", "jsr.io"]);
  assertEquals(test["runs-on"], "${{ matrix.os }}");
  const legs = test.steps!.map((step) => (step as { if?: string }).if).filter((text) => text);
  assertEquals(legs, std.map((leg) => `matrix.std == '${leg}'`));
  const runs = test.steps!.map((step) => step.run ?? "").join("\n");
  for (const part of [".ci/without_links.ts", "deno task check", "deno task test"]) {
    assert(runs.includes(part), `the job "test" does not run ${part}`);
  }
  const measured = bench.strategy!.matrix.include as { name: string; os: string }[];
  assertEquals(measured.map((leg) => leg.os), os);
  assertEquals(measured.map((leg) => leg.name), gate.strategy!.matrix.name);
});

Deno.test("every report is in a job's summary and an artifact; gates look for artifacts there are", () => {
  for (const [name, job] of jobs()) {
    const runs = (job.steps ?? []).map((step) => step.run ?? "");
    if (!runs.some((run) => /deno task bench.* --out report/.test(run))) continue;
    assert(runs.some((run) => /cat report\/report.md >> "\$GITHUB_STEP_SUMMARY"/.test(run)), name);
    const uploads = job.steps!.filter((step) => step.uses?.startsWith("actions/upload-artifact@"));
    assertEquals(uploads.map((step) => step.with?.path), ["report"], name);
  }
  for (const [path, { jobs }] of workflows) {
    const uploaded = Object.values(jobs).flatMap((job) => job.steps ?? [])
      .filter((step) => step.uses?.startsWith("actions/upload-artifact@"))
      .map((step) => step.with?.name);
    for (const job of Object.values(jobs)) {
      if (job.uses !== "./.github/workflows/gate.yml") continue;
      const given = (job as Step).with!;
      assert(path.endsWith(`/${given.workflow}`), `${path}: gate of ${given.workflow}`);
      assert(uploaded.includes(given.artifact), `${path}: no artifact ${given.artifact}`);
    }
  }
});

Deno.test("the GPU's runner is configured, not named; tfjs-node-gpu fails alone", () => {
  const { on, jobs } = workflow("gpu");
  assert("runner" in on.workflow_dispatch!.inputs!);
  assert(!("pull_request" in on), "a stranger's code must not run on one's own machine");
  for (const name of ["cuda", "tfjs-node-gpu"]) {
    assertEquals(jobs[name]["runs-on"], "${{ inputs.runner || vars.GPU_RUNNER }}");
    assertEquals(jobs[name].if, "${{ (inputs.runner || vars.GPU_RUNNER) != '' }}");
    assertEquals(jobs[name]["continue-on-error"], name === "cuda" ? undefined : true);
  }
});

Deno.test("Kubernetes and Slurm start as many shards as they tell the bench", () => {
  const documents = parseAllDocuments(textOf("bench/schedulers/kubernetes_job.yaml"));
  const [shards, merge] = documents.map((document) => {
    assertEquals(document.errors, []);
    return document.toJS();
  });
  const { env } = shards.spec.template.spec.containers[0];
  assertEquals(env[0], { name: "SHARDS", value: String(shards.spec.completions) });
  assertEquals([shards.spec.completionMode, merge.spec.suspend], ["Indexed", true]);
  const slurm = textOf("bench/schedulers/slurm_array.sh");
  const [, last] = /^#SBATCH --array=1-(\d+)$/m.exec(slurm)!;
  assert(slurm.includes(`\${SHARDS:-${last}}`));
});

Deno.test("without links: deno.json and deno.lock are the same in all else", () => {
  // This very test also runs where the links are gone, so it puts its own in.
  const { links: _, ...rest } = config as Config;
  const standIns = [...Deno.readDirSync(new URL("fixtures/jsr", root))].map(({ name }) => name);
  const links = standIns.sort().map((name) => `./fixtures/jsr/${name}`);
  assertEquals(configWithoutLinks({ ...rest, links }), rest);
  assertThrows(() => configWithoutLinks(rest), Error, 'no "links"');
  const imports: Record<string, string> = config.imports;
  for (const link of links) {
    assertMatch(imports[JSON.parse(textOf(`${link}/deno.json`)).name], /^jsr:/);
  }
  const lock = JSON.parse(textOf("deno.lock"));
  const workspace = { ...lock.workspace };
  delete workspace.links;
  const linked = { ...lock, workspace: { ...workspace, links: { "jsr:@std/assert@1.0.16": {} } } };
  assertEquals(lockWithoutLinks(linked), { ...lock, workspace });
});

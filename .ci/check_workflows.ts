/**
 * `deno task check:workflows`: actionlint over the workflows, with shellcheck over the scripts in them and over the
 * project's own.
 * @module
 */

/** The version of actionlint that the hosted check installs too. */
const actionlintVersion = "v1.7.12";

const installHints: Record<string, string> = {
  actionlint:
    `go install github.com/rhysd/actionlint/cmd/actionlint@${actionlintVersion} (puts it into $(go env GOPATH)/bin)`,
  shellcheck: "apt-get install shellcheck, brew install shellcheck or winget install shellcheck",
};

const scripts = [
  ".ci/run",
  "bench/schedulers/local_processes.sh",
  "bench/schedulers/slurm_array.sh",
];

/** Runs a program with its output shown. @returns its exit code; 127 and a hint where it is not installed */
async function run(program: string, args: string[]): Promise<number> {
  try {
    const child = new Deno.Command(program, { args, stdin: "null" }).spawn();
    return (await child.status).code;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable)) {
      throw error;
    }
    console.error(`${program} is not on the PATH; to get it: ${installHints[program]}`);
    return 127;
  }
}

if (import.meta.main) {
  const codes = [
    await run("actionlint", ["-color=false"]),
    await run("shellcheck", scripts),
  ];
  Deno.exitCode = Math.max(...codes);
  if (Deno.exitCode === 0) console.log("workflows and scripts: nothing found");
}

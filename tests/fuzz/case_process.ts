/**
 * The process that runs the cases of one target: `case_process.ts TARGET FOLDER SEED FIRST LAST SECONDS`. Prints a JSON line before and
 * after each case, so that whoever started it knows at which case it hung or died.
 */
import { type CaseEvent, EVENT } from "./case_event.ts";
import { createRandom } from "../../fixtures/random.ts";
import { brief, Fault, type Target } from "./target.ts";

/** Seconds that a case may take. */
const MOST_SECONDS = 10;
/** How much the resident memory may grow in a case, in bytes. */
const MOST_GROWTH = 2 ** 30;

if (import.meta.main) await runCases();

async function runCases(): Promise<void> {
  const [name, folder, ...numbers] = Deno.args;
  const [seed, first, last, seconds] = numbers.map(Number);
  const { default: target } = await import(`./targets/${name}.ts`) as { default: Target };
  let stray: unknown;
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    stray ??= event.reason;
  });
  // What is read may warn; the lines of this process are for its parent alone.
  const output: string[] = [];
  for (const level of ["log", "warn", "error", "info"] as const) {
    console[level] = (...parts: unknown[]) => output.push(parts.join(" "));
  }
  const runCase = await target.prepare(folder);
  const end = performance.now() + seconds * 1000;
  const stream = hashOf(name);
  for (let number = first; number <= last && performance.now() < end; number++) {
    print({ start: number });
    const started = performance.now();
    const before = Deno.memoryUsage().rss;
    try {
      const outcome = await runCase(createRandom(seed ^ stream, number));
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (stray !== undefined) {
        const reason = stray;
        stray = undefined;
        throw new Fault(`an error that nobody catches: ${brief(reason)}`);
      }
      const took = (performance.now() - started) / 1000;
      if (took > MOST_SECONDS) throw new Fault(`took ${took.toFixed(1)} s`);
      const growth = Deno.memoryUsage().rss - before;
      if (growth > MOST_GROWTH) throw new Fault(`took ${Math.round(growth / 2 ** 20)} MiB`);
      print({ end: number, outcome });
    } catch (error) {
      const why = error instanceof Fault ? error.message : `not judged: ${brief(error)}`;
      // Of a single case, which somebody repeats to mend it, where it comes from too.
      print({ end: number, outcome: "fault", why: first === last ? why + stacksOf(error) : why });
    }
    output.length = 0;
  }
}

/** The stacks of an error and of its causes. */
function stacksOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  return `\n${error.stack?.slice(0, 3000)}${stacksOf(error.cause)}`;
}

function print(event: CaseEvent): void {
  const bytes = new TextEncoder().encode(`\n${EVENT}${JSON.stringify(event)}\n`);
  for (let done = 0; done < bytes.length;) done += Deno.stdout.writeSync(bytes.subarray(done));
}

/** FNV-1a, so that every target has random numbers of its own. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const letter of text) hash = Math.imul(hash ^ letter.codePointAt(0)!, 0x01000193);
  return hash >>> 0;
}

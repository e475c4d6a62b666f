/**
 * Runs a bundle of jasmine tests in this process.
 * @module
 */
import jasmineCore from "jasmine-core";

/** What became of one test. */
export interface SpecResult {
  /** The names of the suites around the test and its own, one after the other. */
  readonly name: string;
  readonly outcome: "passed" | "failed" | "pending";
  /** What a failed test says. */
  readonly messages: readonly string[];
}

interface JasmineResult {
  readonly fullName: string;
  readonly status: string;
  readonly failedExpectations: readonly { readonly message: string }[];
}

/** The names are those of TensorFlow.js' own runs: without the engine's name and its flags. */
function plainName(fullName: string): string {
  return fullName.replace(" onnxruntime {}", "").replace(/\s+/g, " ").trim();
}

function resultOf({ fullName, status, failedExpectations }: JasmineResult): SpecResult {
  const messages = failedExpectations.map(({ message }) => message);
  const outcome = messages.length > 0 ? "failed" : status === "passed" ? "passed" : "pending";
  return { name: plainName(fullName), outcome, messages };
}

/**
 * Runs the tests in order and reports each as it ends.
 *
 * @param code the bundle, a JavaScript module
 * @param wanted which tests to run, by name
 * @returns the results; errors outside of any test are failed results of their suite
 */
export async function runSpecs(
  code: string,
  wanted: (name: string) => boolean,
): Promise<SpecResult[]> {
  const jasmine = jasmineCore.boot(jasmineCore);
  const env = jasmine.getEnv();
  env.configure({
    random: false,
    specFilter: (spec: { getFullName(): string }) => wanted(plainName(spec.getFullName())),
  });
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  await import(url);
  URL.revokeObjectURL(url);
  return numbered(await execute(env));
}

/** Tests that bear the name of an earlier one get a number, so that each can be told from the others. */
function numbered(results: readonly SpecResult[]): SpecResult[] {
  const counts = new Map<string, number>();
  return results.map((result) => {
    const count = (counts.get(result.name) ?? 0) + 1;
    counts.set(result.name, count);
    return count === 1 ? result : { ...result, name: `${result.name} (${count})` };
  });
}

// deno-lint-ignore no-explicit-any
function execute(env: any): Promise<SpecResult[]> {
  return new Promise((resolve) => {
    const results: SpecResult[] = [];
    const outside = (result: JasmineResult) => {
      if (result.failedExpectations.length > 0) results.push(resultOf(result));
    };
    env.addReporter({
      specDone(result: JasmineResult) {
        if (result.status !== "excluded") results.push(resultOf(result));
      },
      suiteDone: outside,
      jasmineDone(result: Omit<JasmineResult, "fullName">) {
        outside({ ...result, fullName: "(outside of all suites)" });
        resolve(results);
      },
    });
    env.execute();
  });
}

/** How a run of TensorFlow.js' tests is compared with the list of known failures. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import type { SpecResult } from "./jasmine_run.ts";
import { compare, type KnownFailures, parseKnownFailures } from "./known_failures.ts";
import { showTable, subjectOf, tally } from "./subjects.ts";

const passed = (name: string): SpecResult => ({ name, outcome: "passed", messages: [] });
const failed = (name: string): SpecResult => ({
  name,
  outcome: "failed",
  messages: ["1 is not 2"],
});
const pending = (name: string): SpecResult => ({ name, outcome: "pending", messages: [] });

const LIST: readonly KnownFailures[] = [
  { reason: "one", tests: ["add wrong shape"] },
  { reason: "all of a kind", tests: ["draw *"] },
];

function names(results: readonly SpecResult[]): string[] {
  return results.map(({ name }) => name);
}

Deno.test("failures on the list are expected, by name and by the beginning of a name", () => {
  const results = [passed("add"), failed("add wrong shape"), failed("draw a"), failed("draw b")];
  const { expected, unexpected, passing, unknown } = compare(LIST, results, true);
  assertEquals(names(expected), ["add wrong shape", "draw a", "draw b"]);
  assertEquals([unexpected, passing, unknown], [[], [], []]);
});

Deno.test("a failure that is not on the list is unexpected, also where a listed name begins it", () => {
  const results = [failed("add wrong shape (2)"), failed("drawing"), failed("sub")];
  const { unexpected, expected } = compare(LIST, results, false);
  assertEquals(names(unexpected), ["add wrong shape (2)", "drawing", "sub"]);
  assertEquals(expected, []);
});

Deno.test("what passes must leave the list, one of many of a kind too", () => {
  const results = [passed("add wrong shape"), passed("draw a"), failed("draw b")];
  assertEquals(compare(LIST, results, true).passing, ["add wrong shape", "draw a"]);
});

Deno.test("an entry without a test is told, but only after a complete run", () => {
  const results = [pending("add wrong shape")];
  assertEquals(compare(LIST, results, true).unknown, ["draw *"]);
  assertEquals(compare(LIST, results, false).unknown, []);
});

Deno.test("the list wants a reason and names, and no name twice", () => {
  const parse = (value: unknown) => () => parseKnownFailures(JSON.stringify(value));
  assertThrows(parse({}), TypeError, "the known failures are no list");
  assertThrows(parse([{ tests: ["a"] }]), TypeError, 'the known failures ["a"] have no reason');
  assertThrows(
    parse([{ reason: "r", tests: [] }]),
    TypeError,
    'the known failures with reason "r" name no tests',
  );
  assertThrows(
    parse([{ reason: "r", tests: ["a"] }, { reason: "s", tests: ["a"] }]),
    TypeError,
    'the known failure "a" is listed twice',
  );
});

Deno.test("the checked-in list is in order", async () => {
  const list = parseKnownFailures(
    await Deno.readTextFile(new URL("./known_failures.json", import.meta.url)),
  );
  assert(list.every(({ reason }) => reason.length > 40), "a reason is a sentence");
});

Deno.test("tests are told apart by what they are about; those that did not run do not count", () => {
  assertEquals(subjectOf("stringNGrams padded"), "strings");
  assertEquals(subjectOf("1D FFT basic"), "complex numbers");
  assertEquals(subjectOf("conv2d basic"), "everything else");
  const results = [passed("add"), failed("sub"), failed("1D FFT"), pending("mul")];
  assertEquals(tally(results), [
    { subject: "complex numbers", passed: 0, total: 1 },
    { subject: "everything else", passed: 1, total: 2 },
    { subject: "all", passed: 1, total: 3 },
  ]);
  assert(showTable(tally(results)).includes("| everything else |      1 |  2 | 50.0 % |"));
});

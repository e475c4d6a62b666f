/** Small pairs, correct and broken: some of each kind; `deno task parity:pairs` runs all. */
import { assert, assertEquals } from "@std/assert";
import { kinds } from "./pairs/all.ts";
import { runCase } from "./pairs/run_case.ts";

/** Every so many pairs, of the kinds that take a moment. */
const every: Readonly<Record<string, number>> = {
  branches: 6,
  depth: 7,
  passes: 3,
  ports: 4,
  trainings: 3,
  saturations: 8,
  sequences: 16,
  stacks: 8,
};

Deno.test("at least 80 pairs, each with a name of its own", () => {
  const names = Object.values(kinds).flat().map(({ name }) => name);
  assert(names.length >= 80, String(names.length));
  assertEquals(new Set(names).size, names.length);
});

for (const [kind, cases] of Object.entries(kinds)) {
  for (const one of cases.filter((_, i) => i % every[kind] === 0)) {
    Deno.test(`${kind}: ${one.name}`, async () => {
      const { isRight, found, text } = await runCase(one);
      assert(isRight, `${found}\n${text}`);
    });
  }
}

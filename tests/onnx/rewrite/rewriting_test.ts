/** A few of the random graphs of `deno task test:rewriting`, which makes 2,000. */
import { assertEquals } from "@std/assert";
import { differenceIn } from "../rewriting/compare.ts";
import { randomGraph } from "../rewriting/random_graph.ts";

/** Of each: integers and rounded numbers, gradients of every order. */
const GRAPHS = 48;

Deno.test("rewritten random graphs compute what was recorded", async () => {
  for (let seed = 1; seed <= GRAPHS; seed++) {
    assertEquals(await differenceIn(randomGraph(seed)), undefined);
  }
});

Deno.test("random graphs of a seed are the same, and hold what they are for", () => {
  const all = Array.from({ length: 400 }, (_, seed) => randomGraph(seed));
  assertEquals(randomGraph(7).steps, all[7].steps);
  const text = all.flatMap(({ steps }) => steps).join("\n");
  const kinds = [
    "conv",
    "wide conv",
    "batch norm",
    "layer norm",
    "max pool",
    "average pool",
    "relu",
    "gate",
  ];
  const more = [
    "channels last",
    "shortcut",
    "beside",
    "parts",
    "attention",
    "dense",
    "sum over",
    "result 0",
  ];
  for (const kind of [...kinds, ...more, "gradients: 0", "gradients: 1", "gradients: 2"]) {
    assertEquals(text.includes(kind), true, kind);
  }
});

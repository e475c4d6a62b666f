/** When memory that nobody holds any more is used again. */
import { assertEquals } from "@std/assert";
import { constant, type LazyArray } from "../../../onnx/mod.ts";
import { RetiredMemory } from "../../../keras_style/engine/retired_memory.ts";

Deno.test("memory is free when every run issued before has ended, in whatever order they end", async () => {
  const freed: LazyArray[] = [];
  const retired = new RetiredMemory((array) => void freed.push(array));
  const runs = Array.from({ length: 3 }, () => Promise.withResolvers<void>());
  const ended = runs.map(({ promise }) => retired.during(promise));
  const array = constant(1);
  retired.retire(array);
  retired.sweep(true);
  // Issued later, yet it waits for nothing but the first run.
  ended.push(retired.during(runs[0].promise));
  const steps: [number, LazyArray[]][] = [[0, []], [2, []], [1, [array]]];
  for (const [i, expected] of steps) {
    runs[i].resolve();
    await ended[i];
    if (i === 0) await ended[3];
    assertEquals(freed, expected);
  }
});

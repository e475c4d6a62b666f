/** What `fuzz` and `chaos` are called with. */
import { assertEquals, assertThrows } from "@std/assert";
import { readTaskFlags } from "./task_flags.ts";

const read = (...args: string[]) => readTaskFlags(args, "target", ["images", "report"], 60);

Deno.test("flags of the tasks that try cases", () => {
  assertEquals(read("--seed", "7", "--target", "report", "--case", "3"), {
    ...{ seed: 7, seconds: 60, only: 3, names: ["report"] },
  });
  assertEquals(read("--seed=7", "--seconds=0.5"), {
    ...{ seed: 7, seconds: 0.5, only: null, names: ["images", "report"] },
  });
  const refused: [string[], string][] = [
    [["--seed", "x"], '--seed is "x", expected a number from 0 on'],
    [["--case=-1"], '--case is "-1", expected a number from 0 on'],
    [["--target", "nope"], '--target: "nope" is unknown, expected one of images, report'],
    [["--bad"], "--bad is unknown, expected --seconds, --seed, --case, --target"],
    [["images"], "images is unknown, expected --seconds"],
  ];
  for (const [args, message] of refused) assertThrows(() => read(...args), RangeError, message);
});

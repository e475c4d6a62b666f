/** A program that saves after every step is killed at random moments, and goes on from what it saved. */
import type { Random } from "../../../fixtures/random.ts";
import { expect, namesBelow } from "../../fuzz/target.ts";
import { randomKill, runProgram } from "../world.ts";

const KINDS = [
  ["torch", "training.safetensors", "150"],
  ["keras", "model.safetensors", "60"],
  ["keras", "model.keras", "60"],
] as const;

/** A program of a user's. */
const PERMISSIONS = [
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--allow-ffi=node_modules",
  "--allow-sys",
];

const unbroken = new Map<number, Promise<{ hash: string; milliseconds: number }>>();

export async function killedSaving(
  folder: string,
  shared: string,
  random: Random,
): Promise<string> {
  const kind = random.below(KINDS.length);
  const [idiom, name, steps] = KINDS[kind];
  const temporary = `${folder}/temporary`;
  await Deno.mkdir(temporary);
  const program = (
    place: string,
    preload: readonly string[],
    kill?: ReturnType<typeof randomKill>,
  ) =>
    runProgram(
      "tests/chaos/saving_program.ts",
      [idiom, `${place}/${name}`, steps],
      { preload, temporary, permissions: PERMISSIONS },
      kill,
    );
  if (!unbroken.has(kind)) {
    unbroken.set(
      kind,
      (async () => {
        const place = `${shared}/saving-${kind}`;
        await Deno.mkdir(place);
        const { code, stdout, stderr, milliseconds } = await program(place, []);
        expect(code === 0, `the program ends with ${code}: ${stderr.slice(-300)}`);
        return { hash: stdout.trim(), milliseconds };
      })(),
    );
  }
  const { hash, milliseconds } = await unbroken.get(kind)!;
  const place = `${folder}/saved`;
  await Deno.mkdir(place);
  await Deno.writeTextFile(`${place}/mine.txt`, "mine");
  const story: string[] = [name];
  for (let left = 1 + random.below(4); left > 0; left--) {
    const preload = [[], ["jumping_clock"], ["slow_disk"]][random.below(3)];
    const kill = randomKill(random, milliseconds * 1.05);
    story.push(
      `${kill.signal} after ${Math.round(kill.after)} ms${preload.length ? `, ${preload}` : ""}`,
    );
    await program(place, preload, kill);
  }
  const last = await program(place, []);
  expect(
    last.code === 0,
    `${story.join("; ")}: at its end ${last.code}: ${last.stderr.slice(-400)}`,
  );
  expect(
    last.stdout.trim() === hash,
    `${story.join("; ")}: another state than an unbroken training`,
  );
  const names = namesBelow(place).join(", ");
  // After the last save nothing half-written lies beside the file; a finished training saves once more.
  expect(names === ["mine.txt", name].sort().join(", "), `${story.join("; ")}: there is ${names}`);
  return story.join("; ");
}

/** The state of a trial on a disk that is full. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { Checkpoint } from "../../../bench/runner/trials/checkpoint.ts";
import { inFolder } from "../../in_folder.ts";

Deno.test("a state that cannot be written frees its room at once, and is noted once", () =>
  inFolder(async (folder) => {
    const notes: string[] = [];
    const checkpoint = await Checkpoint.open(
      {
        folder,
        fingerprint: "f",
        note: (text: string) => notes.push(text),
        measure: () => ({
          ...{
            history: [],
            stepMilliseconds: [],
            frameworkMilliseconds: [],
            inputMilliseconds: [],
            beginnings: [0],
          },
          fitSeconds: 0,
        }),
      } as unknown as Parameters<typeof Checkpoint.open>[0],
    );
    const full = async (part: string) => {
      await Deno.writeFile(`${part}/weights`, new Uint8Array(1000));
      throw new Error("No space left on device");
    };
    for (let epoch = 0; epoch < 2; epoch++) {
      await checkpoint.keep(full);
      assertEquals([...Deno.readDirSync(folder)], []);
    }
    assertEquals(notes.length, 1);
    assertStringIncludes(notes[0], "the training goes on without");
  }));

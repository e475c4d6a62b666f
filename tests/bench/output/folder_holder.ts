/** Holds a report's folder until it is ended, for tests of its lock: `folder_holder.ts FOLDER`. */
import { OutputFolder } from "../../../bench/output/folder.ts";

await using _folder = await OutputFolder.open(Deno.args[0], []);
console.log("held");
for await (const _ of Deno.stdin.readable) {
  // Until the end of its input.
}

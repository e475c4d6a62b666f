/**
 * `deno task readme:figures`: writes what the committed reports of the bench found into README.md.
 * @module
 */
import { fileURLToPath } from "node:url";
import { withPart } from "./marks.ts";
import { peersPart } from "./peers.ts";
import { reportPart } from "./report_part.ts";

const README = new URL("../../README.md", import.meta.url);

/** README.md with all its figures as the evidence has them. @throws {Error} if a mark or a report is not there */
export async function withFigures(readme: string): Promise<string> {
  const parts = {
    published: await reportPart("published", PUBLISHED_ROWS),
    "published-ablation": await reportPart("published-ablation"),
    peers: await peersPart(),
  };
  return Object.entries(parts).reduce((text, [name, part]) => withPart(text, name, part), readme);
}

/** What README shows of the published experiment's table. */
const PUBLISHED_ROWS = [
  "fit time",
  "step, median",
  "of a step, the framework's",
  "share of the machine's peak",
  "peak memory",
  "same classes by ONNX",
  "test accuracy",
  "published: test accuracy",
];

if (import.meta.main) {
  await Deno.writeTextFile(README, await withFigures(await Deno.readTextFile(README)));
  console.log(fileURLToPath(README));
}

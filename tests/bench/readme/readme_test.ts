import { assertEquals, assertThrows } from "@std/assert";
import { withFigures } from "../../../bench/readme/main.ts";
import { withPart } from "../../../bench/readme/marks.ts";
import { paragraphsOf } from "../../../bench/readme/report_part.ts";

const README = new URL("../../../README.md", import.meta.url);

Deno.test("README's figures are what the committed reports say (deno task readme:figures)", async () => {
  const readme = await Deno.readTextFile(README);
  assertEquals(readme, await withFigures(readme));
});

Deno.test("a README without the marks is refused, and so is a report without the rows", () => {
  assertThrows(() => withPart("# Tandem", "peers", []), Error, "lacks <!-- readme:figures peers");
  assertThrows(() => paragraphsOf("a", "# Tandem"), Error, "evidence/a/report.md lacks its tables");
  const report =
    "| | x |\n| - | - |\n| fit | 1 |\n\n| date | 2026-11-27T01 |\n| processor | P |\n\n```sh\nrun\n```\n";
  assertEquals(paragraphsOf("a", report, ["fit"])[2], "| | x |\n| - | - |\n| fit | 1 |");
  assertThrows(() => paragraphsOf("a", report, ["step"]), Error, 'no row "step"');
});

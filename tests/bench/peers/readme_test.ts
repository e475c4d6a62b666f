import { assertEquals, assertThrows } from "@std/assert";
import { evidence, withPeers } from "../../../bench/peers/readme.ts";

const README = new URL("../../../README.md", import.meta.url);

Deno.test("README's performance part is what the committed reports say (deno task readme:peers)", async () => {
  const readme = await Deno.readTextFile(README);
  assertEquals(readme, withPeers(readme, await evidence()));
});

Deno.test("a README without the marks is refused", () => {
  assertThrows(() => withPeers("# Tandem", new Map()), Error, "lacks <!-- deno task readme:peers");
});

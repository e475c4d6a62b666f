/** A trial is only gone on with where everything that it depends on is the same. */
import { assertEquals, assertNotEquals } from "@std/assert";
import { defaultOptions } from "../../../bench/cli/options.ts";
import { loadRecipe } from "../../../bench/recipes/mod.ts";
import { fingerprintsOf } from "../../../bench/runner/trials/fingerprint.ts";
import type { BenchOptions } from "../../../bench/runner/options.ts";
import { inFolder } from "../../in_folder.ts";

Deno.test("a fingerprint changes with the data, the recipe, the packages, the flags, the model and what it imports", () =>
  inFolder(async (folder) => {
    const file = `${folder}/mine.ts`;
    const part = `${folder}/part.ts`;
    await Deno.writeTextFile(file, 'import "./part.ts"; export const width = 1;');
    await Deno.writeTextFile(part, "export {};");
    const recipe = await loadRecipe("fixed");
    const fingerprint = async (
      { data = "a", packages = { x: "1" }, options = {}, ...changed }: {
        data?: string;
        packages?: Record<string, string>;
        options?: Partial<BenchOptions>;
        recipe?: typeof recipe;
      } = {},
    ) => {
      const axes = { model: "mine", recipe: "fixed", dataset: "d", style: "torch" as const };
      const configuration = {
        name: "torch",
        axes: { ...axes, layout: null, change: null },
        model: { name: "mine", file },
        recipe: changed.recipe ?? recipe,
      } as unknown as Parameters<typeof fingerprintsOf>[0][number];
      const settings = { ...defaultOptions(), ...options };
      const prints = await fingerprintsOf(
        [configuration],
        new Map([["d", data]]),
        packages,
        settings,
      );
      return prints.get("torch");
    };
    const first = await fingerprint();
    assertEquals(await fingerprint(), first);
    const others = {
      data: await fingerprint({ data: "b" }),
      packages: await fingerprint({ packages: { x: "2" } }),
      recipe: await fingerprint({ recipe: { ...recipe, epochs: recipe.epochs + 1 } }),
      device: await fingerprint({ options: { device: "cuda" } }),
      engine: await fingerprint({ options: { kerasEngine: "tfjs-node" } }),
      strictDevice: await fingerprint({ options: { strictDevice: true } }),
    };
    for (const [what, other] of Object.entries(others)) assertNotEquals(other, first, what);
    await Deno.writeTextFile(part, "export const more = 1;");
    const imported = await fingerprint();
    assertNotEquals(imported, first);
    await Deno.writeTextFile(file, 'import "./part.ts"; export const width = 2;');
    assertNotEquals(await fingerprint(), imported);
  }));

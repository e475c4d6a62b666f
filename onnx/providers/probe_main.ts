/**
 * `deno task probe:kernels webgpu`: writes what a provider has kernels for into kernels.json.
 * @module
 */
import { checkProvider, parseProvider } from "../provider.ts";
import { probe } from "./probe.ts";

if (import.meta.main) {
  const provider = parseProvider(Deno.args[0] ?? "");
  // On a provider that does not start nothing would be found.
  await checkProvider(provider);
  const path = new URL("kernels.json", import.meta.url);
  const tables = JSON.parse(await Deno.readTextFile(path));
  const found = await probe(
    provider,
    (key, types) => console.log(`${key}: ${types.join(" ") || "-"}`),
  );
  const operators = Object.keys(found).sort();
  tables[provider] = Object.fromEntries(operators.map((key) => [key, found[key]]));
  const lines = Object.entries<typeof found>(tables).map(([name, kernels]) => {
    const rows = Object.entries(kernels).map(([key, types]) =>
      `    ${JSON.stringify(key)}: ${JSON.stringify(types)}`
    );
    return `  ${JSON.stringify(name)}: {\n${rows.join(",\n")}\n  }`;
  });
  await Deno.writeTextFile(path, `{\n${lines.join(",\n")}\n}\n`);
}

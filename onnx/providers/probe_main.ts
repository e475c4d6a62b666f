/**
 * `deno task probe:kernels webgpu`: writes what a provider has kernels for into kernels.json.
 * @module
 */
import { checkProvider, parseProvider, type Provider } from "./provider.ts";
import { probe } from "./probe.ts";

/** A provider that starts: on another one nothing would be found. Else the process ends with one line. */
async function startedProvider(name: string): Promise<Provider> {
  try {
    const provider = parseProvider(name);
    await checkProvider(provider);
    return provider;
  } catch (error) {
    console.error((error as Error).message);
    Deno.exit(2);
  }
}

if (import.meta.main) {
  const provider = await startedProvider(Deno.args[0] ?? "");
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

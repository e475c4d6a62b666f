/** The project's files and what each imports: types, re-exports and `import()` of literals too, as Deno itself reads them. */
import { fileURLToPath } from "node:url";
import { inFolder } from "./in_folder.ts";
import { NO_LINKER_VARIABLES } from "../onnx/runtime/linker_variables.ts";

/** For every file, by its path from the project's folder, the files of the project that it imports. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

const ROOT = new URL("../", import.meta.url);

/** What the design says nothing about. */
const SKIPPED = new Set(["node_modules", "report"]);

/** The project's TypeScript files, by their paths from its folder. */
export function projectFiles(folder = ""): string[] {
  return [...Deno.readDirSync(new URL(folder, ROOT))].flatMap(({ name, isDirectory }) => {
    if (SKIPPED.has(name) || name.startsWith(".")) return [];
    if (isDirectory) return projectFiles(`${folder}${name}/`);
    return name.endsWith(".ts") ? [`${folder}${name}`] : [];
  }).sort();
}

interface Resolved {
  readonly specifier?: string;
}

interface DenoInfo {
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly { readonly code?: Resolved; readonly type?: Resolved }[];
  }[];
}

/** Reads the imports of some files and of all that those import. @param files by their paths from `root` */
export async function importGraph(
  files: readonly string[] = projectFiles(),
  root: URL = ROOT,
): Promise<ImportGraph> {
  const graph = new Map<string, readonly string[]>();
  await inFolder(async (folder) => {
    const entry = `${folder}/all.ts`;
    const lines = files.map((file) => `import ${JSON.stringify(new URL(file, root).href)};\n`);
    await Deno.writeTextFile(entry, lines.join(""));
    const config = fileURLToPath(new URL("deno.json", ROOT));
    const { success, stdout, stderr } = await new Deno.Command("deno", {
      args: ["info", "--json", "--config", config, entry],
      env: NO_LINKER_VARIABLES,
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as DenoInfo;
    const own = (specifier?: string) =>
      specifier?.startsWith(root.href) ? [specifier.slice(root.href.length)] : [];
    for (const { specifier, dependencies = [] } of modules) {
      const [path] = own(specifier);
      if (!path) continue;
      const imported = dependencies.flatMap(({ code, type }) =>
        [code, type].flatMap((found) => own(found?.specifier))
      );
      graph.set(path, [...new Set(imported)]);
    }
  });
  return graph;
}

/** Sets of files that all reach each other (Tarjan 1972). A file that imports itself is one. */
export function circles(graph: ImportGraph): string[][] {
  const found: string[][] = [];
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const visit = (file: string) => {
    order.set(file, order.size);
    lowest.set(file, order.get(file)!);
    stack.push(file);
    for (const next of graph.get(file) ?? []) {
      if (!order.has(next)) visit(next);
      if (stack.includes(next)) {
        lowest.set(file, Math.min(lowest.get(file)!, lowest.get(next)!));
      }
    }
    if (lowest.get(file) !== order.get(file)) return;
    const members = stack.splice(stack.indexOf(file));
    if (members.length > 1 || graph.get(file)?.includes(file)) found.push(members.sort());
  };
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return found;
}

/** A shortest way round inside of a set of files that all reach each other, as people read it: `a.ts -> b.ts -> a.ts`. */
export function showCircle(members: readonly string[], graph: ImportGraph): string {
  const [start] = members;
  const ways = new Map<string, string>([[start, start]]);
  for (const [file, way] of ways) {
    for (const next of graph.get(file) ?? []) {
      if (next === start) return `${way} -> ${start}`;
      if (members.includes(next) && !ways.has(next)) ways.set(next, `${way} -> ${next}`);
    }
  }
  throw new Error(`${start} does not reach itself`);
}

/**
 * A process that reads one user's file and prints what is in it as a line of JSON: `user_file_process.ts KIND PATH`.
 * @module
 */
import { loadModel, ModelError } from "../../models/mod.ts";
import { loadRecipe, RecipeError } from "../../recipes/mod.ts";
import { importUserModule, UserModuleError } from "../../user_module.ts";
import type { UserFileAnswer, UserFileKind } from "./user_file.ts";

const readers: Record<UserFileKind, (path: string) => Promise<unknown>> = {
  model: async (path) => {
    const { name, title, source, file, keras, torch } = await loadModel(path);
    const idioms = [...keras ? ["keras"] : [], ...torch ? ["torch"] : []];
    return { name, title, source, file, idioms };
  },
  recipe: loadRecipe,
  ablation: async (path) => {
    if (path.endsWith(".json")) return JSON.parse(await Deno.readTextFile(path));
    return (await importUserModule("--ablation", path)).ablation;
  },
};

async function answer(kind: UserFileKind, path: string): Promise<UserFileAnswer> {
  try {
    return { value: await readers[kind](path) ?? null };
  } catch (error) {
    const isUsers = [ModelError, RecipeError, UserModuleError]
      .some((kind) => error instanceof kind);
    const text = error instanceof Error ? error.message || error.name : String(error);
    const line = text.split("\n")[0];
    return { error: isUsers ? line : `--${kind}: ${path}: ${line}` };
  }
}

if (import.meta.main) {
  // What the user's module prints is not the answer.
  const print = console.log;
  console.log = console.error;
  const [kind, path] = Deno.args;
  print(JSON.stringify(await answer(kind as UserFileKind, path)));
  Deno.exit(0); // Timers or servers of the user's would keep the process.
}

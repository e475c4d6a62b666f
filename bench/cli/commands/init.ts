/** `bench init`. @module */
import { modelTemplate, templateFile } from "../../models/mod.ts";
import { type Command, exitCodes } from "../command.ts";
import { UsageError } from "../usage_error.ts";

/** Writes a model of one's own to start from. */
export const initCommand: Command = {
  name: "init",
  summary: "writes a commented file with a model in both idioms, which runs as it is",
  placeholder: "[FILE]",
  flags: [],
  switches: [],
  positional: { name: "files", least: 0, most: 1 },
  examples: [["init my_model.ts", "then `deno task bench --model ./my_model.ts`"]],
  run: async ({ positional: [path = templateFile] }) => {
    if (!path.endsWith(".ts")) {
      throw new UsageError(`"${path}" is not allowed; expected a file that ends in .ts`);
    }
    try {
      await Deno.writeTextFile(path, modelTemplate(tandem()), { createNew: true });
    } catch (error) {
      const why = error instanceof Deno.errors.AlreadyExists
        ? "it is there already; name another file"
        : (error as Error).message;
      throw new UsageError(`cannot write "${path}": ${why}`);
    }
    console.log(`${path}; train it with: deno task bench --model ${asPath(path)}`);
    return exitCodes.done;
  },
};

/** What a file in any folder can import Tandem from. */
function tandem(): string {
  return new URL("../../../mod.ts", import.meta.url).href;
}

/** A file's path as --model takes it for one: with a slash. */
function asPath(path: string): string {
  return /[\\/]/.test(path) ? path : `./${path}`;
}

/** `bench convert`. @module */
import { dirname } from "node:path";
import { childCommand, isDenoWarning } from "../../runner/child.ts";
import { moduleFolders } from "../../runner/user_file.ts";
import { isModuleFile } from "../../user_module.ts";
import type { ConvertRequest } from "../../parity/convert_process.ts";
import { type Command, exitCodes } from "../command.ts";
import type { ParsedArguments } from "../parse.ts";
import { UsageError } from "../usage_error.ts";

/** Takes weights to the other idiom. */
export const convertCommand: Command = {
  name: "convert",
  summary: "takes a model's weights from one idiom to the other, bit for bit",
  placeholder: "WEIGHTS OUT",
  flags: ["model", "to", "image-shape", "classes"],
  switches: [],
  positional: { name: "files", least: 2, most: 2 },
  examples: [
    [
      "convert --model resnet18 --to keras weights.safetensors resnet18.weights.h5",
      "a PyTorch state dict to Keras' weights",
    ],
    [
      "convert --model ./mine.ts --to torch --classes 4 mine.weights.h5 mine.safetensors",
      "and back, of a model of one's own",
    ],
  ],
  run: convert,
};

async function convert(args: ParsedArguments): Promise<number> {
  const [from, out] = args.positional;
  const [model, ...others] = args.value("model");
  if (others.length > 0) {
    throw new UsageError(`--model: "${[model, ...others]}" is not allowed; expected one model`);
  }
  const request: ConvertRequest = {
    ...{ model, from, out, to: args.value("to") },
    ...{ imageShape: args.value("image-shape"), classes: args.value("classes") },
  };
  // A user's file is code: it runs with the permissions of a trial.
  const script = new URL("../../parity/convert_process.ts", import.meta.url);
  const modules = isModuleFile(model) ? await moduleFolders(model) : [];
  const child = childCommand(script, {
    args: [JSON.stringify(request)],
    read: [from, ...modules],
    // A file is written beside its place, then moved.
    write: [dirname(out)],
  }).spawn();
  await child.stdin.close();
  const { stdout, stderr, success } = await child.output();
  const linesOf = (bytes: Uint8Array) =>
    new TextDecoder().decode(bytes).split("\n")
      .filter((line) => line.trim() !== "" && !isDenoWarning(line));
  if (!success) throw new UsageError(linesOf(stderr).at(-1) ?? "its process ended with no word");
  console.log(linesOf(stdout).at(-1));
  return exitCodes.done;
}

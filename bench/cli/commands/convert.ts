/** `bench convert`. @module */
import { convertFile } from "../../weights/convert.ts";
import { OWN_NAMES } from "../../weights/names.ts";
import { type Command, exitCodes } from "../command.ts";
import type { ParsedArguments } from "../parse.ts";
import { UsageError } from "../usage_error.ts";

/** Takes weights to the other idiom. */
export const convertCommand: Command = {
  name: "convert",
  summary: "takes a model's weights from one idiom to the other, or to other names, bit for bit",
  placeholder: "WEIGHTS OUT",
  flags: ["model", "to", "names", "skip-weights", "image-shape", "classes"],
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
    [
      "convert --model vit_tiny --to torch --names timm vit.weights.h5 vit.safetensors",
      "for Python: timm's names; torch.save's files and safetensors with such names are read too",
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
  const [to, names] = [args.value("to"), args.value("names")];
  if (to === "keras" && names !== OWN_NAMES) {
    throw new UsageError(
      `--names: ${names} is for state dicts, and --to is keras; leave it out, or use --to torch`,
    );
  }
  console.log(
    await convertFile({
      ...{ model, from, out, to, names },
      ...{ imageShape: args.value("image-shape"), classes: args.value("classes") },
      skipped: args.value("skip-weights"),
    }),
  );
  return exitCodes.done;
}

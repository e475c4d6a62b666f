/**
 * A process that takes a file of weights to the other idiom: `convert_process.ts REQUEST`.
 * @module
 */
import { loadModel } from "../models/mod.ts";
import { load, save } from "../../torch_style/mod.ts";
import { convert } from "./convert.ts";
import { ParityError } from "./parity_error.ts";

/** What is asked for. */
export interface ConvertRequest {
  /** A model's name, or a user's file. */
  readonly model: string;
  /** The idiom that is given the weights. */
  readonly to: "keras" | "torch";
  /** A PyTorch state dict as safetensors, or a file that the Keras idiom reads. */
  readonly from: string;
  readonly out: string;
  /** Height, width, channels. */
  readonly imageShape: readonly number[];
  readonly classes: number;
}

/** @throws {Error} whose message is one line for the user */
async function run({ model: name, to, from, out, imageShape, classes }: ConvertRequest) {
  if (await isThere(out)) throw new ParityError(`"${out}" is there already; name another file`);
  const { keras, torch } = await loadModel(name);
  if (!keras || !torch) {
    throw new ParityError(`--model: ${name} is written in one idiom only, expected both`);
  }
  const [{ kerasModel }, { TorchModel }] = [await keras(), await torch()];
  const [height, width, channels] = imageShape;
  const model = kerasModel({ inputShape: imageShape, classes });
  const network = new TorchModel({ inputShape: [channels, height, width], classes });
  if (to === "keras") {
    network.loadStateDict(await load(from));
    await convert(network, model);
    await model.saveWeights(out);
  } else {
    await model.loadWeights(from);
    await convert(model, network);
    await save(network.stateDict(), out);
  }
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

if (import.meta.main) {
  const request: ConvertRequest = JSON.parse(Deno.args[0]);
  try {
    await run(request);
    console.log(`${request.out}: ${request.model}'s weights for ${request.to}`);
  } catch (error) {
    console.error(String(error instanceof Error ? error.message : error).split("\n").join("; "));
    Deno.exitCode = 1;
  }
}

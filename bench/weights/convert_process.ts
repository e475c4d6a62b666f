/**
 * A process that takes a file of weights to an idiom, a form or other names, or only looks whether a network can be made and
 * given them: `convert_process.ts REQUEST`.
 * @module
 */
import { dirname } from "node:path";
import { loadModel } from "../models/mod.ts";
import { kerasOf, loadIntoKeras, loadIntoTorch, torchOf } from "./load_weights.ts";
import { namingsOf } from "./names.ts";
import { saveTorchState } from "./torch_state.ts";
import { WeightsError } from "./weights_error.ts";

/** What is asked for. */
export interface ConvertRequest {
  /** A model's name, or a user's file. */
  readonly model: string;
  /** The idiom that is given the weights. */
  readonly to: "keras" | "torch";
  /** A PyTorch state dict, or a file that the Keras idiom reads; null: the network is only made. */
  readonly from: string | null;
  /** Null: the weights are only held against the network. */
  readonly out: string | null;
  /** How the parameters of a state dict are called that is written. */
  readonly names: string;
  readonly skipped: readonly string[];
  /** Height, width, channels. */
  readonly imageShape: readonly number[];
  readonly classes: number;
  /** Whether the Keras idiom is also to be made channels first; no unless given. */
  readonly bothFormats?: boolean;
}

/** What files of an idiom's weights end in; `.keras` holds the model too. */
const endings = {
  keras: [".weights.h5", ".keras", ".safetensors"],
  torch: [".safetensors"],
} as const;

/** @throws {Error} whose message is one line for the user */
async function run(request: ConvertRequest): Promise<void> {
  const { to, from, out, names, skipped, imageShape, classes } = request;
  const model = await loadModel(request.model);
  if (out !== null && await isThere(out)) {
    throw new WeightsError(`"${out}" is there already; name another file`);
  }
  if (out !== null && !await isThere(dirname(out))) {
    throw new WeightsError(`"${out}" has no folder: "${dirname(out)}" is not there`);
  }
  if (out !== null && !endings[to].some((ending) => out.endsWith(ending))) {
    throw new WeightsError(
      `"${out}" is no name for weights of the ${to} idiom, expected one that ends in ${
        endings[to].join(" or ")
      }`,
    );
  }
  if (!namingsOf(model).includes(names)) {
    throw new WeightsError(
      `--names: ${names} is not known for ${model.name}; expected one of ${namingsOf(model)}`,
    );
  }
  const source = { model, imageShape, classes };
  if (to === "keras") {
    const keras = await kerasOf(source);
    if (request.bothFormats) {
      const { refuseIgnoredFormat } = await import("../models/build_keras.ts");
      refuseIgnoredFormat(model, (await model.keras!()).kerasModel, source);
    }
    if (from !== null) await loadIntoKeras(keras, { ...source, path: from, skipped });
    if (out?.endsWith(".keras")) await keras.save(out);
    else if (out !== null) await keras.saveWeights(out);
  } else {
    const network = await torchOf(source);
    if (from !== null) await loadIntoTorch(network, { ...source, path: from, skipped });
    if (out !== null) await saveTorchState(model, network, out, names);
  }
}

/** A list of lines behind a colon goes on in the line. */
function inOneLine(message: string): string {
  return message.replace(/:\n\s*/g, ": ").replace(/\n\s*/g, "; ");
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
    console.error(inOneLine(String(error instanceof Error ? error.message : error)));
    Deno.exit(1);
  }
  Deno.exit(0); // Timers or servers of the user's would keep the process.
}

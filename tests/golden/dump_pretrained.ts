/**
 * Writes networks' weights under torchvision's and timm's names, and their logits, for `pretrained_names.py FOLDER`:
 *
 *   deno run -P=conformance tests/golden/dump_pretrained.ts FOLDER
 */
import { loadModel } from "../../bench/models/mod.ts";
import { torchOf } from "../../bench/weights/load_weights.ts";
import { saveTorchState } from "../../bench/weights/torch_state.ts";
import * as torch from "../../torch_style/mod.ts";
import golden from "./pretrained_names.json" with { type: "json" };

const [folder] = Deno.args;
const images = torch.fromArray(
  Float32Array.from({ length: 2 * 3 * 32 * 32 }, (_, i) => Math.sin(i)),
  [2, 3, 32, 32],
);
for (const name of new Set(Object.keys(golden).map((key) => key.split(" ")[0]))) {
  const model = await loadModel(name);
  torch.manualSeed(1);
  const network = await torchOf({ model, imageShape: [32, 32, 3], classes: 10 });
  // Running statistics that are not those of a new network.
  network.train();
  await torch.noGrad(() => network(torch.rand([8, 3, 32, 32]))).data();
  network.eval();
  const logits = await torch.noGrad(() => network(images)).data() as Float32Array;
  await Deno.writeTextFile(`${folder}/${name}.json`, JSON.stringify([...logits]));
  for (const naming of Object.keys(model.names)) {
    await saveTorchState(model, network, `${folder}/${name}.${naming}.safetensors`, naming);
  }
}

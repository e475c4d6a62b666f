/** The quick ones of the networks; `deno task test:networks` checks all. */
import { checkStep, checkWeightsAndFiles } from "./network_checks.ts";

for (const name of ["mlp", "published_cnn", "resnet20"]) {
  Deno.test(`${name}: loss, gradients and running statistics of a step are PyTorch's`, () =>
    checkStep(name));
  Deno.test(`${name}: weights go to the other idiom and back, files give the same logits`, () =>
    checkWeightsAndFiles(name));
}

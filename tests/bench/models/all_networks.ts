/**
 * `deno task test:networks`: what networks_test.ts checks, of every network of the bench; some minutes.
 */
import { modelNames } from "../../../bench/models/mod.ts";
import { checkStep, checkWeightsAndFiles } from "./network_checks.ts";

for (const name of await modelNames()) {
  Deno.test(`${name}: loss, gradients and running statistics of a step are PyTorch's`, () =>
    checkStep(name));
  Deno.test(`${name}: weights go to the other idiom and back, files give the same logits`, () =>
    checkWeightsAndFiles(name));
}

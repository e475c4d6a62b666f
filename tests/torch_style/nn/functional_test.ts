/** Values and gradients of nn.functional against PyTorch's (tests/golden/torch_nn.py). */
import { assert } from "@std/assert";
import * as torch from "../../../torch_style/mod.ts";
import { tensorOf } from "../golden.ts";
import { assertAll, backward, byName, type FunctionCase, optionsOf, recorded } from "./recorded.ts";

type AnyFunction = (...args: unknown[]) => torch.Tensor | torch.Tensor[];
const functions = torch.nn.functional as unknown as Record<string, AnyFunction>;

async function check(item: FunctionCase, title: string): Promise<void> {
  const inputs = item.inputs.map((flat, i) =>
    item.gradients[i] ? tensorOf(flat) : tensorOf(flat).detach()
  );
  const options = optionsOf(item.options, item.tensors);
  const rest = Object.keys(options).length > 0 ? [options] : [];
  const result = functions[item.name](...inputs, ...item.args, ...rest);
  const output = Array.isArray(result) ? result[item.part!] : result;
  backward([output]);
  await assertAll([
    { what: title, actual: output, expected: item.output },
    ...item.gradients.map((expected, i) => ({
      what: `${title}: gradient ${i}`,
      actual: inputs[i].grad,
      expected,
    })),
  ]);
}

for (const [name, cases] of byName(recorded.functions)) {
  Deno.test(`functional.${name}: values and gradients are PyTorch's`, async () => {
    assert(name in functions, `functional.${name} is exported`);
    for (const [i, item] of cases.entries()) {
      await check(item, `${name} #${i} ${JSON.stringify([item.args, item.options])}`);
    }
  });
}

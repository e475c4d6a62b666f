/** Modules against PyTorch's (tests/golden/torch_nn.py): text, state, values, gradients, buffers. */
import { assert, assertEquals } from "@std/assert";
import * as torch from "../../../torch_style/mod.ts";
import { tensorOf } from "../golden.ts";
import { assertAll, backward, byName, type ModuleCase, optionsOf, recorded } from "./recorded.ts";

type AnyModule = torch.nn.AnyModule;
const classes = torch.nn as unknown as Record<string, new (...args: unknown[]) => AnyModule>;

async function check(item: ModuleCase, title: string): Promise<void> {
  const made = optionsOf(item.options, item.tensors);
  const rest = Object.keys(made).length > 0 ? [made] : [];
  const module = new classes[item.name](...item.args, ...rest);
  assertEquals(String(module), item.text, `${title}: text`);
  assertEquals(Object.keys(module.stateDict()), Object.keys(item.state), `${title}: state`);
  const state = Object.entries(item.state).map(([name, flat]) => [name, tensorOf(flat)]);
  module.loadStateDict(Object.fromEntries(state));
  module.train(item.train);
  const inputs = item.inputs.map((flat, i) =>
    item.gradients[i] ? tensorOf(flat) : tensorOf(flat).detach()
  );
  const outputs = callModule(module, item, inputs);
  backward(outputs);
  const compare = (
    what: string,
    expected: Record<string, ModuleCase["inputs"][0]>,
    actual: (name: string) => torch.Tensor | null,
  ) =>
    Object.entries(expected).map(([name, flat]) => ({
      what: `${title}: ${what} ${name}`,
      actual: actual(name),
      expected: flat,
    }));
  await assertAll([
    ...item.outputs.map((expected, i) => ({
      what: `${title}: output ${i}`,
      actual: outputs[i],
      expected,
    })),
    ...item.gradients.map((expected, i) => ({
      what: `${title}: gradient ${i}`,
      actual: inputs[i].grad,
      expected,
    })),
    ...compare("gradient of", item.parameters, (name) => module.getParameter(name).grad),
    ...compare("buffer", item.buffers, (name) => module.getBuffer(name)),
  ]);
}

function callModule(
  module: AnyModule,
  item: ModuleCase,
  inputs: torch.Tensor[],
): (torch.Tensor | null)[] {
  const given = item.same ? [inputs[0], inputs[0], inputs[0]] : inputs;
  const options = optionsOf(item.call, item.callTensors);
  // The only option that is a positional argument here.
  const { outputSize } = options;
  const rest = outputSize ? [outputSize] : Object.keys(options).length > 0 ? [options] : [];
  let output: unknown;
  for (let i = 0; i < item.calls; i++) output = module(...given, ...rest);
  return Array.isArray(output) ? output : [output as torch.Tensor];
}

for (const [name, cases] of byName(recorded.modules)) {
  Deno.test(`nn.${name}: text, state, values, gradients and buffers are PyTorch's`, async () => {
    assert(name in classes, `nn.${name} is exported`);
    for (const [i, item] of cases.entries()) {
      const told = JSON.stringify([item.args, item.options, item.train]);
      await check(item, `${name} #${i} ${told}`);
    }
  });
}

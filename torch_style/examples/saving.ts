/**
 * Saving: a state that Python reads, a training that goes on where it stopped, a network as an ONNX file.
 *
 *   deno run --permission-set=default torch_style/examples/saving.ts
 * @module
 */
import { torch } from "@tandem/tandem";

const { nn, optim } = torch;

function training() {
  const module = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 2));
  return { module, optimizer: new optim.Adam(module.parameters(), { lr: 0.01 }) };
}

async function train({ module, optimizer }: ReturnType<typeof training>, steps: number) {
  const x = torch.linspace(-1, 1, 40).reshape(10, 4);
  for (let step = 0; step < steps; step++) {
    optimizer.zeroGrad();
    module(x).square().mean().backward();
    await optimizer.step();
  }
  return await module(x).sum().item();
}

/** Prints that stopped and resumed equals unbroken, and that the ONNX file agrees. */
export async function main(print: (...values: unknown[]) => void = console.log): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    torch.manualSeed(1);
    const unbroken = training();
    await train(unbroken, 5);
    await torch.saveCheckpoint(`${folder}/checkpoint.safetensors`, unbroken, { step: 5 });
    const resumed = training();
    const extra = await torch.loadCheckpoint(`${folder}/checkpoint.safetensors`, resumed);
    print("resumed at", extra);
    const results = [await train(unbroken, 5), await train(resumed, 5)];
    print("unbroken and resumed are equal:", results[0] === results[1]);

    await torch.save(unbroken.module.stateDict(), `${folder}/weights.safetensors`);
    print("saved:", Object.keys(await torch.load(`${folder}/weights.safetensors`)));

    await torch.onnx.export(unbroken.module, torch.zeros([1, 4]), `${folder}/network.onnx`);
    const network = await torch.onnx.load(`${folder}/network.onnx`, { provider: "cpu" });
    print(String(network));
    const x = torch.ones([3, 4]);
    print("the file agrees:", await torch.allclose(network(x) as torch.Tensor, unbroken.module(x)));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) await main();

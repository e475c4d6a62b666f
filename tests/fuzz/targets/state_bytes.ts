/** Whole states as texts that can be held against each other, bit for bit. */
import type { torch } from "../../../mod.ts";

/** All tensors of a state by name. */
async function bytesOfTensors(
  tensors: Readonly<Record<string, torch.Tensor>>,
): Promise<string> {
  const parts = await Promise.all(
    Object.entries(tensors).map(async ([name, tensor]) => {
      const { buffer, byteOffset, byteLength } = await tensor.data();
      return `${name} ${tensor.dtype}[${tensor.shape}] ${new Uint8Array(
        buffer,
        byteOffset,
        byteLength,
      )}`;
    }),
  );
  return parts.join("\n");
}

/** A module's parameters and buffers. */
export function bytesOfModule(module: torch.nn.AnyModule): Promise<string> {
  return bytesOfTensors(module.stateDict());
}

/** An optimizer's state and options. */
// deno-lint-ignore no-explicit-any
export async function bytesOfOptimizer(optimizer: torch.optim.Optimizer<any>): Promise<string> {
  const { state, paramGroups } = optimizer.stateDict();
  const tensors = await Promise.all(
    Object.entries(state).map(async ([i, own]) => `${i}: ${await bytesOfTensors(own)}`),
  );
  return `${tensors.join("\n")}\n${JSON.stringify(paramGroups)}`;
}

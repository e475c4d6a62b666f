/**
 * Regions in which functions choose their dtype.
 * @module
 */
import { defaultRuntime } from "../../onnx/mod.ts";
import { type Call, kinds, signature } from "../arguments.ts";
import { enterRegion } from "./autocast_state.ts";

const warned = new Set<string>();

function tell(text: string): void {
  if (warned.has(text)) return;
  warned.add(text);
  console.warn(text);
}

/** Options of {@linkcode autocast}. */
export interface AutocastOptions {
  /** What is computed in; "float16" unless given, for "cpu" "bfloat16" as in PyTorch. */
  readonly dtype?: "float16" | "bfloat16" | "float32";
  /** Whether it is on; true unless given. */
  readonly enabled?: boolean;
}

const AUTOCAST = signature(
  "autocast",
  ["deviceType", kinds.string],
  ["dtype", kinds.nullable(kinds.oneOf("float16", "bfloat16", "float32")), null],
  ["enabled", kinds.boolean, true],
);

class Region implements Disposable {
  constructor(readonly leave: () => void) {}

  [Symbol.dispose](): void {
    this.leave();
  }
}

/**
 * Until the block ends, products (convolutions, linear layers, attention) are computed in float16 or bfloat16 and losses in float32;
 * parameters keep their dtype, and so do their gradients. The backward pass belongs outside. The region is the one of its
 * asynchronous context. bfloat16 has float32's range, so that its losses need no {@linkcode GradScaler}; it is computed as float32,
 * each result rounded, which costs time on the CPU.
 * Follows https://docs.pytorch.org/docs/stable/amp.html#torch.autocast
 *
 * @param deviceType what computes: a region for another device than that of the tensors changes nothing
 * @throws {TypeError} for options that PyTorch does not have
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * const net = new torch.nn.Linear(4, 2);
 * function lossOf(x: torch.Tensor): torch.Tensor {
 *   using _ = torch.amp.autocast("cpu", { dtype: "float16" });
 *   return torch.nn.functional.mseLoss(net(x), torch.zeros([3, 2]));
 * }
 * lossOf(torch.ones([3, 4])).backward();
 * ```
 */
export function autocast(
  ...given: Call<typeof AUTOCAST, AutocastOptions, [deviceType: string]>
): Disposable {
  const { deviceType, dtype, enabled } = AUTOCAST.read(given);
  const chosen = dtype ?? (deviceType === "cpu" ? "bfloat16" : "float16");
  const { provider } = defaultRuntime();
  if (enabled && deviceType !== provider) {
    tell(`autocast: tensors lie on "${provider}", a region for "${deviceType}" changes nothing`);
  }
  return new Region(enterRegion({ deviceType, dtype: chosen, enabled }));
}

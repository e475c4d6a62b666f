/**
 * Look-ahead in the PyTorch idiom.
 * @module
 */
import { evaluate } from "../../../onnx/mod.ts";
import { type nn, noGrad, type Tensor, tensor } from "../../../torch_style/mod.ts";
import { keptShare, type LookaheadSettings } from "../training/lookahead.ts";

/** Slow copies of a network's weights and running statistics, which the network is set to now and then. */
export class TorchLookahead {
  /** By the names of what they copy. */
  slow: Record<string, Tensor>;

  constructor(readonly network: nn.Module, readonly settings: LookaheadSettings) {
    this.slow = noGrad(() =>
      Object.fromEntries(this.#fast.map(([name, own]) => [name, own.clone()]))
    );
  }

  get #fast(): [name: string, own: Tensor][] {
    const all = [...this.network.namedParameters(), ...this.network.namedBuffers()];
    return all.filter(([, { dtype }]) => dtype === "float32");
  }

  /** A step is recorded; steps count from 1. */
  update(step: number): Promise<void> {
    const kept = keptShare(this.settings, step);
    if (kept === null) return Promise.resolve();
    const fast = this.#fast;
    noGrad(() => {
      // As a tensor: a number would be part of the program, another one at every step.
      const taken = tensor(1 - kept);
      for (const [name, own] of fast) {
        const before = this.slow[name];
        this.slow[name] = before.add(own.sub(before).mul(taken));
        own.copy_(this.slow[name]);
      }
    });
    // Now: left to the next step, they would hold on to all weights since they were last read.
    const written = [...fast.map(([, own]) => own), ...Object.values(this.slow)];
    return evaluate(written.map(({ array }) => array));
  }
}

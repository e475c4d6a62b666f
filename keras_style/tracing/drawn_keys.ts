/**
 * Random keys of one call: given back if the call fails, so that the next one draws what it would have drawn.
 * @module
 */
import type { LazyArray, RandomStream } from "../../onnx/mod.ts";

interface Draw {
  readonly from: RandomStream["state"];
  to: RandomStream["state"];
}

/** What was drawn by calls that failed while later calls had drawn already. */
const behind = new WeakMap<RandomStream, Draw>();

/** The keys that one call draws. */
export class DrawnKeys {
  readonly #draws = new Map<RandomStream, Draw>();

  /** Draws a key. */
  next(stream: RandomStream): LazyArray {
    const from = stream.state;
    const key = stream.nextKeyArray();
    const draw = this.#draws.get(stream);
    if (draw) draw.to = stream.state;
    else this.#draws.set(stream, { from, to: stream.state });
    return key;
  }

  /** Gives the keys back; if somebody has drawn since, then when that one gives back as well. */
  takeBack(): void {
    for (const [stream, { from, to }] of this.#draws) {
      const earlier = behind.get(stream);
      const back = earlier && isSame(earlier.to, from) ? earlier.from : from;
      behind.delete(stream);
      if (isSame(stream.state, to)) stream.state = back;
      else behind.set(stream, { from: back, to });
    }
  }
}

function isSame(a: RandomStream["state"], b: RandomStream["state"]): boolean {
  return a[0] === b[0] && a[1] === b[1];
}

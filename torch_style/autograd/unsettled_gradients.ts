/**
 * Gradients of which other workers decide whether there are any: who asks `grad === null` waits for them first.
 * @module
 */

let waiting: Promise<void> | undefined;

/** Notes that gradients are settled when a promise is; whether it fails is told to whoever reads them. */
export function settleLater(done: Promise<void>): void {
  const all = Promise.all([waiting, done.catch(() => {})]).then(() => {
    if (waiting === all) waiting = undefined;
  });
  waiting = all;
}

/** When all gradients are settled; undefined if they are. */
export function unsettledGradients(): Promise<void> | undefined {
  return waiting;
}

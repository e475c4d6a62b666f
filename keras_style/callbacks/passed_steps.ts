/**
 * How many steps lie between two calls of `onTrainBatchEnd`.
 * @module
 */

/** With `stepsPerExecution` callbacks hear of a call's last step only. Source: keras/src/callbacks/model_checkpoint.py */
export class PassedSteps {
  #last: number | undefined;

  /** @param step that has ended, counted from 0 in every epoch @returns how many have since the last call of this */
  until(step: number): number {
    const isNewEpoch = this.#last === undefined || step <= this.#last;
    const passed = isNewEpoch ? step + 1 : step - this.#last!;
    this.#last = step;
    return passed;
  }
}

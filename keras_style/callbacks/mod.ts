/** Callbacks: what is called while a model is trained. @module */
export { Callback, type CallbackParams, type Done, type Logs } from "./callback.ts";
export { History } from "./history.ts";
export { LambdaCallback, type LambdaCallbackOptions } from "./lambda_callback.ts";
export { type ProgressSettings } from "./progress_bar.ts";
export { ProgressBarCallback } from "./progress_bar_callback.ts";

/** Callbacks: what is called while a model is trained. @module */
export { Callback, type CallbackParams, type Done, type Logs } from "./callback.ts";
export { CSVLogger, type CSVLoggerOptions } from "./csv_logger.ts";
export { EarlyStopping, type EarlyStoppingOptions } from "./early_stopping.ts";
export { History } from "./history.ts";
export { LambdaCallback, type LambdaCallbackOptions } from "./lambda_callback.ts";
export { type LearningRateSchedule, LearningRateScheduler } from "./learning_rate_scheduler.ts";
export { ModelCheckpoint, type ModelCheckpointOptions } from "./model_checkpoint.ts";
export { MonitorCallback, type MonitorMode, type MonitorOptions } from "./monitor_callback.ts";
export { type ProgressSettings } from "./progress_bar.ts";
export { ProgressBarCallback } from "./progress_bar_callback.ts";
export { ReduceLROnPlateau, type ReduceLROnPlateauOptions } from "./reduce_lr_on_plateau.ts";

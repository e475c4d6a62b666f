/** Callbacks: what is called while a model is trained. @module */
export { BackupAndRestore, type BackupAndRestoreOptions } from "./backup_and_restore.ts";
export { Callback, type CallbackParams, type Done, type Logs } from "./callback.ts";
export { CallbackList, type CallbackListOptions } from "./callback_list.ts";
export { CSVLogger, type CSVLoggerOptions } from "./csv_logger.ts";
export { EarlyStopping, type EarlyStoppingOptions } from "./early_stopping.ts";
export { History } from "./history.ts";
export { LambdaCallback, type LambdaCallbackOptions } from "./lambda_callback.ts";
export { type LearningRateSchedule, LearningRateScheduler } from "./learning_rate_scheduler.ts";
export { ModelCheckpoint, type ModelCheckpointOptions } from "./model_checkpoint.ts";
export { MonitorCallback, type MonitorMode, type MonitorOptions } from "./monitor_callback.ts";
export { type ProgressSettings } from "./progress_bar.ts";
export { ProgbarLogger } from "./progbar_logger.ts";
export { ReduceLROnPlateau, type ReduceLROnPlateauOptions } from "./reduce_lr_on_plateau.ts";
export { RemoteMonitor, type RemoteMonitorOptions } from "./remote_monitor.ts";
export { SwapEMAWeights, type SwapEMAWeightsOptions } from "./swap_ema_weights.ts";
export { TensorBoard, type TensorBoardOptions } from "./tensor_board.ts";
export { TerminateOnNaN, type TerminateOnNaNOptions } from "./terminate_on_nan.ts";

/** Callbacks: what is called while a model is trained. @module */
import * as backupAndRestore from "./backup_and_restore.ts";
import * as csvLogger from "./csv_logger.ts";
import * as earlyStopping from "./early_stopping.ts";
import * as lambdaCallback from "./lambda_callback.ts";
import * as learningRateScheduler from "./learning_rate_scheduler.ts";
import * as modelCheckpoint from "./model_checkpoint.ts";
import * as progbarLogger from "./progbar_logger.ts";
import * as reduceLrOnPlateau from "./reduce_lr_on_plateau.ts";
import * as remoteMonitor from "./remote_monitor.ts";
import * as swapEmaWeights from "./swap_ema_weights.ts";
import * as tensorBoard from "./tensor_board.ts";
import * as terminateOnNan from "./terminate_on_nan.ts";
import { kerasClass } from "../keras_class.ts";
import { CALLBACKS } from "../positional_names.ts";

export { type BackupAndRestoreOptions } from "./backup_and_restore.ts";
export { Callback, type CallbackParams, type Done, type Logs } from "./callback.ts";
export { CallbackList, type CallbackListOptions } from "./callback_list.ts";
export { type CSVLoggerOptions } from "./csv_logger.ts";
export { type EarlyStoppingOptions } from "./early_stopping.ts";
export { History } from "./history.ts";
export { type LambdaCallbackOptions } from "./lambda_callback.ts";
export {
  type LearningRateSchedule,
  type LearningRateSchedulerOptions,
} from "./learning_rate_scheduler.ts";
export { type ModelCheckpointOptions } from "./model_checkpoint.ts";
export { MonitorCallback, type MonitorMode, type MonitorOptions } from "./monitor_callback.ts";
export { type ProgressSettings } from "./progress_bar.ts";
export { type ReduceLROnPlateauOptions } from "./reduce_lr_on_plateau.ts";
export { type RemoteMonitorOptions } from "./remote_monitor.ts";
export { type SwapEMAWeightsOptions } from "./swap_ema_weights.ts";
export { type TensorBoardOptions } from "./tensor_board.ts";
export { type TerminateOnNaNOptions } from "./terminate_on_nan.ts";

export const BackupAndRestore = kerasClass(
  backupAndRestore.BackupAndRestore,
  CALLBACKS.BackupAndRestore,
);
export type BackupAndRestore = backupAndRestore.BackupAndRestore;
export const CSVLogger = kerasClass(csvLogger.CSVLogger, CALLBACKS.CSVLogger);
export type CSVLogger = csvLogger.CSVLogger;
export const EarlyStopping = kerasClass(earlyStopping.EarlyStopping, CALLBACKS.EarlyStopping);
export type EarlyStopping = earlyStopping.EarlyStopping;
export const LambdaCallback = kerasClass(lambdaCallback.LambdaCallback, CALLBACKS.LambdaCallback);
export type LambdaCallback = lambdaCallback.LambdaCallback;
export const ModelCheckpoint = kerasClass(
  modelCheckpoint.ModelCheckpoint,
  CALLBACKS.ModelCheckpoint,
);
export type ModelCheckpoint = modelCheckpoint.ModelCheckpoint;
export const ProgbarLogger = kerasClass(progbarLogger.ProgbarLogger);
export type ProgbarLogger = progbarLogger.ProgbarLogger;
export const ReduceLROnPlateau = kerasClass(
  reduceLrOnPlateau.ReduceLROnPlateau,
  CALLBACKS.ReduceLROnPlateau,
);
export type ReduceLROnPlateau = reduceLrOnPlateau.ReduceLROnPlateau;
export const RemoteMonitor = kerasClass(remoteMonitor.RemoteMonitor, CALLBACKS.RemoteMonitor);
export type RemoteMonitor = remoteMonitor.RemoteMonitor;
export const SwapEMAWeights = kerasClass(swapEmaWeights.SwapEMAWeights, CALLBACKS.SwapEMAWeights);
export type SwapEMAWeights = swapEmaWeights.SwapEMAWeights;
export const TensorBoard = kerasClass(tensorBoard.TensorBoard, CALLBACKS.TensorBoard);
export type TensorBoard = tensorBoard.TensorBoard;
export const TerminateOnNaN = kerasClass(terminateOnNan.TerminateOnNaN, CALLBACKS.TerminateOnNaN);
export type TerminateOnNaN = terminateOnNan.TerminateOnNaN;
export const LearningRateScheduler = kerasClass(
  learningRateScheduler.LearningRateScheduler,
  CALLBACKS.LearningRateScheduler,
);
export type LearningRateScheduler = learningRateScheduler.LearningRateScheduler;

/**
 * Event files for TensorBoard. Follows https://docs.pytorch.org/docs/stable/tensorboard.html
 * @module
 */
export { SummaryWriter, type SummaryWriterOptions } from "./summary_writer.ts";

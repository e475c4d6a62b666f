/**
 * Writes the values of every epoch into a table that spreadsheets read.
 * @module
 */
import { floatText } from "../number_text.ts";
import { readOptions, show } from "../options.ts";
import { Callback, type Logs } from "./callback.ts";

/** Options of {@linkcode CSVLogger}. */
export interface CSVLoggerOptions {
  readonly filename: string | URL;
  /** What stands between two fields; "," unless given. */
  readonly separator?: string;
  /** Whether to go on after the lines of a file that is there: for a training that is resumed. */
  readonly append?: boolean;
}

/**
 * One line an epoch: its number from 0 on, then the logs in alphabetical order. The line is in the file when the
 * epoch ends. Follows https://keras.io/api/callbacks/csv_logger/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const logger = new keras.callbacks.CSVLogger({ filename: "training.csv", append: true });
 * console.log(logger.separator); // ,
 * ```
 */
export class CSVLogger extends Callback {
  readonly filename: string | URL;
  readonly separator: string;
  readonly append: boolean;
  #names: string[] | undefined;
  #hasHead = false;

  /** @throws {TypeError} without a file name, or for an empty separator */
  constructor(options: CSVLoggerOptions) {
    super();
    const { filename, separator, append } = readOptions("CSVLogger", options, {
      filename: undefined,
      separator: ",",
      append: false,
    });
    if (!filename) throw new TypeError(`CSVLogger: filename is ${show(filename)}, expected a path`);
    if (!separator) {
      throw new TypeError(`CSVLogger: separator is "${separator}", expected a character`);
    }
    this.filename = filename;
    this.separator = separator;
    this.append = append;
  }

  override async onTrainBegin(): Promise<void> {
    this.#names = undefined;
    this.#hasHead = this.append && await holdsText(this.filename);
    // A file that cannot be written says so before the first epoch.
    await Deno.writeTextFile(this.filename, "", { append: this.append });
  }

  override async onEpochEnd(epoch: number, logs: Logs = {}): Promise<void> {
    const names = this.#names ??= columnsOf(logs);
    const values = names.map((name) => Object.hasOwn(logs, name) ? floatText(logs[name]) : "NA");
    const rows = [[String(epoch), ...values]];
    if (!this.#hasHead) rows.unshift(["epoch", ...names]);
    this.#hasHead = true;
    const lines = rows.map((row) => row.map((field) => this.#field(field)).join(this.separator));
    await Deno.writeTextFile(this.filename, lines.join("\r\n") + "\r\n", { append: true });
  }

  /** Values and "NA" stand as they are; a name may have to be quoted (RFC 4180). */
  #field(text: string): string {
    const isPlain = !text.includes(this.separator) && !/["\r\n]/.test(text);
    return isPlain ? text : `"${text.replaceAll('"', '""')}"`;
  }
}

/** Without values of validation there are columns for them: a training that is resumed may have some. */
function columnsOf(logs: Logs): string[] {
  const names = Object.keys(logs).sort();
  const hasValidation = names.some((name) => name.startsWith("val_"));
  return hasValidation ? names : [...names, ...names.map((name) => `val_${name}`)];
}

async function holdsText(path: string | URL): Promise<boolean> {
  try {
    return (await Deno.stat(path)).size > 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/**
 * Sends the values of epochs to a server.
 * @module
 */
import { readOptions } from "../options.ts";
import { Callback, type Logs } from "./callback.ts";

/** Options of {@linkcode RemoteMonitor}. */
export interface RemoteMonitorOptions {
  /** The server; "http://localhost:9000" unless given. */
  readonly root?: string;
  /** Behind the server's address; "/publish/epoch/end/" unless given. */
  readonly path?: string;
  /** The form's field that holds the JSON; "data" unless given. */
  readonly field?: string;
  /** Further HTTP headers. */
  readonly headers?: Readonly<Record<string, string>> | null;
  /** Whether the body is the JSON itself, not a form; false unless given. */
  readonly sendAsJson?: boolean;
}

/**
 * Posts the values of every epoch as JSON; a server that does not answer is warned of, and training goes on. Needs the
 * permission `--allow-net` for the server. Follows https://keras.io/api/callbacks/remote_monitor/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const monitor = new keras.callbacks.RemoteMonitor({ root: "http://127.0.0.1:9000", sendAsJson: true });
 * console.log(monitor.path); // /publish/epoch/end/
 * ```
 */
export class RemoteMonitor extends Callback {
  readonly root: string;
  readonly path: string;
  readonly field: string;
  readonly headers: Readonly<Record<string, string>> | null;
  readonly sendAsJson: boolean;

  constructor(options: RemoteMonitorOptions = {}) {
    super();
    const own = readOptions("RemoteMonitor", options, {
      root: "http://localhost:9000",
      path: "/publish/epoch/end/",
      field: "data",
      headers: null,
      sendAsJson: false,
    }) as Required<RemoteMonitorOptions>;
    this.root = own.root;
    this.path = own.path;
    this.field = own.field;
    this.headers = own.headers;
    this.sendAsJson = own.sendAsJson;
  }

  override async onEpochEnd(epoch: number, logs: Logs = {}): Promise<void> {
    const json = JSON.stringify({ epoch, ...logs });
    const own = this.headers ?? {};
    const init = this.sendAsJson
      ? { body: json, headers: { "content-type": "application/json", ...own } }
      : { body: new URLSearchParams({ [this.field]: json }), headers: own };
    try {
      const response = await fetch(this.root + this.path, { method: "POST", ...init });
      await response.body?.cancel();
    } catch (error) {
      // A permission that is missing is no server that is away.
      if (error instanceof Deno.errors.NotCapable) throw error;
      console.warn(`Could not reach RemoteMonitor root server at ${this.root}`);
    }
  }
}

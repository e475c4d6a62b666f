/**
 * Values of logs by the names that people give them.
 * @module
 */
import { toCamelCase } from "../naming.ts";
import type { Logs } from "./callback.ts";

/** The number of a name, where there is one; `valLoss` means `val_loss` too. */
export function findLog(logs: Logs, name: string): number | undefined {
  if (Object.hasOwn(logs, name)) return logs[name];
  const same = Object.keys(logs).find((key) => toCamelCase(key) === toCamelCase(name));
  return same === undefined ? undefined : logs[same];
}

/** Functions that cross to a worker by module and name. @module */
/**
 * A function that a worker finds by the module that exports it.
 * @throws {Error} if the module has no such function
 */
export async function exportOf(
  module: string,
  name: string,
): Promise<(...args: readonly unknown[]) => unknown> {
  const exports = await import(module);
  if (typeof exports[name] === "function") return exports[name];
  throw new Error(`"${module}" exports no function "${name}"`);
}

/** Processes that a program starts are preloaded with the same modules: the bench's trials see the same clock and disk. */

/** From now on every Deno that this process starts runs this module first. */
export function preloadIntoTrials(module: string): void {
  const Real = Deno.Command;
  Deno.Command = class extends Real {
    constructor(command: string | URL, options: Deno.CommandOptions = {}) {
      const args = options.args?.[0] === "run"
        ? ["run", `--preload=${module}`, ...options.args.slice(1)]
        : options.args;
      super(command, { ...options, args });
    }
  };
}

/** Preloaded before a program: whatever it does with files takes longer, so that a kill finds it in the middle. */
import { preloadIntoTrials } from "./into_trials.ts";

preloadIntoTrials(import.meta.url);

const MILLISECONDS = 40;

const slow = ["writeFile", "writeTextFile", "rename", "open", "remove", "mkdir"] as const;
const files = Deno as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>;

for (const name of slow) {
  const real = files[name];
  files[name] = async (...given) => {
    await new Promise((resolve) => setTimeout(resolve, MILLISECONDS));
    return await real(...given);
  };
}

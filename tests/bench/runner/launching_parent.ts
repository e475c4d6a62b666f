/** Launches a fake trial and prints its events, for tests that kill this process: `launching_parent.ts BEHAVIOUR STATE_FOLDER`. */
import { data, launch, requestFor } from "./fake_trial.ts";

const [behaviour, stateFolder] = Deno.args;
await launch({ ...await requestFor(behaviour), stateFolder }, data, {
  signal: new AbortController().signal,
  onEvent: (event) => console.log(JSON.stringify(event)),
});

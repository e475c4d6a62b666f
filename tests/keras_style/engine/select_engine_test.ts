import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { EngineError, type EngineName, selectEngine } from "../../../keras_style/engine/mod.ts";
import { type TfjsNodeLoader, tfjsNodeLoader } from "../../../keras_style/engine/tfjs_node.ts";

/** A loader that has some packages; loading registers the cpu backend under libtensorflow's name. */
function loaderWith(installed: readonly string[], fault?: string): TfjsNodeLoader {
  return {
    find: (name) => Promise.resolve(installed.includes(name) ? `/there/${name}` : undefined),
    load: () => {
      if (fault) return Promise.reject(new Error(`${fault}\nmore`));
      if (!tf.findBackendFactory("tensorflow")) {
        tf.registerBackend("tensorflow", tf.findBackendFactory("cpu"), 0);
      }
      return Promise.resolve();
    },
  };
}

Deno.test("auto takes tfjs-node-gpu where it loads, else onnxruntime, and says why", async () => {
  const gpu = loaderWith(["tfjs-node-gpu"]);
  const { engine, notes } = await selectEngine("auto", { loader: gpu });
  assertEquals([engine, tf.getBackend()], ["tfjs-node-gpu", "tensorflow"]);
  assertStringIncludes(notes[0], "found no GPU");
  assertEquals(
    (await selectEngine("auto", { loader: gpu, provider: "cpu" })).engine,
    "onnxruntime",
  );
  const none = await selectEngine("auto", { loader: loaderWith(["tfjs-node"]) });
  assertEquals(none, { engine: "onnxruntime", provider: "cpu", notes: [] });
  assertEquals(tf.getBackend(), "onnxruntime");
  const broken = await selectEngine("auto", { loader: loaderWith(["tfjs-node-gpu"], "no addon.") });
  assertEquals(broken.engine, "onnxruntime");
  assertStringIncludes(broken.notes[0], "does not load: no addon. Its native part");
});

Deno.test("an engine that is asked for and cannot be had is an error with a remedy", async () => {
  const missing = await assertRejects(
    () => selectEngine("tfjs-node", { loader: loaderWith([]) }),
    EngineError,
    'engine "tfjs-node" is not installed',
  );
  assertStringIncludes(missing.message, "deno cache --allow-scripts=npm:@tensorflow/tfjs-node@");
  await assertRejects(
    () => selectEngine("tfjs-node", { loader: loaderWith(["tfjs-node"], "native addon module") }),
    EngineError,
    "native addon module",
  );
  await assertRejects(
    () => selectEngine("tfjs-node", { loader: loaderWith(["tfjs-node"]), provider: "webgpu" }),
    EngineError,
    'computes on cpu, not on "webgpu"',
  );
});

Deno.test("tfjs-node becomes TensorFlow.js' backend", async () => {
  const chosen = await selectEngine("tfjs-node", { loader: loaderWith(["tfjs-node"]) });
  assertEquals(chosen, { engine: "tfjs-node", provider: "cpu", notes: [] });
  assertEquals(tf.getBackend(), "tensorflow");
});

Deno.test("unknown names are told what is allowed", async () => {
  await assertRejects(() => selectEngine("jax" as EngineName), TypeError, "auto, onnxruntime");
  const unknown = () => selectEngine("onnxruntime", { provider: "abacus" });
  await assertRejects(unknown, TypeError, 'device "abacus" is unknown');
});

Deno.test("a package is found in a node_modules folder without asking the network", async () => {
  const folder = await Deno.makeTempDir();
  const before = Deno.cwd();
  try {
    await Deno.mkdir(`${folder}/node_modules/@tensorflow/tfjs-node-gpu`, { recursive: true });
    Deno.chdir(folder);
    assertStringIncludes(await tfjsNodeLoader.find("tfjs-node-gpu") ?? "", "tfjs-node-gpu");
  } finally {
    Deno.chdir(before);
    await Deno.remove(folder, { recursive: true });
  }
});

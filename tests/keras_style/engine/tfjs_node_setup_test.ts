import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from "@zip.js/zip.js";
import { installHint } from "../../../keras_style/engine/tfjs_node.ts";
import { parseSetupCommand } from "../../../keras_style/engine/setup_tfjs_node.ts";
import { placeOf } from "../../../keras_style/engine/tfjs_node_setup/addon.ts";
import {
  firstAvailable,
  runProgram,
} from "../../../keras_style/engine/tfjs_node_setup/programs.ts";
import { putInPlace } from "../../../keras_style/engine/tfjs_node_setup/put_in_place.ts";
import { SetupError } from "../../../keras_style/engine/tfjs_node_setup/setup_error.ts";
import {
  checkKnownFile,
  downloadWheel,
  pythonProgram,
} from "../../../keras_style/engine/tfjs_node_setup/tensorflow_wheel.ts";
import { unpackMembers } from "../../../keras_style/engine/tfjs_node_setup/unpack_members.ts";
import { inFolder } from "../../in_folder.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

type Members = Readonly<Record<string, string>>;

async function zipOf(members: Members, options: { unixMode?: number } = {}): Promise<Uint8Array> {
  const zip = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false });
  for (const [name, text] of Object.entries(members)) {
    await zip.add(name, new Uint8ArrayReader(bytes(text)), options);
  }
  return await zip.close();
}

/** Everything is wanted, under its own name. */
async function unpack(archive: Uint8Array, folder: string, limit = 1000, required = ["a.txt"]) {
  await Deno.writeFile(`${folder}/archive.zip`, archive);
  const place = (name: string) => name;
  return await unpackMembers(`${folder}/archive.zip`, `${folder}/out/in`, {
    place,
    required,
    limit,
  });
}

/** The same archive with a name written over, in both indices where a zip file has it. */
function renamed(archive: Uint8Array, from: string, to: string): Uint8Array {
  assertEquals(from.length, to.length);
  const text = Array.from(archive, (code) => String.fromCharCode(code)).join("");
  return Uint8Array.from(text.replaceAll(from, to), (character) => character.charCodeAt(0));
}

Deno.test("command line: what is known, what is refused", () => {
  assertEquals(parseSetupCommand([]), { help: false, wheel: undefined, python: "python3" });
  const both = parseSetupCommand(["--wheel", "x.whl", "--python=python3.12"]);
  assertEquals(both, { help: false, wheel: "x.whl", python: "python3.12" });
  assertThrows(() => parseSetupCommand(["--gpu"]), SetupError, "--gpu is unknown");
  assertThrows(() => parseSetupCommand(["now"]), SetupError, "now is unknown");
  assertThrows(() => parseSetupCommand(["--wheel"]), SetupError, "--wheel has no value");
});

Deno.test("members are written below the folder, wanted ones only", () =>
  inFolder(async (folder) => {
    const archive = await zipOf({ "a.txt": "one", "b/c.txt": "two", "d.txt": "three" });
    await Deno.writeFile(`${folder}/archive.zip`, archive);
    const unpacked = await unpackMembers(`${folder}/archive.zip`, `${folder}/out`, {
      place: (name) => name === "d.txt" ? undefined : `x/${name}`,
      required: ["b/c.txt"],
      limit: 6,
    });
    assertEquals(unpacked, { files: 2, bytes: 6 });
    assertEquals(await Deno.readTextFile(`${folder}/out/x/b/c.txt`), "two");
    assertEquals((await Array.fromAsync(Deno.readDir(`${folder}/out/x`))).length, 2);
  }));

Deno.test("members whose names lead out of the folder are refused", async () => {
  for (const name of ["../ab", "/a/bc", "b/../", "C:/ab", "..\\ab", "b//ab"]) {
    await inFolder(async (folder) => {
      const plain = "q".repeat(name.length);
      const archive = renamed(await zipOf({ "a.txt": "one", [plain]: "two" }), plain, name);
      const error = await assertRejects(() => unpack(archive, folder), SetupError);
      assertStringIncludes(error.message, `${folder}/archive.zip cannot be unpacked`);
      const there = (await Array.fromAsync(Deno.readDir(folder))).map((entry) => entry.name);
      assertEquals(there, ["archive.zip"], `${name}: ${error.message}`);
    });
  }
});

Deno.test("links, damage, missing members and too many bytes are refused", () =>
  inFolder(async (folder) => {
    const link = await zipOf({ "a.txt": "/etc/passwd" }, { unixMode: 0o120777 });
    await assertRejects(() => unpack(link, folder), SetupError, "a.txt is a link");
    const plain = await zipOf({ "a.txt": "a text that is long enough to be packed and hit" });
    await assertRejects(() => unpack(plain, folder, 46), SetupError, "expected at most 46");
    await assertRejects(() => unpack(plain, folder, 99, ["z"]), SetupError, "member z is missing");
    await assertRejects(() => unpack(plain.slice(0, 40), folder), SetupError, "cannot be unpacked");
    const damaged = plain.slice();
    damaged[60] ^= 0xff;
    await assertRejects(() => unpack(damaged, folder), SetupError, "a.txt");
  }));

Deno.test("of the wheel, libraries and the C API's headers are taken", () => {
  const indices = [
    "tensorflow/libtensorflow_cc.so.2",
    "tensorflow/include/tensorflow/c/eager/c_api.h",
    "tensorflow/include/Eigen/Core.h",
    "tensorflow/python/libtensorflow_cc.so.2",
    "tensorflow/include/tensorflow/c/c_api.cc",
  ].map(placeOf);
  assertEquals(indices.slice(0, 2), [
    "deps/lib/libtensorflow_cc.so.2",
    "deps/include/tensorflow/c/eager/c_api.h",
  ]);
  assertEquals(indices.slice(2), [undefined, undefined, undefined]);
});

Deno.test("another file than the known one is told by size, by checksum, by absence", () =>
  inFolder(async (folder) => {
    const path = `${folder}/file`;
    const known = {
      name: "abc",
      bytes: 3,
      // Of "abc", FIPS 180-2's example.
      sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    };
    await Deno.writeTextFile(path, "abc");
    await checkKnownFile(path, known);
    await Deno.writeTextFile(path, "abd");
    await assertRejects(() => checkKnownFile(path, known), SetupError, "has sha256 ");
    await Deno.writeTextFile(path, "abcd");
    await assertRejects(() => checkKnownFile(path, known), SetupError, "4 bytes, expected 3");
    await assertRejects(() => checkKnownFile(`${path}s`, known), SetupError, "does not exist");
    await assertRejects(() => checkKnownFile(folder, known), SetupError, "is no file");
  }));

Deno.test("missing programs are told with a remedy, failing ones with what they printed", async () => {
  const nothing = { name: "no-such-compiler", purpose: "compiles", remedy: "Install one" };
  const missing = () => runProgram(nothing, []);
  await assertRejects(missing, SetupError, "no-such-compiler was not found");
  const others = [nothing, { ...nothing, name: "nor-this" }];
  await assertRejects(
    () => firstAvailable(others),
    SetupError,
    "none of no-such-compiler, nor-this can be run: one of them compiles. Install one",
  );
  const deno = { name: "deno", purpose: "runs", remedy: "Install it" };
  assertEquals(await firstAvailable([nothing, deno]), deno);
  assertStringIncludes(await runProgram(deno, ["--version"]), Deno.version.deno);
  const failing = () => runProgram(deno, ["eval", "console.error('broken'); Deno.exit(3)"]);
  const error = await assertRejects(failing, SetupError, "deno failed with exit code 3");
  assertStringIncludes(error.message, "broken");
});

Deno.test("without Python the wheel can be given by hand, and the message says so", () =>
  inFolder(async (folder) => {
    const download = () => downloadWheel(pythonProgram("no-such-python"), folder, false);
    const error = await assertRejects(download, SetupError, "no-such-python was not found");
    assertStringIncludes(error.message, "--wheel");
  }));

Deno.test("nothing is begun on other platforms or with another wheel", () =>
  inFolder(async (folder) => {
    const options = { modules: folder, python: "no-such-python", shown: false, say: () => {} };
    const mac = { os: "darwin", arch: "aarch64" };
    await assertRejects(
      () => putInPlace({ ...options, platform: mac }),
      SetupError,
      "works on linux x86_64, here is darwin aarch64",
    );
    const linux = { os: "linux", arch: "x86_64" };
    const wheel = `${folder}/tensorflow.whl`;
    await assertRejects(
      () => putInPlace({ ...options, platform: linux, wheel }),
      SetupError,
      `${wheel} does not exist`,
    );
    assertEquals((await Array.fromAsync(Deno.readDir(folder))).length, 0);
  }));

Deno.test("the hint names the task where it works", () => {
  const linux = { os: "linux", arch: "x86_64" };
  assertStringIncludes(installHint("tfjs-node", linux), "deno task setup:tfjs-node");
  for (
    const hint of [
      installHint("tfjs-node-gpu", linux),
      installHint("tfjs-node", { os: "windows", arch: "x86_64" }),
    ]
  ) {
    assert(hint.startsWith("deno cache --allow-scripts="), hint);
  }
});

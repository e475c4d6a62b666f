/** Files of Python's torch.save: plain tensors are read, everything else is refused by name, and no code of a file is run. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { torch } from "@tandem/tandem";
import { inFolder } from "../../in_folder.ts";
import golden from "../../golden/torch_zip/values.json" with { type: "json" };

const fileOf = (name: string) => new URL(`../../golden/torch_zip/${name}.pt`, import.meta.url);

interface Values {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

for (const [file, tensors] of Object.entries(golden)) {
  Deno.test(`${file}.pt: every tensor has Python's type, shape and values`, async () => {
    const loaded = await torch.load(fileOf(file));
    assertEquals(Object.keys(loaded), Object.keys(tensors));
    for (const [name, { dtype, shape, data }] of Object.entries<Values>(tensors)) {
      const tensor = loaded[name];
      assertEquals([name, tensor.dtype, tensor.shape], [name, dtype as typeof tensor.dtype, [
        ...shape,
      ]]);
      assertEquals(Array.from(await tensor.data(), Number), data);
    }
  });
}

Deno.test("safetensors of float16 and bfloat16 that Python wrote: the same values", async () => {
  const loaded = await torch.load(new URL("halves.safetensors", fileOf("state")));
  for (const name of ["half", "bfloat16"] as const) {
    assertEquals(loaded[name].dtype, golden.kinds[name].dtype as "float16");
    assertEquals(Array.from(await loaded[name].data(), Number), golden.kinds[name].data);
  }
});

Deno.test("a module takes over what Python saved", async () => {
  const { nn } = torch;
  const network = new nn.Sequential(new nn.Conv2d(2, 3, 2), new nn.BatchNorm2d(3));
  network.loadStateDict(await torch.load(fileOf("state")));
  assertEquals(
    Array.from(await network.parameters()[0].data(), Number),
    golden.state["0.weight"].data,
  );
});

const refused: readonly (readonly [string, string])[] = [
  ["runs_code", 'it refers to "posix.system", which is not read; expected plain tensors only'],
  ["module", 'it refers to "torch.nn.modules.container.Sequential", which is not read'],
  ["counter", 'it refers to "collections.Counter", which is not read'],
  ["sparse", 'it refers to "torch._utils._rebuild_sparse_tensor", which is not read'],
  ["numbers", '"epoch" is 3; "note" is "x"; expected a state dict of tensors by name'],
  [
    "complex",
    'it refers to "torch.ComplexFloatStorage", which is not read; expected torch.FloatSt',
  ],
  ["list", "it holds a list, expected a state dict of tensors by name"],
  ["before_1_6", "the format of PyTorch before 1.6; save it once more"],
];

for (const [file, message] of refused) {
  Deno.test(`${file}.pt is refused by name`, async () => {
    const error = await assertRejects(() => torch.load(fileOf(file)), Error, message);
    assertEquals(error.message.split("\n").length, 1);
    assert(error.message.includes(`${file}.pt" cannot be read: `), error.message);
  });
}

Deno.test("a damaged file is an error, never other values or none", async () => {
  const file = await Deno.readFile(fileOf("state"));
  await inFolder(async (folder) => {
    const path = `${folder}/damaged.pt`;
    let failed = 0;
    for (let at = 0; at < file.length; at += 41) {
      const damaged = file.slice();
      damaged[at] ^= 0x5a;
      await Deno.writeFile(path, damaged);
      try {
        const loaded = await torch.load(path);
        for (const [name, { data }] of Object.entries<Values>(golden.state)) {
          assertEquals(Array.from(await loaded[name].data(), Number), data);
        }
      } catch (error) {
        if (
          !(error instanceof Error) || !/cannot be read|no valid safetensors/.test(error.message)
        ) {
          throw error;
        }
        failed++;
      }
      await Deno.writeFile(path, file.subarray(0, at));
      await assertRejects(() => torch.load(path), Error);
    }
    assert(failed > 10, `${failed} damages were seen`);
  });
});

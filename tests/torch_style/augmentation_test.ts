/** Changes of images against torchvision's values (tests/golden/torchvision_transforms.py), and what random ones keep to. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as torch from "../../torch_style/mod.ts";
import golden from "../golden/torchvision_transforms.json" with { type: "json" };
import { inFolder } from "../in_folder.ts";
import { type GoldenCase, type Rule, testCases } from "./golden.ts";

const T = torch.transforms;
const functions = T.functional as unknown as Record<
  string,
  (x: torch.Tensor, ...args: unknown[]) => torch.Tensor
>;
const rules: Record<string, Rule> = {};
for (const { name } of golden.cases) {
  rules[name] = ([x], { args }) => functions[name](x.detach(), ...args);
}
testCases(golden.cases as GoldenCase[], rules);

const image = () => torch.rand([3, 12, 16]);
const random: Record<string, [torch.transforms.Transform, shape: number[]]> = {
  randomVerticalFlip: [new T.RandomVerticalFlip(), [3, 12, 16]],
  randomResizedCrop: [new T.RandomResizedCrop([8, 10]), [3, 8, 10]],
  colorJitter: [new T.ColorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 }), [
    3,
    12,
    16,
  ]],
  randomGrayscale: [new T.RandomGrayscale(0.5), [3, 12, 16]],
  randomErasing: [new T.RandomErasing({ p: 1 }), [3, 12, 16]],
  "randomErasing by noise": [new T.RandomErasing({ p: 1, value: "random" }), [3, 12, 16]],
  randAugment: [new T.RandAugment(), [3, 12, 16]],
  randomApply: [new T.RandomApply(new T.RandomVerticalFlip(1)), [3, 12, 16]],
};

for (const [name, [transform, shape]] of Object.entries(random)) {
  Deno.test(`${name} keeps to its size, differs from call to call and repeats by the seed`, async () => {
    torch.manualSeed(1);
    const x = image();
    const run = async () => {
      torch.manualSeed(2);
      const results: string[] = [];
      for (let i = 0; i < 20; i++) {
        const y = transform(x);
        assertEquals([...y.shape], shape);
        results.push(String(await y.tolist()));
      }
      return results;
    };
    const first = await run();
    assert(new Set(first).size > 1, `${new Set(first).size} different results`);
    assertEquals(await run(), first);
  });
}

Deno.test("randomErasing wipes out a part of the size that it is told", async () => {
  torch.manualSeed(0);
  const erase = new T.RandomErasing({ p: 1, scale: [0.1, 0.2], ratio: [1, 1] });
  for (let i = 0; i < 20; i++) {
    const y = await erase(torch.ones([1, 40, 40])).data();
    const share = y.filter((value) => Number(value) === 0).length / y.length;
    assert(share > 0.08 && share < 0.22, `${share}`);
  }
});

Deno.test("mixUp and cutMix mix images and labels by one share", async () => {
  torch.manualSeed(3);
  const images = torch.stack([torch.zeros([1, 8, 8]), torch.ones([1, 8, 8])]);
  const labels = torch.tensor([0, 2]);
  for (const mix of [new T.MixUp({ numClasses: 3 }), new T.CutMix({ numClasses: 3 })]) {
    for (let i = 0; i < 10; i++) {
      const [x, y] = mix(images, labels);
      assertEquals([...x.shape, ...y.shape], [2, 1, 8, 8, 2, 3]);
      const [first, second] = await y.tolist() as number[][];
      assertAlmostEquals(first[0] + first[2], 1, 1e-6);
      assertAlmostEquals(first[0], second[2], 1e-6);
      const [mean] = await x.mean([1, 2, 3]).tolist() as number[];
      assertAlmostEquals(mean, first[2], 1e-5);
    }
  }
});

Deno.test("wrong options are refused before anything is drawn", () => {
  const faults: [() => unknown, string][] = [
    [() => new T.ColorJitter({ hue: 0.6 }), "between -0.5 and 0.5"],
    [() => new T.ColorJitter({ brightness: -1 }), "brightness values"],
    [() => new T.RandAugment({ magnitude: 31 }), "expected 0 to 30"],
    [() => new T.RandomErasing({ p: 2 }), "p is 2, expected 0 to 1"],
    [() => new T.RandomResizedCrop(0), "size is 0"],
    [() => new T.MixUp({ numClasses: 1 }), "numClasses is 1"],
    [
      () => new T.CutMix({ numClasses: 3 })(torch.ones([2, 3]), torch.tensor([0, 1])),
      "got [2, 3] and [2]",
    ],
    [() => T.functional.adjustHue(torch.rand([3, 2, 2]), 1), "not in [-0.5, 0.5]"],
    [
      () => T.functional.adjustContrast(torch.rand([2, 2, 2]), 1),
      "permitted channel values are 1 or 3, but found 2",
    ],
    [
      () => T.functional.crop(torch.rand([1, 4, 4]), 2, 0, 3, 3),
      "does not lie in an image of [4, 4]",
    ],
  ];
  for (const [call, message] of faults) assertThrows(call, Error, message);
});

Deno.test("ImageFolder values classes by name and reads files when they are asked for", async () => {
  await inFolder(async (folder) => {
    const root = String(folder);
    for (
      const [name, files] of Object.entries({
        dogs: ["b.PNG", "notes.txt"],
        cats: ["a.png", "deep/c.jpg"],
      })
    ) {
      await Deno.mkdir(`${root}/${name}/deep`, { recursive: true });
      for (const [i, file] of files.entries()) {
        await Deno.writeFile(`${root}/${name}/${file}`, Uint8Array.of(i, 100));
      }
    }
    const loader = (bytes: Uint8Array) =>
      T.functional.toTensor({ data: bytes, height: 1, width: 2, channels: 1 });
    const images = await torch.data.ImageFolder.open(root, {
      loader,
      transform: new T.RandomVerticalFlip(1),
    });
    assertEquals(images.classes, ["cats", "dogs"]);
    assertEquals(images.classToIdx, { cats: 0, dogs: 1 });
    assertEquals(images.samples.map(([path, target]) => [path.replace(root, ""), target]), [
      ["/cats/a.png", 0],
      ["/cats/deep/c.jpg", 0],
      ["/dogs/b.PNG", 1],
    ]);
    const [x, y] = images.getItem(1);
    assertEquals([[...x.shape], await y.item()], [[1, 1, 2], 0]);
    const loaderOfBatches = new torch.data.DataLoader(images, { batchSize: 3 });
    assertEquals([...loaderOfBatches].length, 1);
    await Deno.mkdir(`${root}/empty`);
    await torch.data.ImageFolder.open(root, { loader }).then(
      () => assert(false, "a class without images"),
      (error) => assert(error.message.includes("no valid file for the class empty")),
    );
  });
});

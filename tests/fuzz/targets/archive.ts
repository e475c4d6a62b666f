/** Downloads and folders of data sets: CIFAR-10's tar.gz and its binary files, the idx files of MNIST. */
import { declareIdx, idxFileNames } from "../../../fixtures/idx/idx_dataset.ts";
import { idxHeader } from "../../../fixtures/idx/idx_file.ts";
import { loadDeclared } from "../../../fixtures/load_dataset.ts";
import type { ImageDataset } from "../../../fixtures/mod.ts";
import type { Random } from "../../../fixtures/random.ts";
import { packTar, type TarEntry } from "modern-tar";
import {
  archiveOf,
  binaryFiles,
  gzip,
  loadCifar10,
  releaseOf,
  tarEntries,
} from "../../fixtures/small_cifar.ts";
import { joined, mutatedBytes, pick, TEXTS } from "../mutation.ts";
import { attempt, expect, namesBelow, type Outcome, type Target } from "../target.ts";

const NAMES = ["../evil", "/evil", "a/../../evil", "C:\\evil", "..\\evil", ...TEXTS];

/** A tar.gz with entries that do not belong there. */
async function strangeArchive(random: Random): Promise<Uint8Array<ArrayBuffer>> {
  const entries = tarEntries(binaryFiles());
  const body = new TextEncoder().encode("evil");
  const strange: TarEntry = pick<TarEntry>(random, [
    { header: { name: pick(random, NAMES) || "x", size: body.length }, body },
    {
      header: {
        name: "cifar-10-batches-bin/link",
        type: "symlink",
        linkname: "/etc/passwd",
        size: 0,
      },
    },
    {
      header: {
        name: "cifar-10-batches-bin/test_batch.bin",
        type: "symlink",
        linkname: "../x",
        size: 0,
      },
    },
    { header: { name: "cifar-10-batches-bin/test_batch.bin", type: "directory", size: 0 } },
    entries[random.below(entries.length)],
  ]);
  entries.splice(random.below(entries.length), 0, strange);
  return await archiveOf(entries);
}

function idx(dimensions: number[], value: (i: number) => number): Uint8Array<ArrayBuffer> {
  const size = dimensions.reduce((a, b) => a * b, 1);
  return joined(idxHeader(dimensions), Uint8Array.from({ length: size }, (_, i) => value(i)));
}

const counts = { train: 20, test: 6 };
const small = declareIdx({
  ...{ name: "small", title: "Small", summary: "x", source: "x", licence: "x", url: "" },
  ...{ imageShape: [3, 2, 1], classNames: ["a", "b", "c"], counts },
  checksums: Object.fromEntries(
    Object.values(idxFileNames).flatMap((
      { images, labels },
    ) => [[images, [1, ""]], [labels, [1, ""]]]),
  ) as never,
});

const idxFiles: Record<string, Uint8Array<ArrayBuffer>> = Object.fromEntries(
  (["train", "test"] as const).flatMap((split) => [
    [idxFileNames[split].images, idx([counts[split], 3, 2], (i) => i % 256)],
    [idxFileNames[split].labels, idx([counts[split]], (i) => i % 3)],
  ]),
);

/** What a whole data set must be like. */
function checkDataset({ train, test, classNames, imageShape }: ImageDataset): void {
  const [height, width, channels] = imageShape;
  for (const { images, labels, count } of [train, test]) {
    expect(images.length === count * height * width * channels, "images are missing");
    expect(labels.length === count, "labels are missing");
    expect(Array.from(labels).every((label) => label < classNames.length), "a label of no class");
  }
}

const target: Target = {
  name: "archive",
  async prepare(folder) {
    const archive = await archiveOf();
    const tar = await packTar(tarEntries(binaryFiles()));
    const cifar = `${folder}/cifar`;
    const idxFolder = `${folder}/idx`;
    await Deno.mkdir(cifar, { recursive: true });
    await Deno.mkdir(idxFolder);
    const path = `${cifar}/cifar-10-binary.tar.gz`;
    const release = releaseOf(archive);
    return async (random): Promise<Outcome> => {
      let read: () => Promise<ImageDataset>;
      let place: string;
      if (random.below(2) === 0) {
        const bytes = await pick<() => Promise<Uint8Array> | Uint8Array>(random, [
          () => mutatedBytes(archive, random),
          () => gzip(mutatedBytes(tar, random)),
          () => strangeArchive(random),
        ])();
        await Deno.writeFile(path, bytes);
        read = () => loadCifar10({ dataDir: cifar, limit: 100 }, release);
        place = cifar;
      } else {
        for (const [name, bytes] of Object.entries(idxFiles)) {
          const plain = random.below(3) === 0 ? mutatedBytes(bytes, random) : bytes;
          const packed = random.below(3) === 0 ? await gzip(plain) : plain;
          const damaged = random.below(6) === 0 ? mutatedBytes(packed, random) : packed;
          await Deno.writeFile(`${idxFolder}/${name}`, damaged);
        }
        read = () => loadDeclared(small, { dataDir: idxFolder });
        place = idxFolder;
      }
      const before = String(namesBelow(folder));
      const loaded = await attempt(read, [place]);
      expect(String(namesBelow(folder)) === before, "files were made");
      if ("error" in loaded) return "refused";
      checkDataset(loaded.value);
      return "taken";
    };
  },
};

export default target;

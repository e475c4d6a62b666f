/** A user's own images: folders of files that claim to be images. */
import { loadDataset } from "../../../fixtures/mod.ts";
import { sameImage } from "../../fixtures/folder_images.ts";
import { mutatedBytes, pick, TEXTS } from "../mutation.ts";
import { attempt, expect, namesBelow, type Outcome, type Target } from "../target.ts";

/** Names of files and classes that a folder can have. */
const NAMES = TEXTS.filter((text) =>
  text !== "" && text.length < 100 && text.isWellFormed() && !text.includes("/") &&
  !text.includes("\0")
);

const target: Target = {
  name: "images",
  async prepare(root) {
    const seeds = await Promise.all(
      Object.entries(sameImage).map(async ([name, make]) => [name, await make()] as const),
    );
    const outside = `${root}/outside`;
    await Deno.mkdir(outside);
    await Deno.writeFile(`${outside}/secret.png`, seeds[0][1]);
    return async (random): Promise<Outcome> => {
      const folder = `${root}/data`;
      await Deno.remove(folder, { recursive: true }).catch(() => {});
      for (const name of ["a", random.below(4) === 0 ? pick(random, NAMES) : "b"]) {
        await Deno.mkdir(`${folder}/${name}`, { recursive: true });
        for (let i = 0; i < 4; i++) {
          const [file, bytes] = pick(random, seeds);
          const strange = random.below(8) === 0 ? pick(random, NAMES) : `${i}-${file}`;
          const damaged = random.below(2) === 0 ? mutatedBytes(bytes, random) : bytes;
          await Deno.writeFile(`${folder}/${name}/${strange}`, damaged);
        }
        if (random.below(4) === 0) {
          const at = pick(random, [
            "../../outside/secret.png",
            "../../outside",
            ".",
            "nowhere",
            "link",
          ]);
          await Deno.symlink(at, `${folder}/${name}/link`).catch(() => {});
        }
      }
      const before = String(namesBelow(root));
      const notices: string[] = [];
      const options = { size: pick(random, [1, 4, 8]), channels: pick(random, [1, 3] as const) };
      const loaded = await attempt(
        () =>
          loadDataset("folder", {
            ...options,
            dataDir: folder,
            notice: (line) => notices.push(line),
          }),
        { quotes: true },
      );
      expect(String(namesBelow(root)) === before, "files were made");
      if ("error" in loaded) return "refused";
      const { train, test, imageShape: [height, width, channels] } = loaded.value;
      const images = train.images.length + test.images.length;
      const count = train.count + test.count;
      expect(images === count * height * width * channels, "images are missing");
      return "taken";
    };
  },
};

export default target;

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  changeRecipe,
  checkRecipe,
  loadRecipe,
  overrideRecipe,
  type RecipeChange,
  RecipeError,
  recipeNames,
} from "../../../bench/recipes/mod.ts";
import { UserModuleError } from "../../../bench/user_module.ts";
import { inFolder } from "../../in_folder.ts";

const published = await loadRecipe("published");

Deno.test("every preset is found by its file, is valid and has the file's name; the published one comes first", async () => {
  const names = await recipeNames();
  assertEquals(names.slice(0, 1), ["published"]);
  for (const name of names) assertEquals((await loadRecipe(name)).name, name);
});

Deno.test("fixed differs from published in the quirks alone", async () => {
  const fixed = await loadRecipe("fixed");
  const changed = changeRecipe(published, {
    name: "fixed",
    title: fixed.title,
    keras: { softmaxInModel: false },
    torch: { softmaxBeforeLoss: false, dropoutAtEvaluation: false },
  }, "test");
  assertEquals(fixed, changed);
});

const faults: readonly [unknown, string][] = [
  [3, "it is 3, expected an object"],
  [{ ...published, epcohs: 3 }, "epcohs is unknown; did you mean epochs?; expected name, title"],
  [{ ...published, epochs: 0 }, "epochs is 0, expected it to be >= 1"],
  [{ ...published, epochs: "5" }, 'epochs is "5", expected integer'],
  [{ ...published, name: "a b" }, 'name is "a b"'],
  [without("schedule"), "schedule is missing"],
  [{ ...published, validationShare: 1 }, "validationShare is 1, expected it to be < 1"],
  [
    { ...published, schedule: { kind: "cosin" } },
    'schedule.kind is "cosin"; did you mean cosine?; expected one of constant, cosine, linear, oneCycle, step',
  ],
  [{ ...published, schedule: { kind: "step", epochs: 2 } }, "schedule.factor is missing"],
  [
    {
      ...published,
      augmentation: { ...published.augmentation, crop: { padding: 0, fill: "black" } },
    },
    "augmentation.crop.padding is 0",
  ],
  [
    { ...published, keras: { ...published.keras, inputRange: [1, 0] } },
    "keras.inputRange is [1, 0], expected [low, high] with low < high",
  ],
  [
    { ...published, torch: { ...published.torch, initialization: "he" } },
    'torch.initialization is "he", expected one of model, torch, keras',
  ],
  [
    {
      ...published,
      keras: { ...published.keras, optimizer: { name: "SGD", learningRate: 1, wieghtDecay: 1 } },
    },
    "keras.optimizer.momentum is missing",
  ],
];

function without(field: keyof typeof published): unknown {
  const { [field]: _, ...rest } = published;
  return rest;
}

Deno.test("a wrong recipe is named by its field, value and what was expected", () => {
  for (const [value, message] of faults) {
    assertThrows(() => checkRecipe("here", value), RecipeError, message);
  }
});

Deno.test("a change is merged field by field, another kind replaces the whole", () => {
  const change = (change: RecipeChange) => changeRecipe(published, change, "test");
  const constants = change({ torch: { optimizer: { alpha: 0.9, eps: 1e-7 } } });
  assertEquals(
    constants.torch.optimizer,
    {
      ...published.torch.optimizer,
      alpha: 0.9,
      eps: 1e-7,
    } as typeof constants.torch.optimizer,
  );
  const sgd = { name: "SGD", lr: 0.1, momentum: 0.9, nesterov: true } as const;
  assertEquals(change({ torch: { optimizer: sgd } }).torch.optimizer, sgd);
  assertEquals(change({ name: "other" }).torch, published.torch);
  assertEquals(change({ augmentation: { crop: { padding: 4, fill: "black" } } }).augmentation, {
    ...published.augmentation,
    crop: { padding: 4, fill: "black" },
  });
  assertThrows(() => change({ torch: { optimizer: { name: "SGD" } } }), RecipeError, "is missing");
  assertThrows(
    () => changeRecipe(published, { epochs: -1 }, "step few-epochs"),
    RecipeError,
    "step few-epochs: epochs is -1",
  );
});

Deno.test("flags override a recipe; what is not given stays", () => {
  assertEquals(overrideRecipe(published, { epochs: null }), published);
  const other = overrideRecipe(published, { epochs: 2, batchSize: 64, learningRate: 0.01 });
  assertEquals([other.epochs, other.batchSize], [2, 64]);
  assertEquals(other.keras.optimizer.learningRate, 0.01);
  assertEquals(other.torch.optimizer.lr, 0.01);
});

Deno.test("a recipe of one's own: a module or JSON, checked; an unknown name names the nearest", () =>
  inFolder(async (folder) => {
    const own = { ...published, name: "mine" };
    await Deno.writeTextFile(`${folder}/mine.json`, JSON.stringify(own));
    await Deno.writeTextFile(`${folder}/mine.ts`, `export const recipe = ${JSON.stringify(own)};`);
    await Deno.writeTextFile(`${folder}/none.ts`, "export const recipes = 1;");
    await Deno.writeTextFile(`${folder}/broken.json`, "{");
    assertEquals(await loadRecipe(`${folder}/mine.json`), own);
    assertEquals(await loadRecipe(`${folder}/mine.ts`), own);
    await assertRejects(
      () => loadRecipe("publishd"),
      RecipeError,
      '--recipe: "publishd" is unknown; did you mean published?',
    );
    await assertRejects(() => loadRecipe(`${folder}/none.ts`), RecipeError, "exports no recipe");
    await assertRejects(() => loadRecipe(`${folder}/no.json`), RecipeError, "there is no file");
    await assertRejects(() => loadRecipe(`${folder}/broken.json`), UserModuleError, "broken.json");
  }));

/** Requests for trials on small images. */
import type { ImageShape } from "../../../fixtures/mod.ts";
import { changeRecipe, loadRecipe, type RecipeChange } from "../../../bench/recipes/mod.ts";
import { runTrial, type TrialImages } from "../../../bench/runner/trials/run_trial.ts";
import type {
  Layout,
  StyleName,
  TrialEvent,
  TrialRequest,
  TrialResult,
} from "../../../bench/runner/trials/trial.ts";
import { brightImages } from "../styles/small_images.ts";

/** What a trial is to be, where it differs from the usual. */
export interface TrialOptions {
  style?: StyleName;
  model?: string;
  /** A user's file. */
  file?: string;
  recipe?: string;
  change?: RecipeChange;
  layout?: Layout;
  seed?: number;
  imageShape?: ImageShape;
  count?: number;
  images?: typeof brightImages;
  more?: Partial<TrialRequest>;
}

/** A request and its images: 96 to train on, 40 to validate and to test. */
export async function trialFor(options: TrialOptions = {}): Promise<[TrialRequest, TrialImages]> {
  const {
    style = "torch",
    model = "mlp",
    imageShape = [8, 8, 3],
    count = 96,
    images: imagesOf = brightImages,
    seed = 1,
    layout = null,
  } = options;
  const named = await loadRecipe(options.recipe ?? "fixed");
  const short = { epochs: 1, ...options.change };
  const images: TrialImages = {
    train: imagesOf(count, 1, imageShape),
    validation: imagesOf(40, 2, imageShape),
    test: imagesOf(40, 3, imageShape),
  };
  const { train, validation, test } = images;
  const described = ({ count }: { count: number }) =>
    ({ count, imagesType: "Uint8Array", labelsType: "Uint8Array" }) as const;
  return [{
    trial: {
      id: `${style}/seed-${seed}`,
      configuration: style,
      axes: { model, recipe: named.name, dataset: "bright", style, layout, change: null },
      seed,
    },
    model: { name: model, file: options.file ?? null },
    recipe: changeRecipe(named, short, "test"),
    device: "cpu",
    kerasEngine: "onnxruntime",
    stepsPerCall: 1,
    threads: null,
    weights: null,
    skipWeights: [],
    warmup: 0,
    untilAccuracy: null,
    profile: false,
    strictDevice: false,
    peakFlops: null,
    stateFolder: null,
    fingerprint: "test",
    showsMistakes: false,
    data: {
      name: "bright",
      title: "images whose class is their brightness",
      classNames: Array.from({ length: 10 }, (_, i) => `class ${i}`),
      imageShape: [...imageShape],
      notice: null,
      train: described(train),
      validation: described(validation),
      test: described(test),
    },
    ...options.more,
  }, images];
}

/** Runs a trial in this process. */
export async function trial(
  options: TrialOptions = {},
  watch: { signal?: AbortSignal; send?: (event: TrialEvent) => void } = {},
): Promise<TrialResult> {
  const [request, images] = await trialFor(options);
  const { signal = new AbortController().signal, send = () => {} } = watch;
  return await runTrial(request, images, { signal, send });
}

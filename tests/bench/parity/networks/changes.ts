/** One thing changed in a PyTorch model, at a module's path. */
import { torch } from "@tandem/tandem";

const { nn } = torch;

/** A change and where it is. */
export interface Change {
  readonly name: string;
  readonly path: string;
  apply(module: torch.nn.AnyModule, model: torch.nn.AnyModule): void;
}

type Field = Record<string, unknown>;

/** Puts another module in a module's place. */
function replace(model: torch.nn.AnyModule, path: string, by: torch.nn.AnyModule): void {
  const at = path.lastIndexOf(".");
  const parent = model.getSubmodule(path.slice(0, Math.max(at, 0)));
  const name = path.slice(at + 1);
  if (parent instanceof nn.Sequential) {
    parent.set(parent.namedChildren().findIndex(([own]) => own === name), by as torch.nn.Module);
  } else (parent as unknown as Field)[name] = by;
  if (model.getSubmodule(path) !== by) throw new Error(`${path} is still what it was`);
}

/** A field of the module has another value. */
export function field(path: string, name: string, value: unknown): Change {
  return {
    name: `${name} ${JSON.stringify(value)}`,
    path,
    apply(module) {
      if (!(name in module)) throw new Error(`${path} has no ${name}`);
      (module as unknown as Field)[name] = value;
    },
  };
}

/** The module computes something else. */
export function other(
  path: string,
  name: string,
  make: (before: torch.nn.AnyModule) => torch.nn.AnyModule,
): Change {
  return { name, path, apply: (module, model) => replace(model, path, make(module)) };
}

/** What the module gives is changed. */
export function output(path: string, name: string, f: (x: torch.Tensor) => torch.Tensor): Change {
  return {
    name,
    path,
    apply(module) {
      module.registerForwardHook((_, _inputs, out) =>
        Array.isArray(out) ? [f(out[0]), ...out.slice(1)] : f(out as torch.Tensor)
      );
    },
  };
}

/** What the module is given is changed. */
export function input(path: string, name: string, f: (x: torch.Tensor) => torch.Tensor): Change {
  return {
    name,
    path,
    apply(module) {
      module.registerForwardPreHook((_, [x, ...more]) => [f(x as torch.Tensor), ...more]);
    },
  };
}

/** The module is not trained. */
export function frozen(path: string): Change {
  return { name: "frozen", path, apply: (module) => void module.requiresGrad_(false) };
}

export const scaled = (path: string) => input(path, "its input scaled by 1.05", (x) => x.mul(1.05));
export const flipped = (path: string) =>
  output(path, "its channels in reverse", (x) => x.flip([1]));
export const rectified = (path: string) => output(path, "a relu behind it", (x) => x.relu());
export const detached = (path: string) => output(path, "no gradient through it", (x) => x.detach());
export const epsilon = (path: string) => field(path, "eps", 0.05);
export const momentum = (path: string) => field(path, "momentum", 0.5);

/** A dense layer without its bias. */
export const unbiased = (path: string) =>
  other(path, "no bias", (before) => {
    const { inFeatures, outFeatures } = before as torch.nn.Linear;
    return new nn.Linear(inFeatures, outFeatures, { bias: false });
  });

/** A convolution that keeps sizes, with holes. */
export const dilated = (path: string) =>
  other(path, "dilation 2", (before) => {
    const { inChannels, outChannels, groups } = before as torch.nn.Conv2d;
    return new nn.Conv2d(inChannels, outChannels, 3, {
      padding: 2,
      dilation: 2,
      groups,
      bias: false,
    });
  });

/**
 * Where computing happens. Tensors lie in the computer's memory; what computes is one execution provider for all of
 * them, chosen by `onnx.useProvider`, so that there is one device: that provider.
 * @module
 */
import { defaultRuntime, type DType } from "../onnx/mod.ts";
import { kind, kinds, signature } from "./arguments.ts";

/** A device by its type. Follows https://docs.pytorch.org/docs/stable/tensor_attributes.html#torch.device */
export class Device {
  constructor(readonly type: string, readonly index: number | null = null) {}

  toString(): string {
    return this.index === null ? this.type : `${this.type}:${this.index}`;
  }
}

/** A device's name, or the device. */
export type DeviceLike = string | Device;

/** The device that computes. */
function currentDevice(): Device {
  return new Device(defaultRuntime().provider);
}

function isPresent(value: unknown): value is DeviceLike {
  if (value instanceof Device) return isPresent(value.toString());
  if (typeof value !== "string") return false;
  const { type } = currentDevice();
  return value === "cpu" || value === type || value === `${type}:0`;
}

/** A parameter that is a device on which tensors can be used. */
const presentDevice = kind<DeviceLike>(
  '"cpu" or the provider that computes (chosen by onnx.useProvider)',
  isPresent,
);

/** What `to` takes. */
export const dtypeOrDevice = kinds.either(kinds.dtype, presentDevice);

/** The dtype that `to` is asked for; none where it is a device. */
export function dtypeIn(target: DType | DeviceLike): DType | undefined {
  return kinds.dtype.accepts(target) ? target as DType : undefined;
}

const DEVICE = signature("device", ["type", kinds.string]);

/**
 * A device that tensors and modules can be moved to.
 *
 * @throws {Error} for one that nothing is computed on here
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * const device = torch.device(torch.cuda.isAvailable() ? "cuda" : "cpu");
 * const net = new torch.nn.Linear(4, 2).to(device);
 * ```
 */
export function device(...given: [type: string]): Device {
  const { type } = DEVICE.read(given);
  if (!isPresent(type)) {
    throw new Error(
      `device "${type}" does not compute here, expected "cpu" or "${currentDevice()}": ` +
        `onnx.useProvider chooses what does`,
    );
  }
  const [name, index] = type.split(":");
  return new Device(name, index === undefined ? null : Number(index));
}

/** What PyTorch has under `torch.cuda`. */
export const cuda = {
  /** Whether computing happens on CUDA: `onnx.useProvider("cuda")` was called. */
  isAvailable: (): boolean => currentDevice().type === "cuda",
  /** How many devices are used. */
  deviceCount: (): number => currentDevice().type === "cuda" ? 1 : 0,
};

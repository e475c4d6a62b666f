/**
 * NVIDIA's devices, asked of their driver: it needs no program and no file of the system to be readable.
 * Source: CUDA Driver API, https://docs.nvidia.com/cuda/cuda-driver-api/
 * @module
 */

/** A device of NVIDIA's. */
export interface CudaDevice {
  /** As the driver calls it, such as "NVIDIA H100 80GB HBM3". */
  readonly name: string;
  /** Memory in bytes. */
  readonly memory: number;
}

const SYMBOLS = {
  cuInit: { parameters: ["u32"], result: "i32" },
  cuDeviceGetCount: { parameters: ["buffer"], result: "i32" },
  cuDeviceGet: { parameters: ["buffer", "i32"], result: "i32" },
  cuDeviceGetName: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  cuDeviceTotalMem_v2: { parameters: ["buffer", "i32"], result: "i32" },
} as const;

/** The driver's functions; each returns 0 if all is well. */
export type CudaDriver = Deno.StaticForeignLibraryInterface<typeof SYMBOLS>;

const NAME_BYTES = 256;

/**
 * The devices that CUDA sees; none where there is no driver. `CUDA_VISIBLE_DEVICES` hides some.
 *
 * @param path the driver's library; where the system has it unless given
 */
export function listCudaDevices(path: string = driverPath()): CudaDevice[] {
  let library: Deno.DynamicLibrary<typeof SYMBOLS>;
  try {
    library = Deno.dlopen(path, SYMBOLS);
  } catch {
    // No driver, or no permission to ask it.
    return [];
  }
  try {
    return devicesOf(library.symbols);
  } finally {
    library.close();
  }
}

/** The devices of an opened driver; none if it does not work. */
export function devicesOf(driver: CudaDriver): CudaDevice[] {
  const number = new Int32Array(1);
  if (driver.cuInit(0) !== 0 || driver.cuDeviceGetCount(number) !== 0) return [];
  return Array.from({ length: number[0] }, (_, ordinal) => deviceOf(driver, ordinal));
}

function deviceOf(driver: CudaDriver, ordinal: number): CudaDevice {
  const handle = new Int32Array(1);
  const name = new Uint8Array(NAME_BYTES);
  const memory = new BigUint64Array(1);
  const known = driver.cuDeviceGet(handle, ordinal) === 0;
  const named = known && driver.cuDeviceGetName(name, NAME_BYTES, handle[0]) === 0;
  if (known) driver.cuDeviceTotalMem_v2(memory, handle[0]);
  const text = new TextDecoder().decode(name.subarray(0, name.indexOf(0)));
  return { name: named ? text : `CUDA device ${ordinal}`, memory: Number(memory[0]) };
}

function driverPath(): string {
  return Deno.build.os === "windows" ? "nvcuda.dll" : "libcuda.so.1";
}

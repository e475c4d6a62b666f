/**
 * ONNX Runtime 1.30 reports its use to its maker: it keeps an identifier in the user's cache folder and leaves a log file for each killed
 * process among the temporary files. Nobody asked for that, so it is switched off before the library starts.
 *
 * Source: `ORT_DISABLE_TELEMETRY` in onnxruntime/core/platform/posix/telemetry.cc
 * @module
 */

/** The variable that ONNX Runtime looks at when its first session is opened. */
export const TELEMETRY_OFF = "ORT_DISABLE_TELEMETRY";

// Asked first: setting it without the permission would ask the user.
const { state } = Deno.permissions.querySync({ name: "env", variable: TELEMETRY_OFF });
if (state === "granted") Deno.env.set(TELEMETRY_OFF, "1");

/**
 * Kernels whose result is another view of the same data: no op is recorded.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { BACKEND_NAME, type OnnxRuntimeBackend } from "../onnxruntime_backend.ts";

function share(
  kernelName: string,
  shapeOf: (x: tf.TensorInfo, attrs: tf.NamedAttrMap) => number[],
) {
  tf.registerKernel({
    kernelName,
    backendName: BACKEND_NAME,
    kernelFunc: ({ inputs, attrs, backend }) => {
      const x = (inputs.x ?? inputs.input) as tf.TensorInfo;
      const shape = shapeOf(x, attrs ?? {});
      const engine = backend as OnnxRuntimeBackend;
      engine.touch(x);
      engine.incRef(x.dataId);
      return { dataId: x.dataId, shape, dtype: x.dtype };
    },
  });
}

share(tf.Identity, (x) => x.shape);

share(tf.Reshape, (x, attrs) => {
  const size = tf.util.sizeFromShape(x.shape);
  const shape = tf.util.inferFromImplicitShape(attrs.shape as number[], size);
  const wanted = tf.util.sizeFromShape(shape);
  if (wanted !== size) {
    throw new Error(`Reshape: [${x.shape}] has ${size} elements, [${shape}] would need ${wanted}`);
  }
  return shape;
});

share(tf.ExpandDims, (x, attrs) => {
  const dim = attrs.dim as number;
  const rank = x.shape.length;
  if (dim < -(rank + 1) || dim > rank) {
    throw new Error(`ExpandDims: axis ${dim} must be in the interval [${-(rank + 1)}, ${rank}]`);
  }
  const shape = [...x.shape];
  shape.splice(dim < 0 ? dim + rank + 1 : dim, 0, 1);
  return shape;
});

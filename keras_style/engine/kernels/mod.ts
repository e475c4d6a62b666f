/**
 * All kernels of the `onnxruntime` engine, one file a family. Importing this registers them.
 * @module
 */
import "./blocks.ts";
import "./convolution.ts";
import "./creation.ts";
import "./elementwise.ts";
import "./indexing.ts";
import "./movement.ts";
import "./pooling.ts";
import "./products.ts";
import "./reduction.ts";
import "./resizing.ts";
import "./sharing.ts";

/**
 * All kernels of the `onnxruntime` engine, one file a family. Importing this registers them.
 * @module
 */
import "./blocks.ts";
import "./complex.ts";
import "./convolution.ts";
import "./counting.ts";
import "./creation.ts";
import "./cropping.ts";
import "./dilation.ts";
import "./elementwise.ts";
import "./host.ts";
import "./indexing.ts";
import "./local_response.ts";
import "./movement.ts";
import "./pooling.ts";
import "./products.ts";
import "./reduction.ts";
import "./resizing.ts";
import "./rotation.ts";
import "./sharing.ts";
import "./volume_convolution.ts";

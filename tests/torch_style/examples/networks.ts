/** Image classifiers of torch_style/examples/. */
import * as convnext from "../../../torch_style/examples/convnext.ts";
import * as densenet from "../../../torch_style/examples/densenet.ts";
import * as efficientnet from "../../../torch_style/examples/efficientnet.ts";
import * as googlenet from "../../../torch_style/examples/googlenet.ts";
import * as mixer from "../../../torch_style/examples/mlp_mixer.ts";
import * as senet from "../../../torch_style/examples/senet.ts";
import * as shufflenet from "../../../torch_style/examples/shufflenetv2.ts";
import * as vit from "../../../torch_style/examples/vision_transformer.ts";
import { optim } from "../../../torch_style/mod.ts";
import { BATCHES, fill, images, testProgram } from "./program.ts";

const batches = () => BATCHES.map((batch) => images(batch));

testProgram("densenet", densenet.main, 2.3, () => {
  const net = fill(new densenet.DenseNet());
  return densenet.train(net, densenet.optimizerOf(net, 0.02), batches());
});

testProgram("senet", senet.main, 2.28, () => {
  const net = fill(new senet.SENet());
  return senet.train(net, senet.optimizerOf(net), batches());
});

testProgram("shufflenetv2", shufflenet.main, 2.25, () => {
  const net = fill(new shufflenet.ShuffleNetV2());
  const optimizer = shufflenet.optimizerOf(net);
  const scheduler = new optim.lrScheduler.LambdaLR(optimizer, (step) => 1 - step / 20);
  return shufflenet.train(net, optimizer, scheduler, batches());
});

testProgram("efficientnet", efficientnet.main, 2.2, async () => {
  const net = fill(new efficientnet.EfficientNet({ dropout: 0, stochasticDepth: 0 }));
  const averaged = new optim.swaUtils.AveragedModel(net, {
    avgFn: optim.swaUtils.getEmaAvgFn(0.9),
    useBuffers: true,
  });
  const optimizer = efficientnet.optimizerOf(net);
  const losses = await efficientnet.train(net, averaged, optimizer, batches());
  return [...losses, await efficientnet.test(averaged, [images(0)])];
});

testProgram("googlenet", googlenet.main, 3.6, () => {
  const net = fill(new googlenet.GoogLeNet({ dropout: 0, auxiliaryDropout: 0 }));
  return googlenet.train(net, googlenet.optimizerOf(net), batches());
});

testProgram("convnext", convnext.main, 2.29, () => {
  const net = fill(new convnext.ConvNeXt());
  return convnext.train(net, convnext.optimizerOf(net), batches());
});

testProgram("vision_transformer", vit.main, 2.2, () => {
  const net = fill(new vit.VisionTransformer({ dropout: 0 }));
  return vit.train(net, vit.optimizerOf(net, 30), batches());
});

testProgram("mlp_mixer", mixer.main, 2.25, () => {
  const net = fill(new mixer.MLPMixer());
  return mixer.train(net, mixer.optimizerOf(net, 30), batches());
});

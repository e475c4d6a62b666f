# Cases of keras_layers_more.py: layers that prepare data. Ranges of one value leave nothing to chance.
BYTES = (IMG * 255).astype("float32")
for mode in ["reflect", "constant", "nearest", "wrap"]:
    case("RandomRotation", IMG, training=True, gradient=False, factor=[0.07, 0.07], fillMode=mode, fillValue=0.5)
    case("RandomTranslation", IMG, training=True, gradient=False, heightFactor=[0.3, 0.3], widthFactor=[-0.25, -0.25],
         fillMode=mode)
    case("RandomZoom", IMG, training=True, gradient=False, heightFactor=[0.4, 0.4], widthFactor=[-0.3, -0.3], fillMode=mode)
case("RandomZoom", IMG, training=True, gradient=False, heightFactor=[-0.3, -0.3])
case("RandomZoom", IMG, gradient=False, heightFactor=[-0.3, -0.3])
case("RandomBrightness", BYTES, training=True, gradient=False, factor=[0.3, 0.3])
case("RandomBrightness", IMG, training=True, gradient=False, factor=[-0.2, -0.2], valueRange=[0, 1])
case("RandomContrast", BYTES, training=True, gradient=False, factor=[0.0, 0.0])
case("RandomGrayscale", IMG, training=True, gradient=False, factor=1.0)
case("RandomInvert", BYTES, training=True, gradient=False, factor=[1.0, 1.0])
case("RandomColorDegeneration", BYTES, training=True, gradient=False, factor=[0.4, 0.4])
case("RandomPosterization", np.floor(BYTES), training=True, gradient=False, factor=[3, 3])
case("AutoContrast", BYTES, training=True, gradient=False)
case("CenterCrop", IMG, gradient=False, height=3, width=2); case("CenterCrop", IMG, gradient=False, height=7, width=4)
case("RandomCrop", IMG, gradient=False, height=4, width=5)
case("Normalization", X, gradient=False, adapt=X); case("Normalization", X, gradient=False, adapt=X, axis=None)
case("Normalization", X, gradient=False, adapt=X, axis=[1, 2], invert=True)
case("Normalization", X, mean=[1.0, 2.0, 3.0, 4.0], variance=[1.0, 4.0, 9.0, 0.25])
case("CategoryEncoding", IDS, gradient=False, numTokens=5)
case("CategoryEncoding", IDS, gradient=False, numTokens=5, outputMode="count")
case("CategoryEncoding", IDS[:, 0], gradient=False, numTokens=5, outputMode="one_hot")
case("Discretization", X, gradient=False, binBoundaries=[-0.5, 0.0, 0.7])
case("ActivityRegularization", X, l1=0.1)
for rank, shape in [(1, (2, 5, 3)), (2, (2, 5, 7, 2)), (3, (1, 4, 5, 3, 2))]:
    for kind in ["Average", "Max"]:
        case(f"Adaptive{kind}Pooling{rank}D", spread(int(np.prod(shape)), 7, 29).reshape(shape),
             outputSize=[2, 3, 2][:rank] if rank > 1 else 2)
case("RandomHue", IMG, training=True, gradient=False, factor=[1.0, 1.0], valueRange=[0, 1])
case("RandomSaturation", IMG, training=True, gradient=False, factor=[0.3, 0.3], valueRange=[0, 1])
case("RandomSharpness", IMG, training=True, gradient=False, factor=[0.2, 0.2], valueRange=[0, 1])
case("RandomSharpness", BYTES, training=True, gradient=False, factor=[0.9, 0.9])
case("Solarization", BYTES, training=True, gradient=False)
case("RandomShear", IMG, training=True, gradient=False)
case("RandomColorJitter", BYTES, training=True, gradient=False, brightnessFactor=[0.2, 0.2], contrastFactor=[0.0, 0.0],
     saturationFactor=[0.3, 0.3], hueFactor=[1.0, 1.0])

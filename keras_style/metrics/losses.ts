/**
 * The means of losses, as metrics. Follows https://keras.io/api/metrics/ (probabilistic, regression and hinge metrics of Keras 3)
 * @module
 */
import { sparseEntropies } from "../losses/crossentropy.ts";
import * as losses from "../losses/mod.ts";
import type { MetricOptions } from "./metric.ts";
import { MeanMetricWrapper } from "./reduction.ts";

/** Mean of the squares of the differences. */
export class MeanSquaredError extends MeanMetricWrapper {
  constructor(options: MetricOptions = {}) {
    super(losses.meanSquaredError, options, {}, {
      name: "mean_squared_error",
      direction: "down",
    });
  }
}

/** Mean of the differences without their sign. */
export class MeanAbsoluteError extends MeanMetricWrapper {
  constructor(options: MetricOptions = {}) {
    super(losses.meanAbsoluteError, options, {}, {
      name: "mean_absolute_error",
      direction: "down",
    });
  }
}

/** Mean of the differences without their sign, in percent of the labels. */
export class MeanAbsolutePercentageError extends MeanMetricWrapper {
  constructor(options: MetricOptions = {}) {
    super(losses.meanAbsolutePercentageError, options, {}, {
      name: "mean_absolute_percentage_error",
      direction: "down",
    });
  }
}

/** Mean of the squares of the differences of log(x + 1). */
export class MeanSquaredLogarithmicError extends MeanMetricWrapper {
  constructor(options: MetricOptions = {}) {
    super(losses.meanSquaredLogarithmicError, options, {}, {
      name: "mean_squared_logarithmic_error",
      direction: "down",
    });
  }
}

/** Mean of log(cosh(difference)). */
export class LogCoshError extends MeanMetricWrapper {
  constructor(options: MetricOptions = {}) {
    super(losses.logCosh, options, {}, {
      name: "logcosh",
      direction: "down",
    });
  }
}

/** Mean of max(1 - label prediction, 0). */
export class Hinge extends MeanMetricWrapper {
  constructor(options: MetricOptions = {}) {
    super(losses.hinge, options, {}, {
      name: "hinge",
      direction: "down",
    });
  }
}

/** Mean of max(1 - label prediction, 0)². */
export class SquaredHinge extends MeanMetricWrapper {
  constructor(options: MetricOptions = {}) {
    super(losses.squaredHinge, options, {}, {
      name: "squared_hinge",
      direction: "down",
    });
  }
}

/** Mean of max(1 + greatest wrong logit - right logit, 0). */
export class CategoricalHinge extends MeanMetricWrapper {
  constructor(options: MetricOptions = {}) {
    super(losses.categoricalHinge, options, {}, {
      name: "categorical_hinge",
      direction: "down",
    });
  }
}

/** Mean of the Kullback-Leibler divergence from predictions to labels. */
export class KLDivergence extends MeanMetricWrapper {
  constructor(options: MetricOptions = {}) {
    super(losses.klDivergence, options, {}, {
      name: "kl_divergence",
      direction: "down",
    });
  }
}

/** Mean of prediction - label log(prediction). */
export class Poisson extends MeanMetricWrapper {
  constructor(options: MetricOptions = {}) {
    super(losses.poisson, options, {}, {
      name: "poisson",
      direction: "down",
    });
  }
}

/** Mean of the cross entropy of labels of 0 and 1. */
export class BinaryCrossentropy extends MeanMetricWrapper<losses.BinaryCrossentropySettings> {
  constructor(options: MetricOptions & losses.BinaryCrossentropySettings = {}) {
    super(losses.binaryCrossentropy, options, { fromLogits: false, labelSmoothing: 0, axis: -1 }, {
      name: "binary_crossentropy",
      direction: "down",
    });
  }
}

/** Mean of the cross entropy of one-hot labels. */
export class CategoricalCrossentropy
  extends MeanMetricWrapper<losses.CategoricalCrossentropySettings> {
  constructor(options: MetricOptions & losses.CategoricalCrossentropySettings = {}) {
    super(losses.categoricalCrossentropy, options, {
      fromLogits: false,
      labelSmoothing: 0,
      axis: -1,
    }, {
      name: "categorical_crossentropy",
      direction: "down",
    });
  }
}

/** Mean of the cross entropy of class indices. */
export class SparseCategoricalCrossentropy
  extends MeanMetricWrapper<losses.SparseCategoricalCrossentropySettings> {
  constructor(options: MetricOptions & losses.SparseCategoricalCrossentropySettings = {}) {
    super(sparseEntropies, options, {
      fromLogits: false,
      ignoreClass: null,
      axis: -1,
    }, {
      name: "sparse_categorical_crossentropy",
      direction: "down",
    });
  }
}

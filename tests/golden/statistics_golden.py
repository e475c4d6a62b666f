"""Means, t intervals and t-tests by SciPy. Run: python statistics_golden.py > statistics.json"""
import json
import numpy as np
from scipy import stats

SAMPLES = {
    "few": [0.6493, 0.6544, 0.6512],
    "many": [17.2, 18.9, 16.4, 22.5, 17.0, 18.1, 17.7, 30.2],
    "others": [16.9, 18.0, 16.6, 20.1, 16.2, 18.3, 16.0, 25.2],
}


def spread(values):
    low, high = stats.t.interval(0.95, len(values) - 1, np.mean(values), stats.sem(values))
    return {"values": values, "mean": np.mean(values), "sd": np.std(values, ddof=1), "low": low, "high": high}


def prediction_half_width(values):
    n = len(values)
    return stats.t.ppf(0.975, n - 1) * np.std(values, ddof=1) * np.sqrt(1 + 1 / n)


paired = stats.ttest_rel(SAMPLES["many"], SAMPLES["others"])
interval = paired.confidence_interval(0.95)
welch = stats.ttest_ind(SAMPLES["others"], SAMPLES["few"], equal_var=False).confidence_interval(0.95)
print(json.dumps({
    "spreads": {name: spread(values) for name, values in SAMPLES.items()},
    "paired": {"p": paired.pvalue, "low": interval.low, "high": interval.high},
    "welch": {"low": welch.low, "high": welch.high},
    "prediction": prediction_half_width(SAMPLES["many"]),
}, indent=1))

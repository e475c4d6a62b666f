"""The batch that all sides train on: values by a formula, the same in same_batch.ts."""
import numpy as np


def hashed(count, seed):
    """`count` values in [0, 1), each a multiple of 2^-24, scattered by a multiplicative hash."""
    x = np.arange(count, dtype=np.uint32) * np.uint32(2654435761) + np.uint32(seed * 40503 % 2**32)
    for shift, factor in ((16, 0x45D9F3B), (16, 0x45D9F3B)):
        x = (x ^ (x >> np.uint32(shift))) * np.uint32(factor)
    return ((x ^ (x >> np.uint32(16))) >> np.uint32(8)).astype(np.float64) / 2**24


def images(count, image_shape):
    """Images [count, height, width, channels] in [0, 1)."""
    size = count * int(np.prod(image_shape))
    return hashed(size, 1).astype(np.float32).reshape(count, *image_shape)


def in_last_bit(values, seed):
    """float32 values, each one up or down by its last bit; others as they are."""
    if values.dtype != np.float32:
        return values
    ends = np.where(hashed(values.size, seed) < 0.5, -np.inf, np.inf).astype(np.float32)
    return np.nextafter(values, ends.reshape(values.shape))


def labels(count, classes):
    return (np.arange(count) * 7 % classes).astype(np.int64)

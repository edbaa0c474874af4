"""Answers to the exercise of lesson 13."""

import itertools
import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy import ndimage, signal

from answers import Answers

# -- weights ------------------------------------------------------------------------------------


def count(image, kernel, neurons):
    h, w, c = image
    a, b = kernel
    return (a * b * c + 1) * neurons, (h * w * c + 1) * neurons


def count_arrays(image, kernel, neurons):
    conv = np.zeros((*kernel, image[-1], neurons)).size + neurons
    dense = np.zeros((math.prod(image), neurons)).size + neurons
    return np.array([conv, dense])


def count_in_keras(image, kernel, neurons):
    import keras

    conv, dense = keras.layers.Conv2D(neurons, kernel), keras.layers.Dense(neurons)
    conv.build((None, *image))
    dense.build((None, math.prod(image)))
    return [conv.count_params(), dense.count_params()]


def counted(conv, dense):
    """Two numbers from expressions in h, w, c, a, b, n."""
    return lambda image, kernel, neurons: (
        conv(*image, *kernel, neurons),
        dense(*image, *kernel, neurons),
    )


def dense_count(h, w, c, a, b, n):
    return (h * w * c + 1) * n


def conv_count(h, w, c, a, b, n):
    return (a * b * c + 1) * n


def behind(depth):
    """A dense layer on what the convolution returns."""
    return lambda h, w, c, a, b, n: ((h - a + 1) * (w - b + 1) * depth(c, n) + 1) * n


# -- output size --------------------------------------------------------------------------------


def size_by_walking(n, k, p, s):
    start, positions = -p, 0
    while start + k <= n + p:
        positions += 1
        start += s
    return positions


def size_by_numpy(n, k, p, s):
    return len(np.arange(n + 2 * p)[: max(n + 2 * p - k + 1, 0) : s])


def size_from_the_end(n, k, p, s):
    return len(np.arange(n + 2 * p)[: n + 2 * p - k + 1 : s])


# -- correlate ----------------------------------------------------------------------------------


def correlate_loops(image, kernel):
    a, b = kernel.shape
    h, w = image.shape
    out = np.zeros((h - a + 1, w - b + 1))
    for i in range(h - a + 1):
        for j in range(w - b + 1):
            for u in range(a):
                for v in range(b):
                    out[i, j] += image[i + u, j + v] * kernel[u, v]
    return out


def correlate_lists(image, kernel):
    a, b = kernel.shape
    rows, columns = range(image.shape[0] - a + 1), range(image.shape[1] - b + 1)
    return [[(image[i : i + a, j : j + b] * kernel).sum() for j in columns] for i in rows]


def correlate_windows(image, kernel):
    return np.tensordot(sliding_window_view(image, kernel.shape), kernel, axes=2)


def correlate_shifts(image, kernel):
    (h, w), (a, b) = image.shape, kernel.shape
    moved = [kernel[u, v] * image[u : h - a + 1 + u, v : w - b + 1 + v] for u, v in np.ndindex(kernel.shape)]
    return sum(moved)


def correlate_scipy(image, kernel):
    return signal.correlate2d(image, kernel, mode="valid")


def correlate_keras(image, kernel):
    import keras

    one = np.asarray(image, float)[None, :, :, None]
    return keras.ops.conv(one, np.asarray(kernel, float)[:, :, None, None], padding="valid")[0, :, :, 0]


def product_only(image, kernel):
    return sliding_window_view(image, kernel.shape) * kernel


def one_step_short(image, kernel):
    (h, w), (a, b) = image.shape, kernel.shape
    return [[(image[i : i + a, j : j + b] * kernel).sum() for j in range(w - b)] for i in range(h - a)]


def last_left_empty(image, kernel):
    (h, w), (a, b) = image.shape, kernel.shape
    out = np.zeros((h - a + 1, w - b + 1))
    for i in range(h - a):
        for j in range(w - b):
            out[i, j] = (image[i : i + a, j : j + b] * kernel).sum()
    return out


def in_the_image(image, kernel):
    result = correlate_loops(image, kernel)
    image[: result.shape[0], : result.shape[1]] = result
    return result


def types_of_the_image(image, kernel):
    right = correlate_loops(image, kernel)
    out = np.zeros_like(image, shape=right.shape)
    out[:] = right
    return out


def swapped_bounds(image, kernel):
    (h, w), (a, b) = image.shape, kernel.shape
    out = np.zeros((h - a + 1, w - b + 1))
    for i in range(w - b + 1):
        for j in range(h - a + 1):
            out[i, j] = (image[i : i + a, j : j + b] * kernel).sum()
    return out


def swapped_shape(image, kernel):
    w, h = image.shape
    a, b = kernel.shape
    out = np.zeros((h - a + 1, w - b + 1))
    for i, j in np.ndindex(out.shape):
        out[i, j] = (image[i : i + a, j : j + b] * kernel).sum()
    return out


def square_kernels(image, kernel):
    k = len(kernel)
    h, w = image.shape
    out = np.zeros((h - k + 1, w - k + 1))
    for i, j in np.ndindex(out.shape):
        out[i, j] = (image[i : i + k, j : j + k] * kernel).sum()
    return out


def square_output(image, kernel):
    k = kernel.shape[0]
    out = np.zeros((image.shape[0] - k + 1, image.shape[1] - k + 1))
    right = correlate_scipy(image, kernel)
    h, w = np.minimum(out.shape, right.shape)
    out[:h, :w] = right[:h, :w]
    return out


def matrix_products(image, kernel):
    a, b = kernel.shape
    rows, columns = range(image.shape[0] - a + 1), range(image.shape[1] - b + 1)
    return [[(image[i : i + a, j : j + b] @ kernel).sum() for j in columns] for i in rows]


def transposed_kernel(image, kernel):
    return [
        [(patch * kernel.T).sum() for patch in row] for row in sliding_window_view(image, kernel.shape)
    ]  # fmt: skip


def three_by_three(image, kernel):
    h, w = image.shape
    out = np.zeros((h - 2, w - 2))
    for i in range(1, h - 1):
        for j in range(1, w - 1):
            out[i - 1, j - 1] = (image[i - 1 : i + 2, j - 1 : j + 2] * kernel).sum()
    return out


def size_for_three(image, kernel):
    return correlate_scipy(image, kernel)[: len(image) - 2, : image.shape[1] - 2]


def jumping_kernel(image, kernel):
    (h, w), (a, b) = image.shape, kernel.shape
    rows, columns = range(0, h - a + 1, a), range(0, w - b + 1, b)
    return [[(image[i : i + a, j : j + b] * kernel).sum() for j in columns] for i in rows]


def never_reset(image, kernel, by_row=False):
    (h, w), (a, b) = image.shape, kernel.shape
    out, total = np.zeros((h - a + 1, w - b + 1)), 0
    for i in range(h - a + 1):
        if by_row:
            total = 0
        for j in range(w - b + 1):
            for u, v in np.ndindex(a, b):
                total += image[i + u, j + v] * kernel[u, v]
            out[i, j] = total
    return out


def same_cut_to_size(image, kernel):
    (h, w), (a, b) = image.shape, kernel.shape
    return ndimage.correlate(image, kernel, mode="constant")[: h - a + 1, : w - b + 1]


def typed_as(which):
    """The output takes over the type of an argument, as ``np.zeros(shape, dtype=kernel.dtype)`` does."""

    def correlate(*case):
        right = correlate_loops(*case)
        out = np.zeros(right.shape, dtype=case[which].dtype)
        out[:] = right
        return out

    return correlate


def returns_inside(image, kernel, by_row=False):
    (h, w), (a, b) = image.shape, kernel.shape
    out = np.zeros((h - a + 1, w - b + 1))
    for i in range(h - a + 1):
        for j in range(w - b + 1):
            out[i, j] = (image[i : i + a, j : j + b] * kernel).sum()
            if not by_row:
                return out
        return out


def separate_sums(image, kernel):
    return sliding_window_view(image, kernel.shape).sum(axis=(2, 3)) * kernel.sum()


# -- max pooling --------------------------------------------------------------------------------


def pool_loops(image, k):
    h, w = image.shape
    return [
        [image[i : i + k, j : j + k].max() for j in range(0, w - k + 1, k)] for i in range(0, h - k + 1, k)
    ]


def pool_blocks(image, k):
    h, w = image.shape[0] // k, image.shape[1] // k
    return image[: h * k, : w * k].reshape(h, k, w, k).max(axis=3).max(axis=1)


def pool_windows(image, k):
    return sliding_window_view(image, (k, k))[::k, ::k].max(axis=(2, 3))


def pool_keras(image, k):
    import keras

    return keras.ops.max_pool(image[None, :, :, None], k, strides=k, padding="valid")[0, :, :, 0]


def pool_corners(image, k):
    h, w = image.shape[0] // k * k, image.shape[1] // k * k
    return np.max([image[u:h:k, v:w:k] for u in range(k) for v in range(k)], axis=0)


def pooled(reduce):
    def pool(image, k):
        h, w = image.shape[0] // k, image.shape[1] // k
        return reduce(image[: h * k, : w * k].reshape(h, k, w, k), axis=(1, 3))

    return pool


def pool_overlapping(image, k):
    return sliding_window_view(image, (k, k)).max(axis=(2, 3))


def pool_with_rest(image, k):
    h, w = image.shape
    return [[image[i : i + k, j : j + k].max() for j in range(0, w, k)] for i in range(0, h, k)]


def pool_index_error(image, k):
    h, w = image.shape
    out = np.zeros((h // k, w // k))
    for i in range(0, h, k):
        for j in range(0, w, k):
            out[i // k, j // k] = image[i : i + k, j : j + k].max()
    return out


def pool_short(image, k):
    h, w = image.shape
    return [[image[i : i + k, j : j + k].max() for j in range(0, w - k, k)] for i in range(0, h - k, k)]


def pool_running_maximum(image, k):
    out = np.zeros((image.shape[0] // k, image.shape[1] // k))
    for i, j in np.ndindex(out.shape):
        for u, v in np.ndindex(k, k):
            out[i, j] = max(out[i, j], image[i * k + u, j * k + v])
    return out


def pool_by_rows(image, k):
    h, w = image.shape[0] // k, image.shape[1] // k
    return image[: h * k, : w * k].reshape(h, w, k, k).max(axis=(2, 3))


def pool_no_cut(image, k):
    h, w = image.shape
    return image.reshape(h // k, k, w // k, k).max(axis=(1, 3))


def pool_in_place(image, k):
    image[image < -20] = 0
    image -= image.min()
    return pool_blocks(image, k)


def pool_swapped(image, k):
    out = np.zeros((image.shape[0] // k, image.shape[1] // k))
    for i in range(image.shape[1] // k):
        for j in range(image.shape[0] // k):
            out[i, j] = image[i * k : (i + 1) * k, j * k : (j + 1) * k].max()
    return out


def pool_square_loops(image, k):
    """A loop over columns as long as that over rows."""
    n = len(image) // k
    return [
        [image[i * k : (i + 1) * k, j * k : (j + 1) * k].max(initial=-99) for j in range(n)] for i in range(n)
    ]


def pool_square_part(image, k):
    out = np.zeros((image.shape[0] // k, image.shape[1] // k))
    for i, j in np.ndindex(len(out), len(out)):
        out[i, j] = image[i * k : (i + 1) * k, j * k : (j + 1) * k].max()
    return out


def pool_places(image, k):
    h, w = image.shape[0] // k, image.shape[1] // k
    return [[image[i * k : (i + 1) * k, j * k : (j + 1) * k].argmax() for j in range(w)] for i in range(h)]


def pool_farthest_from_zero(image, k):
    largest, smallest = pool_blocks(image, k), -pool_blocks(-image, k)
    return np.where(np.abs(largest) > np.abs(smallest), largest, smallest)


def pool_returns_inside(image, k):
    out = np.zeros((image.shape[0] // k, image.shape[1] // k))
    for i in range(len(out)):
        for j in range(len(out[0])):
            out[i, j] = image[i * k : (i + 1) * k, j * k : (j + 1) * k].max()
            return out


def pool_blocks_of(begin, size):
    def pool(image, k):
        h, w = image.shape[0] // k, image.shape[1] // k
        n = size(k)
        return [
            [image[begin(i, k) : begin(i, k) + n, begin(j, k) : begin(j, k) + n].max() for j in range(w)]
            for i in range(h)
        ]

    return pool


# -- layer --------------------------------------------------------------------------------------


def relu(z):
    return np.maximum(z, 0)


def sums(image, kernels, product="abc,abcf->f"):
    a, b = kernels.shape[:2]
    rows, columns = range(image.shape[0] - a + 1), range(image.shape[1] - b + 1)
    patches = [[image[i : i + a, j : j + b] for j in columns] for i in rows]
    return np.array([[np.einsum(product, patch, kernels) for patch in row] for row in patches])


def layer_loops(image, kernels, bias):
    a, b, channels, filters = kernels.shape
    out = np.zeros((image.shape[0] - a + 1, image.shape[1] - b + 1, filters))
    for f in range(filters):
        for c in range(channels):
            out[:, :, f] += correlate_loops(image[:, :, c], kernels[:, :, c, f])
        out[:, :, f] += bias[f]
    out[out < 0] = 0
    return out


def layer_scipy(image, kernels, bias):
    filters = range(kernels.shape[3])
    maps = [signal.correlate(image, kernels[..., f], mode="valid")[..., 0] + bias[f] for f in filters]
    return relu(np.stack(maps, axis=-1))


def layer_windows(image, kernels, bias):
    windows = sliding_window_view(image, kernels.shape[:3])[:, :, 0]
    z = np.tensordot(windows, kernels, axes=3) + bias
    return np.where(z > 0, z, 0.0)


def layer_keras(image, kernels, bias):
    import keras

    z = keras.ops.conv(np.asarray(image, float)[None], np.asarray(kernels, float), padding="valid")[0]
    return keras.ops.relu(z + bias)


def layer_square(image, kernels, bias):
    k = kernels.shape[0]
    out = np.zeros((image.shape[0] - k + 1, image.shape[1] - k + 1, kernels.shape[3]))
    for i, j in np.ndindex(out.shape[:2]):
        out[i, j] = np.einsum("abc,abcf->f", image[i : i + k, j : j + k], kernels) + bias
    return relu(out)


def layer_swapped(image, kernels, bias):
    (h, w), (a, b) = image.shape[:2], kernels.shape[:2]
    out = np.zeros((h - a + 1, w - b + 1, kernels.shape[3]))
    for i in range(w - b + 1):
        for j in range(h - a + 1):
            out[i, j] = np.einsum("abc,abcf->f", image[i : i + a, j : j + b], kernels) + bias
    return relu(out)


def layer_padded(image, kernels, bias):
    a, b = kernels.shape[:2]
    wide = np.pad(image, ((a // 2, (a - 1) // 2), (b // 2, (b - 1) // 2), (0, 0)))
    return layer_scipy(wide, kernels, bias)


def layer_bias_inside(image, kernels, bias):
    a, b, channels, filters = kernels.shape
    out = np.zeros((image.shape[0] - a + 1, image.shape[1] - b + 1, filters))
    for f in range(filters):
        for c in range(channels):
            out[:, :, f] += correlate_loops(image[:, :, c], kernels[:, :, c, f]) + bias[f]
    return relu(out)


def layer_bias_in_every_product(image, kernels, bias):
    return relu(sums(image, kernels) + kernels[..., 0].size * bias)


def layer_turned(image, kernels, bias):
    filters = range(kernels.shape[3])
    maps = [signal.convolve(image, kernels[..., f], mode="valid")[..., 0] + bias[f] for f in filters]
    return relu(np.stack(maps, axis=-1))


def layer_turned_by_channel(image, kernels, bias):
    filters, channels = range(kernels.shape[3]), range(kernels.shape[2])
    maps = [
        sum(signal.convolve2d(image[..., c], kernels[..., c, f], "valid") for c in channels) + bias[f]
        for f in filters
    ]
    return relu(np.stack(maps, axis=-1))


def layer_in_whole_numbers(image, kernels, bias):
    right = layer_scipy(image, kernels, bias)
    out = np.zeros_like(image, shape=right.shape)
    out[:] = right
    return out


def layer_typed_as(which):
    def layer(*case):
        right = layer_scipy(*case)
        out = np.zeros(right.shape, dtype=case[which].dtype)
        out[:] = right
        return out

    return layer


def layer_returns_inside(*outer, bare=False):
    """Loops over i, j and f in this order; the return stands in the last of them."""

    def layer(image, kernels, bias):
        z = sums(image, kernels) + bias
        right = z if bare else relu(z)
        out = np.zeros_like(right)
        out[outer] = right[outer]
        return out

    return layer


def layer_short(image, kernels, bias):
    return layer_scipy(image, kernels, bias)[:-1, :-1]


# -- occlusion ----------------------------------------------------------------------------------


def occlusion_loops(score, image, k):
    h, w = image.shape
    before = score(image[None])[0]
    drop = np.zeros((h - k + 1, w - k + 1))
    for i in range(h - k + 1):
        for j in range(w - k + 1):
            blanked = image.copy()
            blanked[i : i + k, j : j + k] = 0
            drop[i, j] = before - score(blanked[None])[0]
    return drop


def occlusion_batch(score, image, k):
    h, w = image.shape[0] - k + 1, image.shape[1] - k + 1
    copies = np.repeat(image[None], h * w, axis=0)
    for n, (i, j) in enumerate(itertools.product(range(h), range(w))):
        copies[n, i : i + k, j : j + k] = 0
    return (score(image[None]) - score(copies)).reshape(h, w)


def occlusion_masks(score, image, k):
    h, w = image.shape
    rows = (np.arange(h) - np.arange(h - k + 1)[:, None]) // k == 0
    columns = (np.arange(w) - np.arange(w - k + 1)[:, None]) // k == 0
    blank = rows[:, None, :, None] & columns[None, :, None, :]
    scores = score(np.where(blank, 0, image).reshape(-1, h, w))
    return float(score(image[None])[0]) - scores.reshape(blank.shape[:2])


def occlusion_put_back(score, image, k):
    h, w = image.shape
    work = image.copy()
    result = []
    for i in range(h - k + 1):
        result.append([])
        for j in range(w - k + 1):
            kept = work[i : i + k, j : j + k].copy()
            work[i : i + k, j : j + k] = 0
            result[-1].append(score(np.array([image, work])) @ [1, -1])
            work[i : i + k, j : j + k] = kept
    return result


def changed(
    window=lambda i, j, k: (slice(i, i + k), slice(j, j + k)),
    fill=lambda image: 0,
    combine=lambda before, after: before - after,
    size=lambda h, w, k: (h - k + 1, w - k + 1),
    start=lambda image: image,
):
    def occlusion(score, image, k):
        drop = np.zeros(size(*image.shape, k))
        for i, j in np.ndindex(drop.shape):
            blanked = image.copy()
            blanked[window(i, j, k)] = fill(image)
            drop[i, j] = combine(score(start(image)[None])[0], score(blanked[None])[0])
        return drop

    return occlusion


def around(i, j, k):
    return slice(max(i - k // 2, 0), i + k // 2 + 1), slice(max(j - k // 2, 0), j + k // 2 + 1)


def around_from_the_end(i, j, k):
    return slice(i - k // 2, i - k // 2 + k), slice(j - k // 2, j - k // 2 + k)


def keeps_only_the_window(score, image, k):
    drop = np.zeros((image.shape[0] - k + 1, image.shape[1] - k + 1))
    for i, j in np.ndindex(drop.shape):
        blanked = np.zeros_like(image)
        blanked[i : i + k, j : j + k] = image[i : i + k, j : j + k]
        drop[i, j] = score(image[None])[0] - score(blanked[None])[0]
    return drop


def never_fresh(score, image, k):
    drop = np.zeros((image.shape[0] - k + 1, image.shape[1] - k + 1))
    blanked = image.copy()
    for i, j in np.ndindex(drop.shape):
        blanked[i : i + k, j : j + k] = 0
        drop[i, j] = score(image[None])[0] - score(blanked[None])[0]
    return drop


def no_copy(score, image, k):
    drop = np.zeros((image.shape[0] - k + 1, image.shape[1] - k + 1))
    for i, j in np.ndindex(drop.shape):
        blanked = image
        blanked[i : i + k, j : j + k] = 0
        drop[i, j] = score(image[None])[0] - score(blanked[None])[0]
    return drop


def one_image(score, image, k):
    drop = np.zeros((image.shape[0] - k + 1, image.shape[1] - k + 1))
    for i, j in np.ndindex(drop.shape):
        blanked = image.copy()
        blanked[i : i + k, j : j + k] = 0
        drop[i, j] = score(image)[0] - score(blanked)[0]
    return drop


def arrays_of_one(score, image, k):
    h, w = image.shape
    before = score(image[None])
    drop = [[None] * (w - k + 1) for _ in range(h - k + 1)]
    for i, j in np.ndindex(h - k + 1, w - k + 1):
        blanked = image.copy()
        blanked[i : i + k, j : j + k] = 0
        drop[i][j] = before - score(blanked[None])
    return np.array(drop)


def in_tiles(score, image, k):
    return occlusion_loops(score, image, k)[::k, ::k]


def jumping(score, image, k):
    h, w = image.shape
    drop = np.zeros((h // k, w // k))
    return changed(window=lambda i, j, k: (slice(i * k, i * k + k), slice(j * k, j * k + k)))(
        score, image, k
    )[: len(drop), : len(drop[0])]


def fresh_for_each_row(score, image, k):
    drop = np.zeros((image.shape[0] - k + 1, image.shape[1] - k + 1))
    for i in range(len(drop)):
        blanked = image.copy()
        for j in range(len(drop[0])):
            blanked[i : i + k, j : j + k] = 0
            drop[i, j] = score(image[None])[0] - score(blanked[None])[0]
    return drop


def chained_slices(score, image, k):
    drop = np.zeros((image.shape[0] - k + 1, image.shape[1] - k + 1))
    for i, j in np.ndindex(drop.shape):
        blanked = image.copy()
        blanked[i : i + k][j : j + k] = 0
        drop[i, j] = score(image[None])[0] - score(blanked[None])[0]
    return drop


def not_taken_out(score, image, k):
    drop = np.zeros((image.shape[0] - k + 1, image.shape[1] - k + 1))
    before = score(image[None])[0]
    for i, j in np.ndindex(drop.shape):
        blanked = image.copy()
        blanked[i : i + k, j : j + k] = 0
        drop[i, j] = before - score(blanked[None])
    return drop


def typed_as_the_image(score, image, k):
    right = occlusion_loops(score, image, k)
    drop = np.zeros(right.shape, dtype=image.dtype)
    drop[:] = right
    return drop


def occlusion_returns_inside(score, image, k, by_row=False):
    drop = np.zeros((image.shape[0] - k + 1, image.shape[1] - k + 1))
    for i in range(len(drop)):
        for j in range(len(drop[0])):
            blanked = image.copy()
            blanked[i : i + k, j : j + k] = 0
            drop[i, j] = score(image[None])[0] - score(blanked[None])[0]
            if not by_row:
                return drop
        return drop


def with_channel(score, image, k):
    drop = np.zeros((image.shape[0] - k + 1, image.shape[1] - k + 1))
    for i, j in np.ndindex(drop.shape):
        blanked = image.copy()
        blanked[i : i + k, j : j + k] = 0
        drop[i, j] = score(image[None, ..., None])[0] - score(blanked[None, ..., None])[0]
    return drop


def occlusion_swapped(score, image, k):
    h, w = image.shape
    drop = np.zeros((h - k + 1, w - k + 1))
    for i in range(w - k + 1):
        for j in range(h - k + 1):
            blanked = image.copy()
            blanked[i : i + k, j : j + k] = 0
            drop[i, j] = score(image[None])[0] - score(blanked[None])[0]
    return drop


# -- mirror -------------------------------------------------------------------------------------


def mirror_flips(images, truth, direction):
    if direction == "up-down":
        return np.flip(images, axis=1), images.shape[1] - truth
    return np.flip(images, axis=2), np.flip(truth, axis=1)


def mirror_by_event(images, truth, direction):
    new_images, new_truth = [], []
    for image, (y0, y1) in zip(images, truth, strict=True):
        h = len(image)
        if direction == "up-down":
            new_images.append(np.flipud(image))
            new_truth.append((h - y0, h - y1))
        else:
            new_images.append(np.fliplr(image))
            new_truth.append((y1, y0))
    return new_images, new_truth


def mirror_copies(images, truth, direction):
    images, truth = images.copy(), truth.copy()
    if direction == "left-right":
        truth[:, 0], truth[:, 1] = truth[:, 1].copy(), truth[:, 0].copy()
        return [images[:, :, ::-1], truth]
    truth = truth * -1 + images.shape[1]
    return [images[:, ::-1, :], truth]


def up_down(images=None, truth=None):
    """Another treatment of up-down, each a function of images and truth."""

    def mirror(given, y, direction):
        if direction != "up-down":
            return mirror_flips(given, y, direction)
        right = mirror_flips(given, y, direction)
        return (images(given) if images else right[0]), (truth(y, *given.shape[1:]) if truth else right[1])

    return mirror


def left_right(images=None, truth=None):
    def mirror(given, y, direction):
        if direction != "left-right":
            return mirror_flips(given, y, direction)
        right = mirror_flips(given, y, direction)
        return (images(given) if images else right[0]), (truth(y, *given.shape[1:]) if truth else right[1])

    return mirror


def overwritten(images, truth, direction):
    if direction == "up-down":
        return mirror_flips(images, truth, direction)
    truth = truth.copy()
    truth[:, 0] = truth[:, 1]
    truth[:, 1] = truth[:, 0]
    return images[:, :, ::-1], truth


def overwritten_views(images, truth, direction):
    if direction == "up-down":
        return mirror_flips(images, truth, direction)
    truth = truth.copy()
    truth[:, 0], truth[:, 1] = truth[:, 1], truth[:, 0]
    return images[:, :, ::-1], truth


def in_place(images, truth, direction):
    truth -= images.shape[1]
    truth *= -1
    return images[:, ::-1], truth


ANSWERS = {
    "convolutions.weights": Answers(
        right=[count, count_arrays, count_in_keras],
        wrong=[
            ("shape", lambda image, kernel, neurons: count(image, kernel, neurons)[0]),
            (
                "no-biases",
                counted(lambda h, w, c, a, b, n: a * b * c * n, lambda h, w, c, a, b, n: h * w * c * n),
            ),
            ("one-bias-missing", counted(conv_count, lambda h, w, c, a, b, n: h * w * c * n)),
            ("one-bias-missing", counted(lambda h, w, c, a, b, n: a * b * c * n, dense_count)),
            (
                "one-bias",
                counted(
                    lambda h, w, c, a, b, n: a * b * c * n + 1, lambda h, w, c, a, b, n: h * w * c * n + 1
                ),
            ),
            ("one-bias", counted(lambda h, w, c, a, b, n: a * b * c * n + 1, dense_count)),
            ("one-bias", counted(conv_count, lambda h, w, c, a, b, n: h * w * c * n + 1)),
            ("bias-per-channel", counted(lambda h, w, c, a, b, n: a * b * c * n + c, dense_count)),
            ("swapped", lambda *case: count(*case)[::-1]),
            ("no-channels", counted(lambda h, w, c, a, b, n: (a * b + 1) * n, dense_count)),
            (
                "no-channels",
                counted(lambda h, w, c, a, b, n: (a * b + 1) * n, lambda h, w, c, a, b, n: (h * w + 1) * n),
            ),
            ("dense-no-channels", counted(conv_count, lambda h, w, c, a, b, n: (h * w + 1) * n)),
            ("bias-per-channel", counted(lambda h, w, c, a, b, n: (a * b + 1) * c * n, dense_count)),
            ("square-kernel", counted(lambda h, w, c, a, b, n: (a**2 * c + 1) * n, dense_count)),
            ("dense-twice", counted(dense_count, dense_count)),
            (
                "per-position",
                counted(
                    lambda h, w, c, a, b, n: (a * b * c + 1) * n * (h - a + 1) * (w - b + 1), dense_count
                ),
            ),
            (
                "dense-outputs",
                counted(conv_count, lambda h, w, c, a, b, n: (h * w * c + 1) * n * (h - a + 1) * (w - b + 1)),
            ),
            (
                "one-neuron",
                counted(lambda h, w, c, a, b, n: a * b * c + 1, lambda h, w, c, a, b, n: h * w * c + 1),
            ),
            (
                "weights-once",
                counted(lambda h, w, c, a, b, n: a * b * c + n, lambda h, w, c, a, b, n: h * w * c + n),
            ),
            ("weights-once", counted(conv_count, lambda h, w, c, a, b, n: h * w * c + n)),
            ("conv-twice", counted(conv_count, conv_count)),
            ("square-image", counted(conv_count, lambda h, w, c, a, b, n: (h**2 * c + 1) * n)),
            ("square-image", counted(conv_count, lambda h, w, c, a, b, n: (w**2 * c + 1) * n)),
            ("dense-after", counted(conv_count, behind(lambda c, n: n))),
            ("dense-after", counted(conv_count, behind(lambda c, n: c))),
            ("dense-after", counted(conv_count, behind(lambda c, n: 1))),
            ("channels-first", counted(lambda h, w, c, a, b, n: (a * b * h + 1) * n, dense_count)),
            ("other", counted(lambda h, w, c, a, b, n: (a + b + c + 1) * n, dense_count)),
            ("returns-nothing", lambda *case: None),
            ("raised", lambda image, kernel, neurons: (kernel * image, neurons)),
        ],
    ),
    "convolutions.output_size": Answers(
        right=[
            lambda n, k, p, s: (n + 2 * p - k) // s + 1,
            lambda n, k, p, s: math.floor((n - k + 2 * p) / s) + 1,
            lambda n, k, p, s: -(-(n + 2 * p - k + 1) // s),
            size_by_walking,
            size_by_numpy,
            lambda n, k, p, s: max(0, (n + 2 * p - k) // s + 1),
        ],
        wrong=[
            ("fence", lambda n, k, p, s: (n + 2 * p - k) // s),
            ("fence-twice", lambda n, k, p, s: (n + 2 * p - k) // s + 2),
            ("padding-once", lambda n, k, p, s: (n + p - k) // s + 1),
            ("no-padding", lambda n, k, p, s: (n - k) // s + 1),
            ("no-stride", lambda n, k, p, s: n + 2 * p - k + 1),
            ("ceiling", lambda n, k, p, s: math.ceil((n + 2 * p - k) / s) + 1),
            ("not-whole", lambda n, k, p, s: (n + 2 * p - k) / s + 1),
            ("rounded", lambda n, k, p, s: round((n + 2 * p - k) / s + 1)),
            ("padding-after", lambda n, k, p, s: (n - k) // s + 1 + 2 * p),
            ("same", lambda n, k, p, s: math.ceil(n / s)),
            ("fence-inside", lambda n, k, p, s: (n + 2 * p - k + 1) // s),
            ("kernel-added", lambda n, k, p, s: (n + 2 * p + k) // s + 1),
            ("padding-sign", lambda n, k, p, s: (n - 2 * p - k) // s + 1),
            ("brackets", lambda n, k, p, s: n + 2 * p - k // s + 1),
            ("stride-is-kernel", lambda n, k, p, s: (n + 2 * p - k) // k + 1),
            ("nowhere", lambda n, k, p, s: int((n + 2 * p - k) / s) + 1),
            ("nowhere", size_from_the_end),
            ("other", lambda n, k, p, s: (n + 2 * p - 2 * k) // s + 1),
            ("returns-nothing", lambda n, k, p, s: None),
            ("raised", lambda n, k, p, s: n[0] - k),
        ],
    ),
    "convolutions.correlate": Answers(
        right=[
            correlate_loops,
            correlate_lists,
            correlate_windows,
            correlate_shifts,
            correlate_scipy,
            correlate_keras,
            lambda image, kernel: signal.convolve2d(image, kernel[::-1, ::-1], mode="valid"),
        ],
        wrong=[
            ("padded", lambda image, kernel: signal.correlate2d(image, kernel, mode="same")),
            ("padded", lambda image, kernel: ndimage.correlate(image, kernel, mode="constant")),
            ("full", lambda image, kernel: signal.correlate2d(image, kernel)),
            ("too-small", one_step_short),
            ("transposed", lambda image, kernel: correlate_scipy(image, kernel).T),
            ("no-sum", product_only),
            ("no-sum", lambda image, kernel: product_only(image, kernel).sum(axis=3)),
            ("one-number", lambda image, kernel: product_only(image, kernel).sum()),
            ("shape", lambda image, kernel: correlate_scipy(image, kernel)[:, :, None]),
            ("square-kernel", square_kernels),
            ("square-kernel", square_output),
            ("square-image", swapped_bounds),
            ("square-image", swapped_shape),
            ("fixed-three", three_by_three),
            ("jumps", jumping_kernel),
            ("accumulated", never_reset),
            ("accumulated", lambda image, kernel: never_reset(image, kernel, by_row=True)),
            ("shifted", same_cut_to_size),
            ("flipped", lambda image, kernel: signal.convolve2d(image, kernel, mode="valid")),
            ("flipped-one", lambda image, kernel: correlate_scipy(image, kernel[::-1])),
            ("flipped-one", lambda image, kernel: correlate_scipy(image, kernel[:, ::-1])),
            ("kernel-transposed", transposed_kernel),
            ("matrix-product", matrix_products),
            ("mean", lambda image, kernel: product_only(image, kernel).mean(axis=(2, 3))),
            ("separate-sums", separate_sums),
            ("no-kernel", lambda image, kernel: sliding_window_view(image, kernel.shape).sum(axis=(2, 3))),
            ("last-missing", last_left_empty),
            ("relu", lambda image, kernel: relu(correlate_scipy(image, kernel))),
            ("changed-input", in_the_image),
            ("integers", types_of_the_image),
            ("integers", lambda image, kernel: correlate_loops(image, kernel).astype(int)),
            ("fractions", typed_as(1)),
            ("fractions", lambda image, kernel: correlate_loops(image.astype(int), kernel)),
            ("fractions", lambda image, kernel: correlate_loops(image, kernel).round(1)),
            ("fractions", lambda image, kernel: correlate_loops(image, kernel).round(2)),
            ("returned-early", returns_inside),
            ("returned-early", lambda image, kernel: returns_inside(image, kernel, by_row=True)),
            ("normalised", lambda image, kernel: correlate_loops(image, kernel) / kernel.sum()),
            ("normalised", lambda image, kernel: correlate_loops(image, kernel) / np.abs(kernel).sum()),
            ("other", lambda image, kernel: correlate_scipy(image, kernel) + 1),
            ("other", lambda image, kernel: product_only(image, kernel).max(axis=(2, 3))),
            ("returns-nothing", lambda image, kernel: None),
            ("raised", lambda image, kernel: image * kernel),
        ],
    ),
    "convolutions.max_pool": Answers(
        right=[pool_loops, pool_blocks, pool_windows, pool_keras, pool_corners],
        wrong=[
            ("overlap", pool_overlapping),
            ("remainder", pool_with_rest),
            ("too-small", pool_short),
            ("transposed", lambda image, k: pool_blocks(image, k).T),
            (
                "one-axis",
                lambda image, k: image[: len(image) // k * k].reshape(-1, k, image.shape[1]).max(axis=1),
            ),
            ("one-number", lambda image, k: image.max()),
            (
                "over-blocks",
                lambda image, k: (
                    image[: len(image) // k * k, : image.shape[1] // k * k]
                    .reshape(len(image) // k, k, -1, k)
                    .max(axis=(0, 2))
                ),
            ),
            ("fixed-two", lambda image, k: pool_blocks(image, 2)),
            ("indivisible", pool_no_cut),
            ("indivisible", pool_index_error),
            ("square-image", pool_swapped),
            ("shape", lambda image, k: pool_blocks(image, k).ravel()),
            ("average", pooled(np.mean)),
            ("sum", pooled(np.sum)),
            ("minimum", pooled(np.min)),
            ("corner", lambda image, k: image[::k, ::k][: len(image) // k, : image.shape[1] // k]),
            ("reshape", pool_by_rows),
            ("absolute", lambda image, k: pool_blocks(np.abs(image), k)),
            ("starts-at-zero", pool_running_maximum),
            ("steps", pool_blocks_of(lambda i, k: i, lambda k: k)),
            ("block-size", pool_blocks_of(lambda i, k: i * k, lambda k: k + 1)),
            ("block-size", pool_blocks_of(lambda i, k: i * k, lambda k: k - 1)),
            ("block-size", pool_blocks_of(lambda i, k: i * k, lambda k: 2)),
            ("raised", lambda image, k: [[image[:k][k:].max()]]),
            ("wrong-end", lambda image, k: pool_blocks(image[len(image) % k :, image.shape[1] % k :], k)),
            ("integers", lambda image, k: pool_blocks(image, k).astype(int)),
            ("fractions", lambda image, k: pool_blocks(image, k).round(1)),
            ("square-image", pool_square_loops),
            ("square-image", pool_square_part),
            ("argmax", pool_places),
            ("largest-size", pool_farthest_from_zero),
            ("largest-size", lambda image, k: -pool_farthest_from_zero(-image, k)),
            ("returned-early", pool_returns_inside),
            ("changed-input", pool_in_place),
            ("other", pooled(np.median)),
            ("returns-nothing", lambda image, k: None),
            ("raised", lambda image, k: image[k][k][k]),
        ],
    ),
    "convolutions.layer": Answers(
        right=[layer_loops, layer_scipy, layer_windows, layer_keras],
        wrong=[
            ("channels-kept", lambda i, k, b: relu(sums(i, k, "abc,abcf->cf") + b)),
            ("filters-first", lambda i, k, b: np.moveaxis(layer_scipy(i, k, b), 2, 0)),
            ("filters-summed", lambda i, k, b: layer_scipy(i, k, b).sum(axis=2)),
            ("channels-for-filters", lambda i, k, b: relu(sums(i, k, "abc,abcf->c") + b[0])),
            ("padded", layer_padded),
            ("too-small", layer_short),
            ("transposed", lambda i, k, b: layer_scipy(i, k, b).transpose(1, 0, 2)),
            ("square-kernel", layer_square),
            ("square-image", layer_swapped),
            ("shape", lambda i, k, b: layer_scipy(i, k, b)[None]),
            ("bare", lambda i, k, b: sums(i, k)),
            ("no-bias", lambda i, k, b: relu(sums(i, k))),
            ("no-relu", lambda i, k, b: sums(i, k) + b),
            ("relu-first", lambda i, k, b: relu(sums(i, k)) + b),
            ("relu-per-channel", lambda i, k, b: relu(relu(sums(i, k, "abc,abcf->cf")).sum(axis=2) + b)),
            ("relu-per-channel", lambda i, k, b: relu(sums(i, k, "abc,abcf->cf")).sum(axis=2) + b),
            ("relu-input", lambda i, k, b: sums(relu(i), k) + b),
            ("bias-many", layer_bias_inside),
            ("bias-many", layer_bias_in_every_product),
            ("bias-sign", lambda i, k, b: relu(sums(i, k) - b)),
            ("one-bias", lambda i, k, b: relu(sums(i, k) + b[0])),
            ("one-bias", lambda i, k, b: relu(sums(i, k) + b.sum())),
            ("flipped", layer_turned),
            ("flipped", layer_turned_by_channel),
            ("channels-reversed", lambda i, k, b: relu(sums(i[..., ::-1], k) + b)),
            ("mean", lambda i, k, b: relu(sums(i, k) / k[..., 0].size + b)),
            ("mean", lambda i, k, b: relu(sums(i, k) / k.shape[2] + b)),
            ("one-channel", lambda i, k, b: relu(sums(i[..., :1], k[:, :, :1]) + b)),
            ("same-kernel", lambda i, k, b: layer_scipy(i, k[:, :, [0] * k.shape[2]], b)),
            ("same-kernel", lambda i, k, b: layer_scipy(i, k[..., [0] * k.shape[3]], b)),
            ("absolute", lambda i, k, b: np.abs(sums(i, k) + b)),
            ("other-activation", lambda i, k, b: 1 / (1 + np.exp(-(sums(i, k) + b)))),
            ("other-activation", lambda i, k, b: np.tanh(sums(i, k) + b)),
            ("other-activation", lambda i, k, b: np.maximum(sums(i, k) + b, 0.1 * (sums(i, k) + b))),
            ("wrong-side", lambda i, k, b: np.minimum(sums(i, k) + b, 0)),
            ("mask", lambda i, k, b: sums(i, k) + b > 0),
            ("accumulated", lambda i, k, b: relu(np.cumsum(sums(i, k), axis=2) + b)),
            ("accumulated", lambda i, k, b: relu(np.cumsum(sums(i, k) + b, axis=2))),
            ("one-channel", lambda i, k, b: relu(sums(i[..., -1:], k[:, :, -1:]) + b)),
            ("integers", layer_in_whole_numbers),
            ("integers", layer_typed_as(1)),
            ("integers", layer_typed_as(2)),
            ("fractions", lambda i, k, b: layer_scipy(i.astype(int), k, b)),
            ("fractions", lambda i, k, b: layer_scipy(i, k.astype(int), b)),
            ("fractions", lambda i, k, b: layer_scipy(i, k, b.astype(int))),
            ("fractions", lambda i, k, b: layer_scipy(i, k, b).round(1)),
            ("returned-early", layer_returns_inside(0, 0, 0)),
            ("returned-early", layer_returns_inside(0, 0)),
            ("returned-early", layer_returns_inside(0, bare=True)),
            ("returned-early", layer_returns_inside(..., 0)),
            ("returned-early", layer_returns_inside(..., 0, bare=True)),
            ("relu-first", lambda i, k, b: np.where(sums(i, k) > 0, sums(i, k) + b, 0)),
            ("other", lambda i, k, b: relu(sums(i, k) + b + 1)),
            ("returns-nothing", lambda i, k, b: None),
            ("raised", lambda i, k, b: relu(i[k] + b)),
        ],
    ),
    "convolutions.occlusion": Answers(
        right=[occlusion_loops, occlusion_batch, occlusion_masks, occlusion_put_back],
        wrong=[
            ("not-a-batch", one_image),
            ("extra-axis", arrays_of_one),
            ("every-pixel", changed(window=around, size=lambda h, w, k: (h, w))),
            ("too-small", lambda *case: occlusion_loops(*case)[:-1, :-1]),
            ("tiles", in_tiles),
            ("tiles", jumping),
            ("transposed", lambda *case: occlusion_loops(*case).T),
            ("flat", lambda *case: occlusion_loops(*case).ravel()),
            ("square-image", occlusion_swapped),
            ("shape", lambda *case: occlusion_loops(*case)[None]),
            ("score", changed(combine=lambda before, after: after)),
            ("sign", changed(combine=lambda before, after: after - before)),
            ("only-window", keeps_only_the_window),
            ("one-pixel", changed(window=lambda i, j, k: (i, j))),
            ("too-large", changed(window=lambda i, j, k: (slice(i, i + k + 1), slice(j, j + k + 1)))),
            ("too-small-window", changed(window=lambda i, j, k: (slice(i, i + k - 1), slice(j, j + k - 1)))),
            ("centred", changed(window=around)),
            ("centred", changed(window=around_from_the_end)),
            ("filled", changed(fill=np.mean)),
            ("filled", changed(fill=lambda image: 1)),
            ("never-put-back", never_fresh),
            ("never-put-back", fresh_for_each_row),
            ("chained", chained_slices),
            ("jumps", changed(window=lambda i, j, k: (slice(i * k, i * k + k), slice(j * k, j * k + k)))),
            ("not-a-batch", with_channel),
            ("integers", lambda *case: occlusion_loops(*case).astype(int)),
            ("integers", typed_as_the_image),
            ("fractions", lambda score, image, k: occlusion_loops(score, image.astype(int), k)),
            ("fractions", lambda *case: occlusion_loops(*case).round(1)),
            ("returned-early", occlusion_returns_inside),
            ("returned-early", lambda *case: occlusion_returns_inside(*case, by_row=True)),
            ("not-taken-out", not_taken_out),
            ("swapped-window", changed(window=lambda i, j, k: (slice(j, j + k), slice(i, i + k)))),
            ("slice-end", changed(window=lambda i, j, k: (slice(i, k), slice(j, k)))),
            ("fixed-size", changed(window=lambda i, j, k: (slice(i, i + 3), slice(j, j + 3)))),
            ("fixed-size", changed(window=lambda i, j, k: (slice(i, i + 2), slice(j, j + 2)))),
            ("filled", changed(fill=lambda image: -1)),
            ("filled", changed(fill=lambda image: 0.5)),
            ("changed-input", no_copy),
            ("relative", changed(combine=lambda before, after: (before - after) / before)),
            ("ratio", changed(combine=lambda before, after: after / before)),
            ("absolute", changed(combine=lambda before, after: abs(before - after))),
            ("clipped", changed(combine=lambda before, after: max(before - after, 0))),
            ("blank-reference", changed(start=np.zeros_like)),
            ("normalised", lambda *case: occlusion_loops(*case) / occlusion_loops(*case).max()),
            ("not-finite", changed(fill=lambda image: np.nan)),
            ("other", changed(combine=lambda before, after: (before - after) ** 2)),
            ("returns-nothing", lambda score, image, k: None),
            ("raised", lambda score, image, k: score(image[None])[k]),
        ],
    ),
    "convolutions.mirror": Answers(
        right=[mirror_flips, mirror_by_event, mirror_copies],
        wrong=[
            ("form", lambda *case: mirror_flips(*case)[0]),
            ("form", lambda *case: dict(zip(("images", "truth"), mirror_flips(*case), strict=True))),
            ("images-shape", lambda images, y, direction: (images.transpose(0, 2, 1), y)),
            ("truth-shape", lambda *case: (mirror_flips(*case)[0], mirror_flips(*case)[1].T)),
            ("wrong-axis", up_down(images=lambda x: x[:, :, ::-1])),
            ("wrong-axis", left_right(images=lambda x: x[:, ::-1])),
            ("both-axes", up_down(images=lambda x: x[:, ::-1, ::-1])),
            ("events-reversed", up_down(images=lambda x: x[::-1])),
            ("all-reversed", up_down(images=np.flip)),
            ("all-reversed", left_right(images=np.flip)),
            ("images-rounded", up_down(images=lambda x: x[:, ::-1].astype(int))),
            ("images-rounded", left_right(images=lambda x: x[:, :, ::-1].round(1))),
            ("events-reversed", up_down(images=np.flipud)),
            ("images-untouched", left_right(images=lambda x: x)),
            ("images-other", up_down(images=lambda x: np.roll(x, 1, axis=1))),
            ("truth-untouched", up_down(truth=lambda y, h, w: y)),
            ("not-swapped", left_right(truth=lambda y, h, w: y)),
            ("one-too-few", up_down(truth=lambda y, h, w: h - 1 - y)),
            ("one-too-many", up_down(truth=lambda y, h, w: h + 1 - y)),
            ("width", up_down(truth=lambda y, h, w: w - y)),
            ("width", up_down(truth=lambda y, h, w: w - 1 - y)),
            ("number-of-images", lambda x, y, d: (mirror_flips(x, y, d)[0], len(x) - y)),
            ("rounded", up_down(truth=lambda y, h, w: (h - y).astype(int))),
            ("rounded", left_right(truth=lambda y, h, w: y[:, ::-1].round())),
            ("order", lambda *case: mirror_flips(*case)[::-1]),
            ("stacked", lambda x, y, d: (np.concatenate([x, mirror_flips(x, y, d)[0]]), y)),
            ("below-zero", up_down(truth=lambda y, h, w: y - h)),
            ("negative", up_down(truth=lambda y, h, w: -y)),
            ("also-swapped", up_down(truth=lambda y, h, w: h - y[:, ::-1])),
            ("only-swapped", up_down(truth=lambda y, h, w: y[:, ::-1])),
            ("only-y0", up_down(truth=lambda y, h, w: np.column_stack([h - y[:, 0], y[:, 1]]))),
            ("overwritten", overwritten),
            ("overwritten", overwritten_views),
            ("minus-width", left_right(truth=lambda y, h, w: w - y)),
            ("minus-width", left_right(truth=lambda y, h, w: w - y[:, ::-1])),
            ("minus-height", left_right(truth=lambda y, h, w: h - y)),
            ("truth-reversed", left_right(truth=lambda y, h, w: y[::-1])),
            ("truth-reversed", left_right(truth=lambda y, h, w: np.flip(y))),
            ("fixed-height", up_down(truth=lambda y, h, w: 20 - y)),
            ("fixed-height", up_down(truth=lambda y, h, w: h // 2 - y)),
            ("truth-other", up_down(truth=lambda y, h, w: h - y / 2)),
            ("truth-other", left_right(truth=lambda y, h, w: y[:, ::-1] + 0.25)),
            ("changed-input", in_place),
            ("returns-nothing", lambda images, y, direction: None),
            ("raised", lambda images, y, direction: images[direction]),
        ],
    ),
}

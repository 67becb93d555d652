"""Sums and means of columns under one or many weightings of their items."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Number = float | Floats
"""A float, or one number per weighting in an array of shape (r,)."""

CHUNK_BYTES = 64 * 2**20
"""What one temporary array may take, so that all of them together stay under about 200 MB."""


def aligned(*columns: ArrayLike) -> tuple[Floats, ...]:
    """The columns as float arrays of one and the same shape (n,).

    Raises:
        ValueError: A column that is not one-dimensional, or columns of different length.
    """
    arrays = tuple(np.asarray(column, dtype=np.float64) for column in columns)
    shapes = [array.shape for array in arrays]
    if len(set(shapes)) > 1:
        raise ValueError(f"paired arrays have shapes {' and '.join(map(str, shapes))}; align them by item id first")
    if arrays and arrays[0].ndim != 1:
        raise ValueError(f"columns have shape {shapes[0]}; give one value per item, shape (n,)")
    return arrays


def weighted_mean(values: ArrayLike, weights: ArrayLike | None = None) -> Number:
    r"""Mean of the values that are known: :math:`\sum_i w_i x_i / \sum_i w_i` over :math:`x_i` that are not nan.

    Args:
        values: Shape (n,), nan for the unknown, which is left out whatever its weight.
        weights: None for equal weights; shape (n,) or (r, n), 0 or more, such as how often a bootstrap drew each item.

    Returns:
        A float, or shape (r,) for weights of shape (r, n); nan where no known value has weight.

    Raises:
        ValueError: Shapes that don't fit.

    >>> weighted_mean([1, 0, float("nan")])
    0.5
    >>> weighted_mean([1, 0, float("nan")], [3, 1, 9])
    0.75
    >>> weighted_mean([1, 0], [[1, 1], [0, 2], [0, 0]])
    array([0.5, 0. , nan])
    """
    (array,) = aligned(values)
    known = ~np.isnan(array)
    top, bottom = weighted_sums(np.stack([np.where(known, array, 0.0), known]), weights)
    return as_number(ratio(top, bottom))


def weighted_sums(terms: ArrayLike, weights: ArrayLike | None) -> Floats:
    r"""Sums over items: :math:`S_{tj} = \sum_i w_{ji} x_{ti}`.

    Args:
        terms: Shape (t, n), without nan.
        weights: As in ``weighted_mean``.

    Returns:
        Shape (t,), or (t, r) for weights of shape (r, n).

    >>> weighted_sums([[1.0, 2.0]], [[1, 1], [0, 3]])
    array([[3., 6.]])
    """
    matrix = np.asarray(terms, dtype=np.float64)
    if weights is None:
        return np.asarray(matrix.sum(axis=1))
    rows = weighting(weights, matrix.shape[1])
    found = np.concatenate([np.zeros((matrix.shape[0], 0)), *(matrix @ chunk.T for chunk in chunks(rows))], axis=1)
    return found if many(weights) else found[:, 0]


def chunks(rows: NDArray[np.generic], arrays: int = 1) -> Iterator[Floats]:
    """Weights of shape (r, n) as float rows, as many at a time as leave ``arrays`` such arrays in ``CHUNK_BYTES``."""
    if arrays == 1 and rows.dtype == np.float64:
        yield np.asarray(rows, dtype=np.float64)  # Nothing has to be copied, so nothing has to be cut.
        return
    step = max(1, CHUNK_BYTES // (8 * arrays * max(1, rows.shape[1])))
    for start in range(0, rows.shape[0], step):
        yield rows[start : start + step].astype(np.float64)


def weighting(weights: ArrayLike | None, n: int) -> NDArray[np.generic]:
    """Weights as shape (r, n), one row of ones for None.

    Raises:
        ValueError: Weights for another number of items.
    """
    array = np.ones(n) if weights is None else np.asarray(weights)
    if array.ndim not in (1, 2) or array.shape[-1] != n:
        raise ValueError(f"weights have shape {array.shape}; {n} items take shape ({n},) or (r, {n})")
    return np.atleast_2d(array)


def many(weights: ArrayLike | None) -> bool:
    """Whether the weights are several weightings, shape (r, n), so that a measure gives several numbers."""
    return weights is not None and np.ndim(weights) == 2


def ratio(top: ArrayLike, bottom: ArrayLike) -> Floats:
    """Element by element, nan where there is nothing to divide by.

    >>> ratio([1.0, 0.0], [2.0, 0.0])
    array([0.5, nan])
    """
    above, below = np.broadcast_arrays(np.asarray(top, dtype=np.float64), np.asarray(bottom, dtype=np.float64))
    return np.asarray(np.divide(above, below, out=np.full(above.shape, np.nan), where=below != 0))


def as_number(array: Floats) -> Number:
    """A float for an array without axes, otherwise the array."""
    return float(array) if array.ndim == 0 else array

"""What chance alone leaves open: exact intervals of counts, and the ranks that places may truly have."""

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass

DRAWS = 10_000
MOST_SEED = 2**32 - 1
_ALONE = (
    threading.Lock()
)  # a worker simulates one ranking at a time: the draws of 400 places take over 100 MB, and all its processor


@dataclass(frozen=True)
class RankedByChance:
    """Where one place lay in the draws: the ranks that it had in 95 of 100, how often it was the lowest or in
    the lowest quarter, and how far it was from the average."""

    rank_range: list[int]
    probability_first: float
    probability_first_quarter: float
    average_interval_95: list[float]


def garwood(counts: Sequence[int]) -> list[tuple[float, float]]:
    """The exact 95 per cent interval of each Poisson mean (Garwood 1936): halves of chi-square quantiles with
    2c and 2c + 2 degrees."""
    from scipy.special import (
        gammaincinv,
    )  # half of a chi-square quantile is that of gamma with half the degrees

    return [
        (float(gammaincinv(count, 0.025)) if count else 0.0, float(gammaincinv(count + 1, 0.975)))
        for count in counts
    ]


def draw_ranks(
    counts: Sequence[int],
    divisors: Sequence[float],
    *,
    seed: int,
    factor: float,
    over_a_base: bool,
    average: str,
) -> list[RankedByChance]:
    """Ranks from below, and distances from the average, in DRAWS draws of what the true values may be.

    A true count is drawn from Gamma(count + 1/2), its distribution after a Poisson count under Jeffreys'
    prior; `over_a_base` the divisor is a count too, and drawn likewise.
    """
    with _ALONE:
        return _draw_ranks(counts, divisors, seed, factor, over_a_base, average)


def _draw_ranks(
    counts: Sequence[int],
    divisors: Sequence[float],
    seed: int,
    factor: float,
    over_a_base: bool,
    average: str,
) -> list[RankedByChance]:
    import numpy as np  # here: most commands never need it

    chance = np.random.RandomState(
        seed
    )  # its numbers never change (NEP 19); those of a Generator may, from version to version
    shape = (DRAWS, len(counts))
    true_counts = chance.standard_gamma(np.array(counts, float) + 0.5, shape)
    below = (
        chance.standard_gamma(np.array(divisors, float) + 0.5, shape)
        if over_a_base
        else np.broadcast_to(np.array(divisors, float), shape)
    )
    values = true_counts / below * factor
    centre = (
        values.mean(axis=1) if average == "mean" else true_counts.sum(axis=1) / below.sum(axis=1) * factor
    )
    ranks = np.empty(values.shape, np.int16)
    np.put_along_axis(
        ranks,
        values.argsort(axis=1, kind="stable"),
        np.arange(1, len(counts) + 1, dtype=np.int16)[None, :],
        axis=1,
    )
    values -= centre[:, None]
    ends = [0.025, 0.975]
    ranges = np.quantile(ranks, ends, axis=0, method="inverted_cdf")
    spans = np.quantile(values, ends, axis=0)
    first, quarter = (ranks == 1).mean(axis=0), (ranks <= math.ceil(len(counts) / 4)).mean(axis=0)
    return [
        RankedByChance(
            [int(rank) for rank in ranges[:, at]],
            round(float(first[at]), 4),
            round(float(quarter[at]), 4),
            [round(float(end), 3) for end in spans[:, at]],
        )
        for at in range(len(counts))
    ]

"""How sure two counts can make us that their rates differ: exact by the binomial, and with what varies more
than chance allowed for.

Given both exposures and the sum of both counts, the count of the period is Binomial(value + base, share),
where share is the period's part of both exposures if the rates are the same (Przyborowski and Wilenski 1940).
Functions of scipy are imported where they are used: they take a tenth of a second and 44 MB that most
commands never need; scipy.stats, which is not imported, would take as much again.
"""

from bisect import bisect_left
from decimal import Decimal
from math import ceil, floor, lgamma, log, log1p
from typing import NamedTuple

SIGNIFICANT = 0.05
AS_LIKELY = log1p(1e-7)
"""Two counts are as likely where their likelihoods differ by no more than rounding would have them, as
scipy.stats.binomtest has it."""
NO_SHARE = 1e-12
"""A share of the base so small that the rate ratio has no end worth writing."""

Interval = list[float | None]
"""Both ends of the rate ratio; null is without end."""


class Certainty(NamedTuple):
    """A two-sided p and the 95 per cent interval of the rate ratio."""

    p: float
    interval: Interval


def exact(value: int | None, base: int | None, share: float) -> Certainty | None:
    """The two-sided exact test, which adds up all that is no likelier than what was seen, and the interval of
    Clopper and Pearson (1934).

    None where a count is missing or below nought, or nothing was counted at all.
    """
    if value is None or base is None or min(value, base) < 0 or value + base == 0:
        return None
    return Certainty(_rounded(_two_sided(value, value + base, share)), _interval(value, base, share))


def exact_p(value: int | None, base: int | None, share: Decimal | None) -> float | None:
    """The p of the exact test alone; None where there is no share either."""
    found = None if share is None else exact(value, base, float(share))
    return found.p if found else None


def _two_sided(value: int, both: int, share: float) -> float:
    """The chance of a Binomial(both, share) that is no likelier than value: as scipy.stats.binomtest, in a
    thirtieth of its time."""
    from scipy.special import betainc

    constant, one, other = lgamma(both + 1), log(share), log1p(-share)

    def likelihood(count: int) -> float:
        return constant - lgamma(count + 1) - lgamma(both - count + 1) + count * one + (both - count) * other

    mean, bound = both * share, likelihood(value) + AS_LIKELY
    if value == mean:
        return 1.0
    if value < mean:  # likelihoods fall from the mean up: the first beyond it that is no likelier
        least, most = ceil(mean), value
        least += bisect_left(range(least, both + 1), True, key=lambda count: likelihood(count) <= bound)
    else:  # and rise up to it: the last before it that is no likelier
        least, most = (
            value,
            bisect_left(range(floor(mean) + 1), True, key=lambda count: likelihood(count) > bound) - 1,
        )
    at_most = 0.0 if most < 0 else float(betainc(both - most, most + 1, 1 - share))
    at_least = 0.0 if least > both else float(betainc(least, both - least + 1, share))
    return min(1.0, at_most + at_least)


def dispersed(value: int | None, base: int | None, share: float, phi: float) -> Certainty | None:
    """The same where counts vary phi times as much as chance alone would have it: as sure as counts that many
    times smaller would make us.

    Quasi-likelihood: the variance of a count is phi times its mean (McCullagh and Nelder 1989, section 4.5).
    p is twice the smaller tail of the same distribution from which the interval is taken, so that the
    interval leaves 1 out just when p is under 5 per cent.
    """
    from scipy.special import betainc

    if value is None or base is None or min(value, base) < 0 or value + base == 0:
        return None
    fewer, others = value / phi, base / phi
    at_least = betainc(fewer, others + 1, share) if value else 1.0
    at_most = 1 - betainc(fewer + 1, others, share) if base else 1.0
    return Certainty(_rounded(min(1.0, 2 * min(at_least, at_most))), _interval(fewer, others, share))


def _interval(value: float, base: float, share: float) -> Interval:
    """The ends of the share as ends of the rate ratio: its odds, over the odds that equal rates would
    give."""
    from scipy.special import betaincinv

    even = share / (1 - share)
    low = float(betaincinv(value, base + 1, SIGNIFICANT / 2)) if value else 0.0
    rest = (
        float(betaincinv(base, value + 1, SIGNIFICANT / 2)) if base else 0.0
    )  # what the base must at least have of both
    return [round(low / (1 - low) / even, 3), round((1 - rest) / rest / even, 3) if rest > NO_SHARE else None]


def _rounded(p: float) -> float:
    return float(f"{p:.3g}")

"""Limits, signals and seasons: those of published examples, of series worked out by hand, and of an
independent hand at chance."""

import csv
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import sqrt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, chisquare

from service.figures.series import charts
from service.store import as_json, database

GOLDEN = Path(__file__).parents[2] / "golden"
PAIRS = {"nist-flowrate": "xmr", "nist-wafers": "c", "shift": "xmr", "trend": "xmr", "gap": "xmr"}


def rows_of(name):
    return list(csv.DictReader((GOLDEN / f"series-{name}.csv").read_text().splitlines()))


def charted(*series, method="chosen", days=None):
    """Chart series of (value, complete) pairs: the members of each chart, and of its points and signals."""
    points = [
        {
            "series": number,
            "position": position,
            "days": days[position] if days else 30,
            "from_on": None,
            "value": value,
            "usable": complete,
        }
        for number, pairs in enumerate(series)
        for position, (value, complete) in enumerate(pairs)
    ]
    periods = [[f"p{number}" for number, _ in enumerate(pairs)] for pairs in series]
    with database.reading() as book:
        charts_of = charts.chart_points(book, points, periods, method)
    return [
        {
            "chart": vars(one.chart),
            "dispersion": one.dispersion and vars(one.dispersion),
            "points": [
                {
                    **one.rows.get(position, {}),
                    "signals": [vars(signal) for signal in one.signals.get(position, [])],
                }
                for position, _ in enumerate(names)
            ],
        }
        for one, names in zip(charts_of, periods, strict=True)
    ]


def whole(values):
    return [(value, True) for value in values]


def rules(series):
    return [[signal["rule"] for signal in point["signals"]] for point in series["points"]]


@pytest.mark.parametrize(("name", "method"), PAIRS.items())
def test_a_series_worked_out_elsewhere_comes_out_the_same(published, name, method):
    [shown] = charted(
        [(int(row["value"]), row["complete"] == "true") for row in rows_of(name)], method=method
    )
    expected = rows_of(f"{name}-expected")
    for column in ("centre", "lower", "upper", "moving_range_limit"):
        assert shown["chart"][column] == (Decimal(expected[0][column]) if expected[0][column] else None), (
            column
        )
    assert shown["chart"]["chart"] == expected[0]["chart"]
    assert rules(shown) == [row["signals"].split() for row in expected]
    assert [str(point.get("moving_range") or 0) for point in shown["points"]] == [
        row["moving_range"] or "0" for row in expected
    ]


def test_the_nist_limits_differ_from_ours_by_no_more_than_the_rounding_of_a_constant(published):
    [shown] = charted(whole(int(row["value"]) for row in rows_of("nist-flowrate")), method="xmr")
    assert [float(shown["chart"][name]) for name in ("lower", "upper")] == pytest.approx(
        [458.159, 558.041], abs=0.01
    )


def test_a_signal_says_what_it_saw_and_who_made_the_rule(published):
    [shown] = charted(whole([10, 12] * 4 + [20, 22] * 4), method="xmr")
    [run, leap] = shown["points"][8]["signals"]
    assert run["says"] == "one of 8 in a row above the centre, p8 to p15"
    assert "Western Electric" in run["rule_from"]
    assert leap["says"] == "moved by 8, beyond the limit of 7.8"
    [shown] = charted(whole([30, 31, 32, 33, 34, 35, 33, 33, 32, 33, 32, 33]), method="xmr")
    assert [one["says"] for one in shown["points"][0]["signals"]] == ["one of 6 in a row rising, p0 to p5"]


def test_seven_in_a_row_are_no_run_and_five_rising_are_no_trend(published):
    [run, trend] = charted(
        whole([10, 12, 10, 12, 10, 12, 10, 22, 20, 22, 20, 22, 20, 22]),
        whole([30, 31, 32, 33, 34, 32, 33, 33, 32, 33, 32, 33]),
        method="xmr",
    )
    assert {rule for found in rules(run) for rule in found} <= {"moving_range"}
    assert not any(rules(trend))


def test_a_point_on_the_centre_ends_a_run_and_two_alike_end_a_trend(published):
    [run] = charted(whole([10] * 4 + [12] + [10] * 4 + [16] * 4), method="xmr")
    assert run["chart"]["centre"] == 12
    assert not any("run" in found for found in rules(run))
    [trend] = charted(whole([30, 31, 32, 32, 33, 34, 35, 31, 30, 31]), method="xmr")
    assert not any("trend" in found for found in rules(trend))


def test_the_top_of_a_rise_that_turns_into_a_fall_belongs_to_both(published):
    [shown] = charted(whole([1, 2, 3, 4, 5, 6, 5, 4, 3, 2, 1]), method="xmr")
    assert [signal["says"] for signal in shown["points"][5]["signals"] if signal["rule"] == "trend"] == [
        "one of 6 in a row rising, p0 to p5",
        "one of 6 in a row falling, p5 to p10",
    ]
    assert [found.count("trend") for found in rules(shown)] == [1, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1]


def test_counts_that_spread_like_chance_get_a_c_chart_and_all_others_xmr(published):
    chance = np.random.default_rng(2013)
    series = [
        chance.poisson(20, 40),
        chance.negative_binomial(4, 4 / 24, 40),
        np.full(40, 20) + np.arange(40) % 2,
    ]
    for values, shown in zip(series, charted(*(whole(map(int, values)) for values in series)), strict=True):
        told, p = chisquare(values)  # against equal expectations: the same sum, by scipy
        two_sided = min(1, 2 * min(p, chi2.cdf(told, 39)))
        assert float(shown["dispersion"]["chi_square"]) == pytest.approx(told, abs=0.001)
        assert shown["dispersion"]["degrees_of_freedom"] == 39
        assert shown["dispersion"]["p"] == pytest.approx(two_sided, rel=0.01)
        assert shown["chart"]["chart"] == ("c" if two_sided >= 0.05 else "xmr")
    kinds = [shown["chart"]["chart"] for shown in charted(*(whole(map(int, values)) for values in series))]
    assert kinds == ["c", "xmr", "xmr"], "too even is no chance either"


def test_a_point_on_a_limit_is_within_it_however_the_limit_was_divided(published):
    [shown] = charted(
        whole([7, 8, 18, 9, 7, 6, 7, 6]), method="xmr"
    )  # 8.5 + 2.66 × 25/7 is 18, and 25/7 has no end in decimals
    assert (shown["chart"]["centre"], shown["chart"]["upper"]) == (Decimal("8.5"), 18)
    assert not any("beyond_limits" in found for found in rules(shown))


def test_a_u_chart_allows_for_the_days_of_each_point(published):
    days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    values = [62, 56, 62, 60, 62, 60, 62, 95, 60, 62, 60, 62]
    [shown] = charted(whole(values), method="u", days=days)
    rate = sum(values) / sum(days)
    assert float(shown["chart"]["per_day"]) == pytest.approx(rate, abs=0.001)
    assert [shown["chart"][name] for name in ("centre", "lower", "upper")] == [None, None, None]
    for point, length in zip(shown["points"], days, strict=True):
        centre = rate * length
        assert [float(point[name]) for name in ("centre", "lower", "upper")] == pytest.approx(
            [centre, centre - 3 * sqrt(centre), centre + 3 * sqrt(centre)], abs=0.001
        )
    assert [position for position, found in enumerate(rules(shown)) if "beyond_limits" in found] == [7]
    expected = np.array(days) * rate
    assert float(shown["dispersion"]["chi_square"]) == pytest.approx(
        ((values - expected) ** 2 / expected).sum(), abs=0.001
    )


@pytest.mark.parametrize(
    ("points", "method", "because"),
    [
        (whole([5, 6, 5, 6, 5, 6, 5]), "chosen", "7 complete points are too few"),
        ([(5, number % 2 == 0) for number in range(20)], "xmr", "no two complete points follow each other"),
        (whole([0] * 12), "chosen", "nothing was counted"),
        (whole([3, -1, 4, 2, 5, 3, 4, 2, 3]), "c", "a count is below nought"),
        ([(5, False)] * 12, "chosen", "0 complete points are too few"),
    ],
)
def test_a_series_without_limits_says_why_and_signals_nothing(published, points, method, because):
    [shown] = charted(points, method=method)
    assert shown["chart"]["chart"] is None
    assert because in shown["chart"]["chosen_because"]
    assert {
        shown["chart"][name] for name in ("centre", "lower", "upper", "moving_range_limit", "per_day")
    } == {None}
    assert not any(rules(shown))


def test_net_counts_may_have_a_limit_below_nought_and_plain_counts_may_not(published):
    [net, plain] = charted(whole([3, -1, 4, 2, 5, 3, 4, 2, 3]), whole([3, 1, 4, 2, 5, 3, 4, 2, 3]))
    assert (net["chart"]["chart"], net["chart"]["lower"] < 0, net["dispersion"]) == ("xmr", True, None)
    assert plain["chart"]["lower"] == 0


def by_hand(pairs):
    """XmR and its signals, said again in plain loops and exact fractions."""
    usable = [value for value, complete in pairs if complete]
    moves = [abs(b - a) if there and here else None for (a, there), (b, here) in pairwise(pairs)]
    held = [move for move in moves if move is not None]
    mean, reach, leap = Fraction(sum(usable), len(usable)), Fraction(266, 100), Fraction(3267, 1000)
    bar = Fraction(sum(held), len(held))
    centre, upper, lower, most = (
        round(mean, 3),
        round(mean + reach * bar, 3),
        max(round(mean - reach * bar, 3), 0),
        round(leap * bar, 3),
    )
    found = [set() for _ in pairs]
    for position, (value, complete) in enumerate(pairs):
        if complete and not lower <= value <= upper:
            found[position].add("beyond_limits")
        if position and (moves[position - 1] or 0) > most:
            found[position].add("moving_range")
    for first in range(len(pairs)):
        eight, six = pairs[first : first + 8], pairs[first : first + 6]
        sides = {(value > centre) - (value < centre) for value, _ in eight}
        if len(eight) == 8 and all(complete for _, complete in eight) and sides in ({1}, {-1}):
            for position in range(first, first + 8):
                found[position].add("run")
        ways = {(after > before) - (after < before) for (before, _), (after, _) in pairwise(six)}
        if len(six) == 6 and all(complete for _, complete in six) and ways in ({1}, {-1}):
            for position in range(first, first + 6):
                found[position].add("trend")
    return centre, upper, found


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_series_is_charted_as_by_hand(published, data):
    drift = data.draw(st.sampled_from([0, 0, 1, 3]))
    steps = data.draw(
        st.lists(
            st.tuples(st.integers(0, 12), st.sampled_from([True] * 9 + [False])), min_size=14, max_size=40
        )
    )
    pairs = [(value + position * drift, complete) for position, (value, complete) in enumerate(steps)]
    usable = [value for value, complete in pairs if complete]
    [shown] = charted(pairs, method="xmr")
    if shown["chart"]["chart"] is None:
        assert len(usable) < 8 or not sum(usable) or not any(a[1] and b[1] for a, b in pairwise(pairs))
        return
    centre, upper, found = by_hand(pairs)
    assert [float(shown["chart"][name]) for name in ("centre", "upper")] == pytest.approx(
        [float(centre), float(upper)], abs=0.0011
    )
    assert [set(one) for one in rules(shown)] == found


def test_the_season_is_the_mean_share_of_whole_years_against_their_days(published):
    first = date(2009, 4, 1)
    months = [
        date(first.year + (first.month - 1 + number) // 12, (first.month - 1 + number) % 12 + 1, 1)
        for number in range(49)
    ]
    days = [(after - before).days for before, after in pairwise(months)]
    values = [length * (2 if month.month == 12 else 1) for month, length in zip(months, days, strict=False)]
    points = [
        {
            "series": 0,
            "position": number,
            "from_on": month,
            "days": length,
            "value": value,
            "usable": number != 40,
        }
        for number, (month, length, value) in enumerate(zip(months, days, values, strict=False))
    ]
    with database.reading() as book:
        found = book.figures.series.series.seasonal(points=as_json(points), seasons=12, fewest_years=3)
    assert len(found) == 12 and {row["years"] for row in found} == {3}, (
        "the year with an incomplete month is left out"
    )
    december, june = found[11], found[5]
    years = [sum(days[start : start + 12]) for start in (0, 12, 24)]
    assert float(december["index"]) == pytest.approx(
        np.mean([2 / ((length + 31) / length) for length in years]), abs=0.001
    )
    assert float(june["share"]) == pytest.approx(
        np.mean([100 * 30 / (length + 31) for length in years]), abs=0.01
    )
    assert sum(float(row["share"]) for row in found) == pytest.approx(100, abs=0.05)

"""Comparisons: exact tests and intervals, exposures of unequal length, percentages withheld by rule, and
over-dispersion."""

import math
import random

import numpy as np
import pytest
from builders import offence, submit
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy import stats
from statsmodels.genmod.families import Poisson
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.stats.rates import confint_poisson_2indep, test_poisson_2indep

from service.figures import certainty
from service.periods import parse
from service.store import database
from service.web.request import lasting

test_poisson_2indep.__test__ = False  # a function of statsmodels, no test of ours
COUNTS = some.integers(min_value=0, max_value=3000)
DAYS = some.integers(min_value=1, max_value=400)
BEGINNING = {"committed_from": "2001-01-01T00:00:00Z", "committed_to": None, "reported_at": None}


def figure(service, **asked):
    answer = service.get(
        "/v1/summaries", query_string={"area": "northamptonshire", "compare": "last-year"} | asked
    )
    assert answer.status_code == 200, answer.json
    return answer.json["figures"][0]


def send_months(service, numbers, **said):
    """A book that holds so many crimes of each month, by the month's first day, and nothing else of those
    months."""
    lines = [
        offence(
            crime_ref=f"NN/{month}/{number}", recorded_on=f"{month}-{1 + number % 28:02}", **BEGINNING | said
        )
        for month, count in numbers.items()
        for number in range(count)
    ]
    first, last = min(numbers), max(numbers)
    answer = submit(service, lines, period_from=f"{first}-01", period_to=str(parse(last).to_on))
    assert answer.status_code == 201, answer.json


def months(first_year, last_year):
    """The months of financial years."""
    return [
        f"{year + (month < 4)}-{month:02}"
        for year in range(first_year, last_year + 1)
        for month in (*range(4, 13), 1, 2, 3)
    ]


@settings(deadline=None, max_examples=60)
@given(COUNTS, COUNTS, DAYS, DAYS)
def test_the_exact_test_is_that_of_statsmodels(value, base, days, base_days):
    ours = certainty.exact(value, base, days / (days + base_days))
    if value + base == 0:
        assert ours is None
        return
    with np.errstate(divide="ignore"):  # it works out a rate ratio beside, whatever the base
        theirs = test_poisson_2indep(value, days, base, base_days, method="exact-cond", compare="ratio")
    assert ours.p == pytest.approx(theirs.pvalue, rel=0.006, abs=1e-300)


@settings(deadline=None, max_examples=300)
@given(COUNTS, COUNTS, DAYS, DAYS)
def test_the_exact_test_is_that_of_scipy(value, base, days, base_days):
    if value + base:
        share = days / (days + base_days)
        theirs = stats.binomtest(value, value + base, share).pvalue
        assert certainty.exact(value, base, share).p == pytest.approx(theirs, rel=0.0051, abs=1e-300)
        assert certainty._two_sided(value, value + base, share) == pytest.approx(theirs, rel=1e-6, abs=1e-300)


@settings(deadline=None, max_examples=60)
@given(COUNTS, COUNTS, DAYS, DAYS)
def test_the_exact_interval_is_that_of_clopper_and_pearson(value, base, days, base_days):
    if value + base == 0:
        return
    low, high = certainty.exact(value, base, days / (days + base_days)).interval
    share = stats.binomtest(value, value + base).proportion_ci(0.95, "exact")
    for ours, end in ((low, share.low), (high, share.high)):
        theirs = end / (1 - end) * base_days / days if end < 1 else None
        assert ours is None if theirs is None else ours == pytest.approx(theirs, rel=1e-6, abs=0.0006)


@pytest.mark.parametrize(
    ("value", "base", "days", "base_days"),
    [(3182, 2509, 365, 366), (622, 711, 1, 1), (5, 7, 90, 91), (60, 40, 28, 31)],
)
def test_the_interval_by_the_logarithm_is_that_of_statsmodels(published, value, base, days, base_days):
    low, high = confint_poisson_2indep(value, days, base, base_days, method="wald-log", compare="ratio")
    with database.reading() as book, book.connection.cursor() as cursor:
        cursor.execute(
            "select * from compared(%s, %s, %s, %s, true, 'none', null)", (value, base, days, base_days)
        )
        said = cursor.fetchone()
    assert float(said["interval_low"]) == pytest.approx(low, abs=0.0006)
    assert float(said["interval_high"]) == pytest.approx(high, abs=0.0006)


@settings(deadline=None, max_examples=60)
@given(some.integers(0, 400), some.integers(1, 400), some.floats(1, 20))
def test_over_dispersion_makes_nothing_surer_and_its_interval_leaves_1_out_just_when_p_is_small(
    value, base, phi
):
    plain, wider = certainty.dispersed(value, base, 0.5, 1), certainty.dispersed(value, base, 0.5, phi)
    assert wider.p >= plain.p * 0.98
    low, high = wider.interval
    if abs(wider.p - 0.05) > 0.004:
        assert (low > 1 or (high is not None and high < 1)) == (wider.p < 0.05)


def test_whole_counts_with_phi_1_are_the_tails_of_the_binomial():
    p = certainty.dispersed(30, 50, 0.5, 1.0).p
    assert p == pytest.approx(2 * stats.binom.cdf(30, 80, 0.5), rel=0.006)
    assert certainty.dispersed(0, 0, 0.5, 2) is None


@pytest.mark.parametrize(
    ("period", "compare", "exposure"),
    [
        ("2012/13", "2011/12", (12, 12, "months")),
        ("2012/13", "2008/09", (12, 12, "months")),
        ("2012-02", "2011-02", (29, 28, "days")),
        ("2012-03", "2012-02", (31, 29, "days")),
        ("2011/12Q4", "2012/13Q4", (91, 90, "days")),
        ("ytd:2012-09-30", "2011/12", (183, 366, "days")),
    ],
)
def test_years_count_as_years_and_all_else_in_days(published, period, compare, exposure):
    told = figure(published, period=period, compare=compare)["compared"]["exposure"]
    assert (told["period"], told["base"], told["unit"]) == exposure


def test_a_leap_year_can_be_compared_by_days(published):
    plain, days = (
        figure(published, period="2012/13", **asked)["compared"] for asked in ({}, {"exposure": "days"})
    )
    assert days["exposure"] == {"period": 365, "base": 366, "unit": "days"}
    assert days["percent"] == plain["percent"] == -5.2
    assert days["rate_ratio"] == round(46983 / 365 / (49576 / 366), 3) != plain["rate_ratio"]
    theirs = test_poisson_2indep(46983, 365, 49576, 366, method="exact-cond", compare="ratio").pvalue
    assert days["p"] == pytest.approx(theirs, rel=0.006)
    low, high = confint_poisson_2indep(46983, 365, 49576, 366, method="wald-log", compare="ratio")
    assert days["interval_95"] == pytest.approx([low, high], abs=0.0006)


def test_a_year_to_date_that_holds_the_leap_day_still_has_its_percentage(service):
    send_months(service, dict.fromkeys(months(2010, 2011), 10))
    told = figure(service, period="ytd:2012-03-15")["compared"]
    assert told["exposure"] == {"period": 350, "base": 349, "unit": "days"}
    assert (told["percent"], told["percent_withheld"]) == (0.0, None)


def test_days_cannot_be_measured_in_months(published):
    asked = {"area": "northampton", "period": "2012-05-17..2012-06-20", "exposure": "months"}
    answer = published.get("/v1/summaries", query_string=asked)
    assert (answer.status_code, answer.json["errors"][0]["parameter"]) == (400, "exposure")


@pytest.mark.parametrize(
    ("rule", "before", "now", "percent", "why"),
    [
        ("either-under-50", 49, 60, None, "a count is under 50"),
        ("either-under-50", 60, 49, None, "a count is under 50"),
        ("either-under-50", 50, 50, 0.0, None),
        ("current-under-50", 49, 60, 22.4, None),
        ("current-under-50", 60, 49, None, "the count is under 50"),
        ("none", 2, 3, 50.0, None),
        ("none", 0, 3, None, "the base count is nought"),
        ("current-under-50", 0, 60, None, "the base count is nought"),
    ],
)
def test_percentages_are_withheld_by_the_rule_of_the_table_that_is_followed(
    service, rule, before, now, percent, why
):
    send_months(service, {"2012-05": before, "2013-05": now})
    told = figure(service, period="2013-05", percent_rule=rule)["compared"]
    assert (told["percent"], told["percent_withheld"], told["percent_rule"]) == (percent, why, rule)


def test_the_usual_rule_is_that_of_the_setting(service, app, monkeypatch):
    send_months(service, {"2012-05": 49, "2013-05": 60})
    assert figure(service, period="2013-05")["compared"]["percent"] is None
    monkeypatch.setitem(app.config, "PERCENT_RULE", "none")
    lasting.make(app, 16)  # as when a worker starts with this setting
    assert figure(service, period="2013-05")["compared"]["percent"] == 22.4


def test_a_count_of_nought_still_has_an_exact_interval(service):
    send_months(service, {"2012-05": 9, "2013-05": 0})
    told = figure(service, period="2013-05")["compared"]
    assert (told["interval_95"], told["rate_ratio"]) == (None, None)
    assert told["interval_95_exact"][0] == 0
    assert told["p"] == pytest.approx(2 * 0.5**9, rel=0.006)
    back = figure(service, period="2012-05", compare="2013-05")["compared"]
    assert back["interval_95_exact"][1] is None
    assert back["change"] == "rise"


def quasi_poisson(numbers):
    """Pearson chi-square over degrees of freedom of a Poisson model with a level for each year and each month
    of it."""
    counts = np.array(numbers, dtype=float).reshape(-1, 12)
    years, seasons = np.indices(counts.shape)
    design = np.column_stack(
        [
            np.ones(counts.size),
            *[(years.ravel() == year) for year in range(1, len(counts))],
            *[(seasons.ravel() == season) for season in range(1, 12)],
        ]
    ).astype(float)
    fitted = GLM(counts.ravel(), design, family=Poisson()).fit()
    return fitted.pearson_chi2 / fitted.df_resid


@pytest.mark.parametrize("years", [2, 3])
def test_over_dispersion_is_that_of_a_quasi_poisson_model_with_seasons(service, years):
    rng = random.Random(years)
    held = months(2012 - years, 2012)
    numbers = {month: rng.choice((4, 9, 20)) if month < "2012-04" else 12 for month in held}
    send_months(service, numbers)
    told = figure(service, period="2012/13")["compared"]
    before = [numbers[month] for month in held if month < "2012-04"]
    assert told["dispersion"]["phi"] == pytest.approx(quasi_poisson(before), abs=0.001)
    assert told["dispersion"]["phi"] > 1.5
    assert (told["dispersion"]["months"], told["dispersion"]["to"]) == (12 * years, "2012-03-31")
    assert told["dispersion"]["from"] == f"{2012 - years}-04-01"
    assert told["dispersion"]["p"] > told["p"]
    assert told["dispersion"]["interval_95"][0] < told["interval_95_exact"][0]


def test_a_change_that_over_dispersion_explains_is_within_chance(service):
    rng = random.Random(4)
    numbers = {month: rng.choice((1, 20)) for month in months(2010, 2011)} | dict.fromkeys(
        months(2012, 2012), 0
    )
    base = sum(numbers[month] for month in months(2011, 2011))
    wanted = base + 4 * int(math.sqrt(base))
    for number in range(wanted):
        numbers[months(2012, 2012)[number % 12]] += 1
    send_months(service, numbers)
    told = figure(service, period="2012/13")
    assert told["compared"]["p"] < 0.05 < told["compared"]["dispersion"]["p"]
    assert told["compared"]["change"] == "within_chance"
    assert told["wording"].endswith("within what chance alone would give")


def test_months_that_are_not_held_tell_nothing_of_dispersion(service):
    send_months(service, dict.fromkeys(months(2011, 2012), 9))
    assert figure(service, period="2012/13")["compared"]["dispersion"] is None


def test_the_past_and_the_present_know_the_same_dispersion(service):
    rng = random.Random(5)
    send_months(service, {month: rng.choice((4, 12)) for month in months(2009, 2012)})
    question = {
        "area": "northamptonshire",
        "category": ["all-crime", "burglary"],
        "period": "2012/13",
        "compare": "last-year",
        "by": "code",
    }
    now = service.get("/v1/summaries", query_string=question)
    change = now.headers["Crimebook-Change"]
    submit(service, [offence(crime_ref="NN/later", recorded_on="2010-05-03", **BEGINNING)])
    then = service.get("/v1/summaries", query_string=question | {"as_of": change})
    assert then.json == now.json
    assert now.json["figures"][0]["compared"]["dispersion"]["phi"] > 1

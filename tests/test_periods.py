"""Periods as the field writes them: what days each means, and which came before it."""

from datetime import date

import pytest

from service.periods import compared_with, parse, spanning

FORMS = [
    ("2012/13", "2012-04-01", "2013-03-31"),
    ("1999/00", "1999-04-01", "2000-03-31"),
    ("2012/13Q1", "2012-04-01", "2012-06-30"),
    ("2012/13Q2", "2012-07-01", "2012-09-30"),
    ("2012/13Q3", "2012-10-01", "2012-12-31"),
    ("2012/13Q4", "2013-01-01", "2013-03-31"),
    ("2013", "2013-01-01", "2013-12-31"),
    ("2013-02", "2013-02-01", "2013-02-28"),
    ("2012-02", "2012-02-01", "2012-02-29"),
    ("12m:2013-03", "2012-04-01", "2013-03-31"),
    ("12m:2012-02", "2011-03-01", "2012-02-29"),
    ("ytd:2013-02-14", "2012-04-01", "2013-02-14"),
    ("ytd:2013-04-01", "2013-04-01", "2013-04-01"),
    ("2012-04-01..2013-03-31", "2012-04-01", "2013-03-31"),
    ("2012-02-29..2012-02-29", "2012-02-29", "2012-02-29"),
    ("1801", "1801-01-01", "1801-12-31"),
    ("2998", "2998-01-01", "2998-12-31"),
]


@pytest.mark.parametrize(("text", "first", "last"), FORMS, ids=[text for text, _, _ in FORMS])
def test_each_form_means_its_days(text, first, last):
    period = parse(text)
    assert (period.period, period.from_on, period.to_on) == (
        text,
        date.fromisoformat(first),
        date.fromisoformat(last),
    )


PREVIOUS = [
    ("2012/13", "2011/12"),
    ("2000/01", "1999/00"),
    ("2012/13Q1", "2011/12Q4"),
    ("2012/13Q4", "2012/13Q3"),
    ("2013", "2012"),
    ("2013-01", "2012-12"),
    ("2013-03", "2013-02"),
    ("12m:2013-03", "12m:2012-03"),
    ("12m:2013-02", "12m:2012-02"),
    ("ytd:2013-02-14", "ytd:2012-02-14"),
    ("2012-03-01..2012-04-30", "2012-01-01..2012-02-29"),
    ("2013-03-01..2013-03-31", "2013-02-01..2013-02-28"),
    ("2012-04-01..2013-03-31", "2011-04-01..2012-03-31"),
    ("2012-03-08..2012-03-14", "2012-03-01..2012-03-07"),
    ("2012-03-01..2012-03-01", "2012-02-29..2012-02-29"),
]


@pytest.mark.parametrize(("text", "before"), PREVIOUS, ids=[text for text, _ in PREVIOUS])
def test_the_previous_period_ends_the_day_before_or_is_that_of_a_year_ago(text, before):
    assert parse(text).previous() == parse(before)


LAST_YEAR = [
    ("2012/13", "2011/12"),
    ("2000/01", "1999/00"),
    ("2012/13Q4", "2011/12Q4"),
    ("2012", "2011"),
    ("2013-02", "2012-02"),
    ("2012-02", "2011-02"),
    ("12m:2013-02", "12m:2012-02"),
    ("12m:2012-02", "12m:2011-02"),
    ("ytd:2012-02-29", "ytd:2011-02-28"),
    ("ytd:2013-02-28", "ytd:2012-02-28"),
    ("ytd:2012-04-30", "ytd:2011-04-30"),
    ("2012-03-01..2013-02-28", "2011-03-01..2012-02-29"),
    ("2013-02-01..2013-02-28", "2012-02-01..2012-02-29"),
    ("2012-02-01..2012-02-29", "2011-02-01..2011-02-28"),
    ("2012-12-01..2012-12-31", "2011-12-01..2011-12-31"),
    ("2013-02-14..2013-02-28", "2012-02-14..2012-02-28"),
    ("2012-02-29..2012-03-14", "2011-02-28..2011-03-14"),
]


@pytest.mark.parametrize(("text", "before"), LAST_YEAR, ids=[text for text, _ in LAST_YEAR])
def test_the_same_period_of_last_year_keeps_whole_months_whole(text, before):
    assert parse(text).last_year() == parse(before)


BAD = [
    ("", "is not a period"),
    ("soon", "is not a period"),
    ("2012/13Q5", "is not a period"),
    ("2012-13", "does not have"),
    ("2012/2013", "is not a period"),
    ("2012/14", "is followed by 13"),
    ("2013-2", "is not a period"),
    ("2013-00", "does not have"),
    ("12m:2013-13", "does not have"),
    ("ytd:2013-02-29", "does not have"),
    ("ytd:2013-02", "is not a period"),
    ("2012-02-30..2012-03-01", "does not have"),
    ("2013-04-01..2013-03-31", "ends before it begins"),
    ("2013 ", "is not a period"),
    ("0000", "does not have"),
    ("1800", "between the years"),
    ("2999", "between the years"),
    ("2998/99", "between the years"),
    ("12m:0001-01", "does not have"),
    ("9999/00", "does not have"),
    ("٢٠١٢", "is not a period"),
    ("2012-04-01..", "is not a period"),
]


@pytest.mark.parametrize(("text", "sentence"), BAD, ids=[repr(text) for text, _ in BAD])
def test_what_is_no_period_is_refused_with_a_sentence(text, sentence):
    with pytest.raises(ValueError, match=sentence):
        parse(text)


def test_a_period_is_compared_with_one_that_is_named_or_follows_from_it():
    asked = parse("2012/13")
    assert compared_with(asked, None) is None
    assert compared_with(asked, "previous") == compared_with(asked, "last-year") == parse("2011/12")
    assert compared_with(asked, "2008/09") == parse("2008/09")
    with pytest.raises(ValueError, match="also takes previous and last-year"):
        compared_with(asked, "yesterday")


@pytest.mark.parametrize(
    "text", ["1801", "1801-01", "1801-01-01..1801-01-31", "1801-01-01..2998-12-31", "1801-01-02..2998-12-31"]
)
def test_nothing_is_compared_with_what_lies_before_the_years_that_can_be_asked_for(text):
    for compare in ("previous", "last-year"):
        with pytest.raises(ValueError, match="between the years"):
            compared_with(parse(text), compare)


@pytest.mark.parametrize(
    "named",
    [
        "2012/13",
        "1999/00",
        "2012/13Q1",
        "2012/13Q4",
        "2013-02",
        "12m:2012-02",
        "12m:2013-12",
        "2012-02-01..2012-04-30",
        "2012-05-03..2012-05-03",
        "2011-04-01..2013-03-31",
    ],
)
def test_days_are_named_by_the_shortest_name_that_they_have(named):
    period = parse(named)
    assert spanning(period.from_on, period.to_on) == period

"""The release table, as text."""

from service.releases import bulletin
from service.store import database


def text(area, period):
    with database.reading() as book:
        return bulletin.write_bulletin(book, area, period)


def line(told, *beginnings):
    """The first line that begins so, after the heading that begins so, in single spaces."""
    lines = [" ".join(one.split()) for one in told.splitlines()]
    start = next(number for number, one in enumerate(lines) if one.startswith(beginnings[0]))
    return next(one for one in lines[start:] if one.startswith(beginnings[-1]))


def test_force_and_district_stand_side_by_side_as_the_article_had_them(published):
    told = text("northamptonshire", "2012/13")
    assert (
        line(told, "From records")
        == "From records Northamptonshire 2011/12 2012/13 change per cent Northampton 2011/12 2012/13 change"
        " per cent"
    )
    assert line(told, "From records", "All recorded crime").endswith(
        "49,576 46,983 -2,593 -5.2 20,727 20,271 -456 -2.2"
    )
    assert line(told, "From records", "Residential burglary").endswith(
        "2,506 3,182 +676 +27.0 955 1,249 +294 +30.8"
    )
    assert (
        line(told, "From records", "Serious acquisitive")
        == "Serious acquisitive crime 12,562 9,010 -3,552 -28.3"
    )


def test_the_official_returns_stand_beside_with_the_differences(published):
    told = text("northamptonshire", "2012/13")
    assert (
        line(told, "From official", "All recorded crime")
        == "All recorded crime 46,983 +0 49,571 +5 46,983 +0"
    )
    assert (
        line(told, "From official", "Violence against the person")
        == "Violence against the person 8,270 +0 9,417 +0 8,270 +0"
    )
    assert line(told, "From official", "Vehicle crime") == "Vehicle crime 5,206 +0 - - - -"


def test_it_says_where_the_target_stands_and_that_no_record_is_a_real_crime(published):
    told = text("northamptonshire", "2012/13")
    assert "Ceiling 48,584.48, actual 46,983: exceeded." in told
    assert "none of them is a real crime" in told


def test_a_year_that_is_not_held_is_marked_and_not_compared(published):
    assert line(text("kettering", "2011/12"), "From records", "Robbery") == "Robbery 0* 75 - -"

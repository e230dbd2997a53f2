"""Pictures: what is drawn is what JSON says, for who sees it, prints it in grey, has it read aloud or draws
it again."""

import hashlib
import os
import re
import struct
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import altair as alt
import pytest
from builders import FORCE, offence, submit

from service.pictures import drawable, drawing, framing, series
from service.pictures.process import drawer
from service.web.answers import formats

SVG = "{http://www.w3.org/2000/svg}"
CATEGORIES = ("all-crime", "violence", "sexual-offences", "residential-burglary", "robbery", "homicide")
ASKED = {
    "change": (
        "/v1/summaries",
        {"area": "northamptonshire", "category": CATEGORIES, "period": "2012/13", "compare": "2011/12"},
    ),
    "values": (
        "/v1/summaries",
        {"area": ["northampton", "corby"], "category": ["robbery", "homicide"], "period": "2012/13"},
    ),
    "series": (
        "/v1/summaries/series",
        {
            "area": "northamptonshire",
            "every": "quarter",
            "period": "2012-04-01..2019-03-31",
            "source": "home-office-pfa",
        },
    ),
    "ranking": (
        "/v1/summaries/ranking",
        {"area": "england-and-wales", "period": "2012/13", "source": "home-office-pfa"},
    ),
}


def target_of(published):
    return f"/v1/targets/{published.get('/v1/targets').json['items'][0]['target_id']}/progress"


def ask(service, path, media_type, **query):
    return service.get(path, query_string=query or None, headers={"Accept": media_type})


def drawn(service, path, **query):
    """The picture as SVG, parsed."""
    answer = ask(service, path, formats.SVG, **query)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.content_type == formats.SVG
    return ET.fromstring(answer.get_data())


def spec_of(service, path, **query):
    answer = ask(service, path, formats.VEGA_LITE, **query)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.json


def texts(svg):
    return [" ".join(one.itertext()) for one in svg.iter(f"{SVG}text")]


def labels(svg):
    """What marks say of themselves."""
    return [one.attrib["aria-label"] for one in svg.iter() if "aria-label" in one.attrib]


def described(svg):
    """Title and description, as the names in aria-labelledby lead to them."""
    assert svg.attrib["role"] == "img"
    by_id = {one.attrib["id"]: one.text for one in svg if "id" in one.attrib}
    return [by_id[name] for name in svg.attrib["aria-labelledby"].split()]


def layers_of(spec):
    """Every layer with its own rows."""
    found = []

    def walk(one, rows):
        rows = one.get("data", {}).get("values", rows)
        for inner in one.get("layer", one.get("vconcat", [])):
            walk(inner, rows)
        if "mark" in one:
            found.append((one, rows))

    walk(spec, None)
    return found


def rows_with(spec, *names):
    return [row for _, rows in layers_of(spec) for row in rows or [] if set(names) <= set(row)]


def test_a_picture_says_what_where_when_from_what_and_as_of_which_change(published):
    svg = drawn(published, *ASKED["change"][:1], **ASKED["change"][1])
    change = published.get("/v1/changes?limit=1000").json["items"][-1]["change"]
    shown = " ".join(texts(svg))
    for said in (
        "Change in offences by category, Northamptonshire",
        "2012/13 compared with 2011/12",
        "source: records",
        f"as of change {change}",
    ):
        assert said in shown
    title, description = described(svg)
    assert title == "Change in offences by category, Northamptonshire, 2012/13 compared with 2011/12"
    for said in ("Northamptonshire", "2012/13", "records", f"change {change}"):
        assert said in description


def test_every_bar_is_the_figure_of_the_answer_in_its_own_words(published):
    path, asked = ASKED["change"]
    figures, svg = published.get(path, query_string=asked).json["figures"], drawn(published, path, **asked)
    shown, said = texts(svg), labels(svg)
    for figure in figures:
        compared = figure["compared"]
        assert figure["category"]["name"].split(" (")[0] in " ".join(shown)
        assert f"{figure['value']:,}" in shown and f"{compared['value']:,}" in shown
        if compared["percent"] is not None:
            assert f"{compared['percent']:+.1f}%".replace("-", "−") in shown, "with a real minus sign"
            assert figure["wording"] in said
    assert "within chance" in shown and "rise" in shown and "fall" in shown


def test_the_numbers_drawn_are_those_of_the_answer(published):
    path, asked = ASKED["change"]
    figures, spec = published.get(path, query_string=asked).json["figures"], spec_of(published, path, **asked)
    found = {row["says"]: row for row in rows_with(spec, "percent", "says")}
    for figure in figures:
        row, compared = found[figure["wording"]], figure["compared"]
        assert (row["value"], row["base"], row["percent"], row["change"]) == (
            figure["value"],
            compared["value"],
            compared["percent"],
            compared["change"],
        )
        deciding = (compared["dispersion"] or compared)["interval_95"]
        assert [row["low"], row["high"]] == ([None, None] if compared["percent"] is None else deciding)


def test_what_is_withheld_has_no_bar_and_says_why(published):
    path, asked = ASKED["change"]
    svg = drawn(published, path, **asked)
    assert not any(one.startswith("Homicide") for one in labels(svg))
    assert "No percentage: a count is under 50 (Homicide)." in " ".join(texts(svg))
    assert "No percentage: a count is under 50 (Homicide)" in described(svg)[1]


def test_a_summary_without_a_comparison_draws_the_figures_from_nought(published):
    path, asked = ASKED["values"]
    figures, spec = published.get(path, query_string=asked).json["figures"], spec_of(published, path, **asked)
    assert [row["value"] for row in rows_with(spec, "says")[: len(figures)]] == [
        figure["value"] for figure in figures
    ]
    bar = next(layer for layer, _ in layers_of(spec) if layer["mark"]["type"] == "bar")
    assert bar["encoding"]["x"]["scale"]["zero"] is True
    svg = drawn(published, path, **asked)
    assert {"Northampton, Robbery", "Corby, Homicide"} <= set(texts(svg))
    assert "Offences by area and category" in " ".join(texts(svg))


def test_one_figure_is_described_by_its_own_sentence(published):
    asked = {
        "area": "northamptonshire",
        "category": "residential-burglary",
        "period": "2012/13",
        "compare": "2011/12",
    }
    [figure] = published.get("/v1/summaries", query_string=asked).json["figures"]
    spec = spec_of(published, "/v1/summaries", **asked)
    assert spec["description"].startswith(
        f"{figure['wording']}. Northamptonshire, 2012/13 compared with 2011/12"
    )
    assert described(drawn(published, "/v1/summaries", **asked))[1] == spec["description"]


def test_a_description_begins_with_the_largest_change_that_is_no_chance(published):
    path, asked = ASKED["change"]
    figures = published.get(path, query_string=asked).json["figures"]
    sure = [figure for figure in figures if figure["compared"]["change"] in ("rise", "fall")]
    first = max(sure, key=lambda figure: abs(figure["compared"]["difference"]))
    assert described(drawn(published, path, **asked))[1].startswith(first["wording"])


def test_each_measure_has_a_picture(published):
    for measure in ("rate", "severity", "victims", "household-rate", "outcomes", "positive-outcome-rate"):
        asked = {"area": "northamptonshire", "period": "2012/13", "compare": "2011/12", "measure": measure}
        figures = published.get("/v1/summaries", query_string=asked).json["figures"]
        assert figures[0]["wording"] in described(drawn(published, "/v1/summaries", **asked))[1]


def test_a_score_of_which_chance_is_not_tested_is_not_drawn_as_sure(published):
    svg = drawn(
        published,
        "/v1/summaries",
        area="northamptonshire",
        category="robbery",
        period="2012/13",
        compare="2011/12",
        measure="severity",
    )
    assert "not tested" in texts(svg)
    [bar] = [one for one in svg.iter(f"{SVG}path") if one.attrib.get("aria-roledescription") == "bar"]
    assert bar.attrib["fill"] == "white"


def test_months_are_named(published):
    svg = drawn(
        published,
        "/v1/summaries",
        area="northampton",
        category="robbery",
        period="2012/13",
        compare="2011/12",
        by="month",
    )
    assert [one for one in texts(svg) if re.fullmatch(r"[A-Z][a-z]+ 201[23]", one)][0::11] == [
        "April 2012",
        "March 2013",
    ]


def test_an_incomplete_period_is_dashed_and_says_so(service):
    assert (
        submit(
            service, [offence()], force=FORCE, period_from="2012-04-01", period_to="2012-04-30"
        ).status_code
        == 201
    )
    svg = drawn(service, "/v1/summaries", area="northampton", period="2012-04-01..2012-05-31")
    [bar] = [one for one in svg.iter(f"{SVG}path") if one.attrib.get("aria-roledescription") == "bar"]
    assert (bar.attrib["fill"], bar.attrib["stroke-dasharray"]) == ("white", "3,2")
    assert (
        "(incomplete)" in " ".join(texts(svg))
        and "not every record of these days is held" in described(svg)[1]
    )


def test_each_signal_is_marked_by_its_shape_with_its_rule_named(published):
    path, asked = ASKED["series"]
    [one] = published.get(path, query_string=asked).json["series"]
    spec, svg = spec_of(published, path, **asked), drawn(published, path, **asked)
    found = {row["from"]: row for row in rows_with(spec, "state")}
    for point in one["points"]:
        rules, row = {signal["rule"] for signal in point["signals"]}, found[point["period"]["from"]]
        strongest = next((rule for rule in series.STRONGEST if rule in rules), None)
        assert row["state"] == (series.SAID[strongest] if strongest else series.NO_SIGNAL)
        assert (row["value"], row["centre"], row["upper"]) == (
            point["value"],
            point["centre"],
            point["upper"],
        )
        said = next(
            label
            for label in labels(svg)
            if label.startswith(f"{point['period']['period']}: {point['value']:,}")
        )
        assert all(signal["says"] in said for signal in point["signals"])
    assert {"beyond a limit", "trend"} <= set(texts(svg)), "the legend"
    shapes = [name for name, *_ in series.DRAWN.values()]
    assert len(
        set(zip(shapes, (shade == "white" for _, shade, _ in series.DRAWN.values()), strict=True))
    ) == len(shapes)


def test_centre_and_limits_are_named_with_their_numbers_and_breaks_with_their_names(published):
    path, asked = ASKED["series"]
    [one], svg = published.get(path, query_string=asked).json["series"], drawn(published, path, **asked)
    for name, called in (("upper", "upper limit"), ("centre", "mean"), ("lower", "lower limit")):
        assert f"{called} {one['chart'][name]:,.1f}" in texts(svg)
    assert {"Recording was reformed", "Burglary was redefined"} <= set(texts(svg))
    assert "Recording was reformed (1 April 2014)" in " ".join(texts(svg))
    assert described(svg)[1].startswith(f"{one['wording']}. Northamptonshire")


def test_points_that_are_incomplete_are_not_drawn_at_a_value(published):
    asked = {
        "area": "northamptonshire",
        "category": "serious-acquisitive-crime",
        "period": "2008-04-01..2013-03-31",
    }
    [one] = published.get("/v1/summaries/series", query_string=asked).json["series"]
    complete = [point for point in one["points"] if point["period"]["complete"]]
    assert len(complete) < len(one["points"])
    spec = spec_of(published, "/v1/summaries/series", **asked)
    assert sorted({row["from"] for row in rows_with(spec, "state")}) == [
        point["period"]["from"] for point in complete
    ]
    assert len({row["run"] for row in rows_with(spec, "run")}) == 2, (
        "the line is parted where something is missing"
    )
    svg = drawn(published, "/v1/summaries/series", **asked)
    assert "incomplete" in texts(svg) and "24 points incomplete" in labels(svg)
    assert one["caution"].split(".")[0] in described(svg)[1]


@pytest.mark.parametrize("every", ["12m", "year"])
def test_series_without_limits_say_so(published, every):
    asked = {
        "area": "northamptonshire",
        "category": ["burglary", "robbery"],
        "period": "2014-04-01..2019-03-31",
        "source": "home-office-pfa",
    }
    svg = drawn(published, "/v1/summaries/series", every=every, **asked)
    assert " ".join(texts(svg)).count("No limits") == 2 and not any("limit " in one for one in texts(svg))


def test_a_u_chart_has_the_limits_of_each_point(published):
    asked = {
        "area": "northamptonshire",
        "category": "robbery",
        "period": "2011-04-01..2013-03-31",
        "method": "u",
    }
    [one] = published.get("/v1/summaries/series", query_string=asked).json["series"]
    found = rows_with(spec_of(published, "/v1/summaries/series", **asked), "state")
    assert {row["from"]: row["upper"] for row in found} == {
        point["period"]["from"]: point["upper"] for point in one["points"]
    }


def test_a_ranking_shows_values_and_ranks_with_what_chance_leaves_open(published):
    path, asked = ASKED["ranking"]
    answer, spec = published.get(path, query_string=asked).json, spec_of(published, path, **asked)
    placed = [item for item in answer["items"] if item["rank"]]
    found = rows_with(spec, "rank_low")
    assert [row["name"] for row in found[: len(placed)]] == [item["area"]["name"] for item in placed], (
        "lowest first"
    )
    for row, item in zip(found, placed, strict=False):
        assert [
            row["value"],
            row["rank"],
            [row["low"], row["high"]],
            [row["rank_low"], row["rank_high"]],
        ] == [item["value"], item["rank"], item["interval_95"], item["rank_range"]]
    svg = drawn(published, path, **asked)
    assert {item["wording"] for item in placed} <= set(labels(svg))
    y = {
        "".join(one.itertext()): float(re.search(r",(-?[\d.]+)\)", one.attrib["transform"])[1])
        for one in svg.iter(f"{SVG}text")
    }
    order = [y[item["area"]["name"]] for item in placed]
    assert order == sorted(order)


def test_who_is_not_ranked_is_named_in_the_picture_and_in_its_description(published):
    path, asked = ASKED["ranking"]
    answer, svg = published.get(path, query_string=asked).json, drawn(published, path, **asked)
    shown, (_, description) = " ".join(texts(svg)), described(svg)
    assert description.startswith(answer["wording"])
    for one in answer["left_out"]:
        assert (
            one["area"]["name"] in shown
            and one["area"]["name"] in description
            and one["reason"] in description
        )
    assert answer["average"]["rule"][4:20] in shown


def test_the_force_that_asks_among_its_peers_stands_out_without_colour(service):
    lines = [offence(code="34B", crime_ref=f"NN/{number}") for number in range(3)]
    assert (
        submit(service, lines, force=FORCE, period_from="2012-04-01", period_to="2013-03-31").status_code
        == 201
    )
    group = {"peers": ["leicestershire"], "source": "made for this test", "from_on": "2011-04-01"}
    assert (
        service.put("/v1/peer-groups/northamptonshire/x", json=group, headers={"If-Match": '"0"'}).status_code
        == 201
    )
    spec = spec_of(
        service,
        "/v1/summaries/ranking",
        area="northamptonshire",
        among="peers",
        period="2012/13",
        order="number",
    )
    assert [(row["name"], row["own"]) for row in rows_with(spec, "own")][:1] == [("Northamptonshire", True)]
    assert any("diamond" in str(layer["encoding"].get("shape")) for layer, _ in layers_of(spec))


def test_a_ranking_of_nobody_is_still_a_picture_that_says_why(service):
    svg = drawn(service, "/v1/summaries/ranking", area="northamptonshire", period="2012/13")
    assert "No district can be ranked" in described(svg)[1] and any("Not ranked" in one for one in texts(svg))


def test_progress_draws_the_way_so_far_the_ceiling_and_the_fan(published):
    path = target_of(published)
    answer, spec = (
        published.get(path, query_string={"on": "2012-12-31"}).json,
        spec_of(published, path, on="2012-12-31"),
    )
    deciding = next(one for one in answer["projections"] if one["interval_80"])
    ends = [row for row in rows_with(spec, "low", "high") if row["on"] == "2013-03-31"]
    assert [(row["low"], row["high"]) for row in ends] == [
        (deciding[name]["low"], deciding[name]["high"]) for name in ("interval_95", "interval_80")
    ]
    way = {row["on"]: row["value"] for row in rows_with(spec, "complete")}
    assert len(way) == 9 and way["2012-12-31"] == answer["actual"]["value"]
    for day in ("2012-06-30", "2012-10-31"):
        assert way[day] == published.get(path, query_string={"on": day}).json["actual"]["value"]
    svg = drawn(published, path, on="2012-12-31")
    assert {f"ceiling {answer['ceiling']:,.0f}", f"projected {deciding['projected']:,.0f}"} <= set(texts(svg))
    assert "too early to say" in texts(svg)[-1] + " ".join(texts(svg))
    assert (
        "the 80 per cent interval of the projection (straight line) lies on both sides" in described(svg)[1]
    )


def test_a_target_whose_period_is_over_has_no_fan(published):
    path = target_of(published)
    answer, spec = published.get(path).json, spec_of(published, path)
    assert not rows_with(spec, "low", "high")
    svg = drawn(published, path)
    assert {f"2012/13 {answer['actual']['value']:,}", f"2011/12 {answer['base']['value']:,}"} <= set(
        texts(svg)
    )
    assert "Reduce recorded crime by 2 per cent: exceeded" in texts(svg)


TARGETS = (
    {
        "kind": "reduce-to",
        "amount": 5,
        "measure": "offences",
        "category": "all-crime",
        "milestones": [{"on": "2012-09-30", "amount": 3}],
    },
    {"kind": "save", "amount": 1000, "measure": "savings-gbp"},
    {"kind": "rank", "rank": 1, "measure": "offences", "category": "all-crime"},
)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target["kind"])
def test_every_kind_of_target_has_a_picture_also_before_anything_is_known(service, target):
    told = {
        "area": "northamptonshire",
        "name": "A target",
        "owner": "The authority",
        "period": "2012/13",
        "set_on": "2012-04-01",
    } | target
    made = service.post("/v1/targets", json=told)
    assert made.status_code == 201, made.json
    svg = drawn(service, f"{made.headers['Location']}/progress")
    assert "A target: too early to say" in texts(svg)
    assert ("Milestone 3 on 30 September 2012: too early" in labels(svg)) == ("milestones" in target)


@pytest.mark.parametrize("asked", ASKED)
def test_a_spec_is_vega_lite_6_and_draws_the_same_picture_again(published, asked):
    path, query = ASKED[asked]
    spec = spec_of(published, path, **query)
    assert spec["$schema"].startswith("https://vega.github.io/schema/vega-lite/v6.")
    alt.VConcatChart.from_dict(spec, validate=True)
    assert drawing.svg_of(spec).encode() == ask(published, path, formats.SVG, **query).get_data()
    assert not re.search(r'"url"|https?://(?!vega\.github\.io/schema)', str(spec))


@pytest.mark.parametrize("asked", ASKED)
def test_all_is_grey_and_text_stands_out_from_its_ground(published, asked):
    svg = drawn(published, ASKED[asked][0], **ASKED[asked][1])
    names = {"white": "#ffffff", "black": "#000000", "none": None, "transparent": None}
    used = {one.attrib[name] for one in svg.iter() for name in ("fill", "stroke") if name in one.attrib}
    for colour in used:
        code = names.get(colour, colour)
        if code:
            pairs = re.fullmatch(r"#(..)(..)(..)|#(.)(.)(.)", code).groups()
            assert len({pair for pair in pairs if pair}) == 1, f"{colour} is no grey"
    for one in svg.iter(f"{SVG}text"):
        assert contrast(one.attrib["fill"]) >= 4.5


def contrast(grey):
    """To white, as WCAG 2.2 works it out."""
    part = int(grey[1:3], 16) / 255
    luminance = part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
    return 1.05 / (luminance + 0.05)


def test_marks_that_mean_something_stand_out_from_paper_as_wcag_asks():
    assert min(contrast(framing.INK), contrast(framing.QUIET)) >= 4.5 and contrast(framing.FILL) >= 3


def test_text_stays_text(published):
    svg = drawn(published, ASKED["ranking"][0], **ASKED["ranking"][1])
    assert len(texts(svg)) > 90 and {one.attrib["font-family"] for one in svg.iter(f"{SVG}text")} == {
        framing.FONT
    }


def test_a_png_is_for_print_as_wide_on_paper_as_the_svg(published):
    path, asked = ASKED["change"]
    image, svg = ask(published, path, formats.PNG, **asked), drawn(published, path, **asked)
    assert image.content_type == "image/png"
    data = image.get_data()
    assert data[:8] == b"\x89PNG\r\n\x1a\n" and int(image.headers["Content-Length"]) == len(data)
    assert struct.unpack(">II", data[16:24]) == (3 * int(svg.attrib["width"]), 3 * int(svg.attrib["height"]))
    at = data.index(b"pHYs") + 4
    assert struct.unpack(">IIB", data[at : at + 9]) == (11339, 11339, 1), "288 dots an inch, in metres"
    assert 0.15 < 3 * int(svg.attrib["width"]) / 11339 < 0.18, "17 cm, the width of text on A4"


def test_pictures_are_kept_apart_by_tag_and_not_drawn_again_for_who_holds_them(published, monkeypatch):
    path, asked = ASKED["change"]
    tags = [
        ask(published, path, media_type, **asked).headers["ETag"]
        for media_type in (formats.JSON, *formats.PICTURES)
    ]
    assert len(set(tags)) == 4
    monkeypatch.setattr(drawer, "draw", None)
    for path, query in (*ASKED.values(), (target_of(published), {})):
        held = published.get(
            path, query_string=query, headers={"Accept": formats.SVG, "If-None-Match": tags[1]}
        )
        assert (held.status_code, held.headers["Vary"]) == (304, "Accept")


def test_a_picture_is_as_of_a_change(published):
    early = drawn(published, "/v1/summaries", area="northamptonshire", period="2012/13", as_of="3")
    assert any("as of change 3" in one for one in texts(early)) and "0" in texts(early)


@pytest.mark.parametrize(
    ("accepted", "given"),
    [
        ("image/*", formats.SVG),
        ("*/*", formats.JSON),
        ("image/avif,image/webp,image/png,image/svg+xml;q=0.8,*/*;q=0.5", formats.PNG),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", formats.JSON),
        ("application/json", formats.JSON),
    ],
)
def test_the_picture_is_what_the_caller_likes_best(published, accepted, given):
    path, asked = ASKED["values"]
    assert ask(published, path, accepted, **asked).mimetype == given


def test_other_kinds_of_picture_are_refused_with_those_there_are(published):
    for path, query in (*ASKED.values(), (target_of(published), {})):
        answer = ask(published, path, "image/gif", **query)
        assert answer.status_code == 406 and ", ".join(formats.PICTURES) in answer.json["detail"]


def test_a_picture_needs_a_key(published):
    for path, query in ASKED.values():
        assert (
            published.get(
                path, query_string=query, headers={"Accept": formats.SVG, "Authorization": None}
            ).status_code
            == 401
        )


TOO_MUCH = [
    (
        "/v1/summaries",
        {"area": "northampton", "period": "2012/13", "by": "code"},
        "by",
        f"at most {drawable.MOST_BARS} bars",
    ),
    (
        "/v1/summaries/series",
        {"area": "northamptonshire", "category": CATEGORIES, "period": "2012-04-01..2013-03-31"},
        "category",
        f"at most {drawable.MOST_SERIES} series",
    ),
    (
        "/v1/summaries/series",
        {"area": "northamptonshire", "period": "1982-04-01..2013-03-31"},
        "period",
        f"at most {drawable.MOST_POINTS} points of a series",
    ),
]


@pytest.mark.parametrize(
    ("path", "asked", "parameter", "words"), TOO_MUCH, ids=[str(number) for number in range(len(TOO_MUCH))]
)
def test_more_than_can_be_read_is_refused_with_the_limit_and_still_to_be_had_as_json(
    published, path, asked, parameter, words
):
    answer = ask(published, path, formats.SVG, **asked)
    assert (answer.status_code, answer.json["errors"][0]["parameter"]) == (400, parameter)
    assert words in answer.json["detail"] and "CSV" in answer.json["detail"]
    assert ask(published, path, formats.JSON, **asked).status_code == 200


def test_places_and_months_have_limits_too():
    for most, what in ((drawable.MOST_PLACES, "places"), (drawable.MOST_MONTHS, "months of a target")):
        drawable.require_drawable(most, most, what, "area")
        with pytest.raises(Exception, match=f"at most {most} {what}"):
            drawable.require_drawable(most + 1, most, what, "area")


def test_as_many_bars_as_are_allowed_do_not_touch(published):
    codes = [row["category"] for row in published.get("/v1/categories?limit=1000").json["items"]][
        : drawable.MOST_BARS
    ]
    svg = drawn(
        published,
        "/v1/summaries",
        area="northamptonshire",
        category=codes,
        period="2012/13",
        compare="2011/12",
    )
    places = sorted(
        float(re.search(r",([\d.-]+)\)", one.attrib["transform"])[1])
        for one in svg.iter(f"{SVG}text")
        if one.text in ("rise", "fall", "within chance", "not compared", "not tested")
    )
    assert len(places) == drawable.MOST_BARS
    assert min(below - above for above, below in pairwise(places)) >= 22


def test_labels_give_way_to_each_other_and_keep_their_order():
    moved = framing.apart([100, 99, 98, 20], 110, 0, 240)
    places = [240 * (110 - value) / 110 + by for value, by in zip([100, 99, 98, 20], moved, strict=True)]
    assert all(below - above >= 11.5 for above, below in pairwise(places)) and moved[3] == 0


def test_nothing_is_fetched_whatever_a_spec_names(published):
    spec = spec_of(published, ASKED["values"][0], **ASKED["values"][1]) | {
        "data": {"url": "https://example.org/figures.json"}
    }
    spec["vconcat"][0]["data"] = spec.pop("data")
    with pytest.raises(ValueError, match="not allowed"):
        drawing.svg_of(spec)


def test_the_contract_names_the_pictures(contract):
    for path in (
        "/v1/summaries",
        "/v1/summaries/series",
        "/v1/summaries/ranking",
        "/v1/targets/{target_id}/progress",
    ):
        content = contract["paths"][path]["get"]["responses"]["200"]["content"]
        assert content[formats.SVG]["schema"] == {"type": "string"}
        assert content[formats.PNG]["schema"] == {"type": "string", "format": "binary"}
        assert content[formats.VEGA_LITE]["schema"]["type"] == "object"


ALONE = """
import hashlib, sys
from service.app import create_app
from service.settings import Settings
from service.store import connect

app = create_app(Settings.from_environment())
client = app.test_client()
heads = {"Authorization": "Bearer " + sys.argv[1]}
def ask(path, media_type):
    answer = client.get(path, headers=heads | {"Accept": media_type})
    assert answer.status_code == 200, answer.get_data()
    return hashlib.sha256(answer.get_data()).hexdigest()
def resident():
    return int(open("/proc/self/statm").read().split()[1]) // 256
for path in sys.argv[2:]:
    ask(path, "application/json")
print(*sorted({"altair", "vl_convert"} & set(sys.modules)), "nothing")
before = resident()
for path in sys.argv[2:]:
    print(ask(path, "image/svg+xml"), ask(path, "image/png"), ask(path, "application/vnd.vegalite.v6+json"))
first = resident()
for _ in range(15):
    for path in sys.argv[2:]:
        ask(path, "image/png")
print(*sorted({"altair", "vl_convert"} & set(sys.modules)), "nothing")
print(before, first, resident(), file=sys.stderr)
assert resident() - before < 40, "megabytes of the process that answers"
"""


def test_who_answers_loads_nothing_of_what_draws_and_every_process_draws_the_same_bytes(
    published, databases, consulted, home
):
    paths = [
        "/v1/summaries?area=northamptonshire&category=robbery&category=homicide&period=2012/13&compare=2011/12&as_of=9",
        "/v1/summaries/series?area=northamptonshire&period=2011-04-01..2013-03-31&as_of=9",
    ]
    key = (home / "key").read_text().strip()
    told = []
    for zone in ("UTC", "America/New_York"):
        environment = os.environ | {
            "DATABASE_URL": databases.url(consulted),
            "TZ": zone,
            "LOG_LEVEL": "error",
            "CRIMEBOOK_HOME": str(home),
        }
        done = subprocess.run(
            [sys.executable, "-c", ALONE, key, *paths],
            cwd=Path(__file__).parents[2],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        told.append(done.stdout.splitlines())
    assert told[0][0] == told[0].pop() == "nothing" and told[0] == told[1][:-1]
    here = [
        " ".join(
            hashlib.sha256(ask(published, path, media_type).get_data()).hexdigest()
            for media_type in formats.PICTURES
        )
        for path in paths
    ]
    assert told[0][1:] == here

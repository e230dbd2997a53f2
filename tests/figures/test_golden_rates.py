"""The rates that ONS printed come out of its own counts, cell by cell; where they do not, the cell is
named."""

from golden_rates import differences, published
from return_files import ONS_TABLES, kept

ASKED = {"P3": ("ons-forces", "2023"), "C4": ("ons-partnerships", "2022")}
"""The source that the counts of each table are sent as, and the year of the population that its notes say it
divides by."""


def answered(service):
    """Every rate of both tables as the service gives it, by sheet, area, category and measure."""
    told = {}
    for sheet, (source, year) in ASKED.items():
        cells = [
            one
            for one in published()
            if one["sheet"] == sheet and one["area"][0] in "EWK" and one["area"][1:].isdigit()
        ]
        areas = list(dict.fromkeys(one["area"] for one in cells))
        for measure in ("rate", "household-rate"):
            categories = list(dict.fromkeys(one["category"] for one in cells if one["measure"] == measure))
            for start in range(0, len(areas), 50):
                question = {
                    "area": areas[start : start + 50],
                    "category": categories,
                    "measure": measure,
                    "period": "2024",
                    "source": source,
                    "population_year": year,
                }
                answer = service.get("/v1/summaries", query_string=question)
                assert answer.status_code == 200, answer.json
                for figure in answer.json["figures"]:
                    told[sheet, figure["area"]["code"], figure["category"]["code"], measure] = figure
    return told


def compared(service):
    """The cells that the service gives otherwise than they are printed; with how many agree, and how many of
    those have no value."""
    told, found, same, without = answered(service), [], 0, 0
    for cell in published():
        figure = told.get((cell["sheet"], cell["area"], cell["category"], cell["measure"]))
        shown = "" if figure is None or figure["value"] is None else f"{figure['value']:.4f}"
        marked = cell["printed"][:1] in ("", "[")
        printed = cell["printed"] if marked else f"{float(cell['printed']):.4f}"
        if shown == printed or (shown == "" and marked):
            same, without = same + 1, without + marked
        else:
            names = ("sheet", "area", "category", "measure")
            found.append({**{name: cell[name] for name in names}, "printed": printed, "shown": shown})
    return found, same, without


def with_the_earlier_estimates(service):
    """Say of the forces of table C4 the mid-2022 population that it divides by: its count over its rate."""
    printed = {
        one["area"]: float(one["printed"])
        for one in published()
        if one["sheet"] == "C4"
        and one["category"] == "all-crime-excluding-fraud"
        and one["area"][:3] in ("E23", "W15")
        and one["printed"][:1] != "["
    }
    question = {
        "area": list(printed),
        "category": "all-crime-excluding-fraud",
        "period": "2024",
        "source": "ons-partnerships",
    }
    for figure in service.get("/v1/summaries", query_string=question).json["figures"]:
        code = figure["area"]["code"]
        held = service.get(f"/v1/areas/{code}")
        draft = {name: value for name, value in held.json.items() if name not in ("area", "since_change")}
        draft["populations"] = [one for one in draft["populations"] if one["year"] != 2022]
        draft["populations"].append(
            {
                "year": 2022,
                "source": "the estimate before",
                "residents": round(1000 * figure["value"] / printed[code]),
            }
        )
        assert (
            service.put(
                f"/v1/areas/{code}", json=draft, headers={"If-Match": held.headers["ETag"]}
            ).status_code
            == 200
        )


def test_every_rate_of_the_ons_tables_is_reproduced_or_named_as_a_difference(service):
    kept(service, ONS_TABLES / "table-P1.csv", source="ons-forces", edition="2025-04-24", period="2024")
    kept(service, ONS_TABLES / "table-C2.csv", source="ons-partnerships", edition="2025-04-24", period="2024")
    found, same, without = compared(service)
    named = [{name: one[name] for name in one if name != "why"} for one in differences()]
    assert found == named
    assert all(one["why"] for one in differences())
    assert same == len(published()) - len(named)
    assert without == sum(one["printed"][:1] in ("", "[") for one in published())
    with_the_earlier_estimates(service)
    assert compared(service)[0] == []  # so nothing but those estimates is behind the differences

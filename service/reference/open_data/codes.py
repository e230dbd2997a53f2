"""The Home Office's offence codes as drafts for `define_codes`.

Sources: the history of each code in the Home Office's police force area table (2012/13 to 2025/26), the Home
Office's offence list, which alone knows the groups in use before July 2013 and the codes older than the
table, and the ONS Crime Severity Score weights.
"""

import re
from collections import defaultdict
from datetime import date, timedelta
from typing import TypedDict

from service.reference.open_data.tables import table

Row = dict[str, str]


class ShippedPeriod(TypedDict):
    """What a code was called and where it was grouped, between two days as ISO 8601 writes them."""

    description: str
    offence_group: str
    offence_subgroup: str
    from_on: str | None
    to_on: str | None


class ShippedWeight(TypedDict):
    """How grave a crime of a code weighs."""

    edition: str
    from_on: str | None
    to_on: str | None
    weight: float


class ShippedCode(TypedDict):
    """A code as `define_codes` takes it, its days as ISO 8601 writes them."""

    code: str
    from_on: str | None
    to_on: str | None
    old_group: str | None
    old_subgroup: str | None
    severity_weight: float | None
    severity_weights: list[ShippedWeight]
    periods: list[ShippedPeriod]


HOMICIDE = "1/4.1/4.10/4.2"
OLDER_THAN_THE_TABLE = "2012-03-31"
"""Last day of codes under which the table, which begins with 2012/13, never counted a crime."""

LATER_IN_EARLIER_EDITIONS = {HOMICIDE: "2017/18"}
"""Last year of codes that an edition before the present one still counted: it has four lines of this code
where the present one has 1, 4.1, 4.10 and 4.2."""

WEIGHTS = "ONS Crime Severity Score weights of 2020 or near"
"""What the edition of the severity weights is called."""

NOISE = {
    # 2014/15 only, beside "Trafficking for sexual exploitation", which is what 72 means before, then and
    # after.
    ("72", "Threats to kill", "Other sexual offences"),
    # 2017/18 only: the subgroup of the years around it in other letters.
    ("AF", "Fraud offences recorded by Action Fraud", "Fraud: action fraud"),
}
"""Rows of the history that are slips of an edition: code, description, subgroup."""

SPELT_AS_IN_THE_COUNTS = {
    "All other theft offences": "Other theft offences",
    "Rape": "Rape offences",
}
"""Subgroups that the offence list writes otherwise than the table. It also makes a group of "Fraud offences
to 2012/13"."""


def _first_day(financial_year: str) -> str:
    return f"{financial_year[:4]}-04-01"


def _last_day(financial_year: str) -> str:
    return f"{int(financial_year[:4]) + 1}-03-31"


def _day_before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def _description(text: str) -> str:
    """Without "(outcomes only)", which says that a code is closed and not what it means; it is written in
    four ways."""
    return " ".join(re.sub(r"\(outcomes? only\)", " ", text).split())


def _history() -> dict[str, list[Row]]:
    """The rows of each code, by first year."""
    rows = defaultdict(list)
    for row in sorted(table("offence-reference/offence-code-history.csv"), key=lambda row: row["first_year"]):
        if (row["Offence Code"], row["Offence Description"], row["Offence Subgroup"]) not in NOISE:
            rows[row["Offence Code"]].append(row)
    return rows


def _listed() -> dict[str, Row]:
    """The offence list by code. A star marks codes introduced after March 2013; ten codes stand twice with
    the same words."""
    rows = {
        row["Offence Code"].rstrip("* "): row
        for row in table("offence-reference/home-office-offence-list.csv")
    }
    listed = {code: row for code, row in rows.items() if code and row["New ONS offence group"]}
    return {**listed, HOMICIDE: listed["1/4.1/4.2/4.10"]}  # the same three offences, in another order


def _weights() -> dict[str, float]:
    """Severity weight by code. The list gives corporate manslaughter, 4.10, the code 4.1 as a spreadsheet
    would: both weigh as homicide."""
    return {
        "4.10" if row["description"] == "Corporate manslaughter" else row["code_original"]: float(
            row["weight"]
        )
        for row in table("offence-reference/severity-weights.csv")
    }


def _weights_of(weight: float | None) -> list[ShippedWeight]:
    """The weights of a code through time: the one edition that is here weighs the whole series, as ONS
    does."""
    return (
        [{"edition": WEIGHTS, "from_on": None, "to_on": None, "weight": weight}] if weight is not None else []
    )


def _life(rows: list[Row], first_year: str, last_year: str) -> tuple[str | None, str | None]:
    """First and last day on which a crime may be recorded under a code; None where the table's ends cut it
    off.

    A code marked "(outcomes only)" is closed although the table goes on printing it: it ended with the last
    year that counted a crime.
    """
    begins = None if rows[0]["first_year"] == first_year else _first_day(rows[0]["first_year"])
    if any("outcome" in row["Offence Description"] for row in rows):
        counted = max(row["last_nonzero_year"] for row in rows)
        return begins, _last_day(counted) if counted else OLDER_THAN_THE_TABLE
    ends = LATER_IN_EARLIER_EDITIONS.get(rows[-1]["Offence Code"], rows[-1]["last_year"])
    return begins, None if ends == last_year else _last_day(ends)


def _periods(rows: list[Row], from_on: str | None, to_on: str | None) -> list[ShippedPeriod]:
    """What a code was called and where it was grouped, from its first day to its last; neighbours that say
    the same are one."""
    periods: list[ShippedPeriod] = []
    for row in rows:
        period: ShippedPeriod = {
            "description": _description(row["Offence Description"]),
            "offence_group": row["Offence Group"],
            "offence_subgroup": row["Offence Subgroup"],
            "from_on": _first_day(row["first_year"]) if periods else from_on,
            "to_on": to_on,
        }
        if periods and _names(period) == _names(periods[-1]):
            continue
        if periods:
            periods[-1]["to_on"] = _day_before(_first_day(row["first_year"]))
        periods.append(period)
    return periods


def _names(period: ShippedPeriod) -> tuple[str, str, str]:
    return period["description"], period["offence_group"], period["offence_subgroup"]


def _period_of_old(row: Row) -> ShippedPeriod:
    """The one period of a code that only the offence list has."""
    group, subgroup = row["New ONS offence group"], row["New ONS sub-offence group"]
    return {
        "description": _description(row["Offence description"]),
        "offence_group": "Fraud offences" if group == "Fraud offences to 2012/13" else group,
        "offence_subgroup": SPELT_AS_IN_THE_COUNTS.get(subgroup, subgroup),
        "from_on": None,
        "to_on": OLDER_THAN_THE_TABLE,
    }


def drafts() -> list[ShippedCode]:
    """Every code, in the order of its letters and digits."""
    history, listed, weights = _history(), _listed(), _weights()
    first_year = min(rows[0]["first_year"] for rows in history.values())
    last_year = max(row["last_year"] for rows in history.values() for row in rows)
    made: list[ShippedCode] = []
    for code in sorted({*history, *listed}):
        rows, old = history.get(code, []), listed.get(code, {})
        from_on, to_on = _life(rows, first_year, last_year) if rows else (None, OLDER_THAN_THE_TABLE)
        made.append(
            {
                "code": code,
                "from_on": from_on,
                "to_on": to_on,
                "old_group": old.get("Old PRC offence group") or None,
                "old_subgroup": old.get("Old offence sub-group") or None,
                "severity_weight": weights.get(code),
                "severity_weights": _weights_of(weights.get(code)),
                "periods": _periods(rows, from_on, to_on) if rows else [_period_of_old(old)],
            }
        )
    return made

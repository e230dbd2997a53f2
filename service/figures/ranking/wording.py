"""A ranking in plain sentences: what can be said of who is lowest, and what cannot."""

from typing import Any

CAUTIONS = (
    (
        None,
        (
            "Chance is taken to be Poisson, as if each offence came by itself. Offences come in series and"
            " campaigns, so the true ranges are wider than those shown."
        ),
    ),
    (
        None,
        (
            "Recorded offences are those that were reported and recorded: forces differ in both, and a low"
            " count can be a poor record."
        ),
    ),
    (
        "rate",
        (
            "A rate divides by who lives there, not by who works, studies or visits there: it is nobody's"
            " risk, and the lowest rate does not make a place the safest."
        ),
    ),
    (
        "change",
        (
            "A place that was unusually high before will mostly fall, and the other way about, without"
            " anything having been done."
        ),
    ),
    ("number", "A number says most of all how large a place is."),
)
"""What a reader has to bear in mind, by order; None for every one."""

_WHAT = {"rate": "rate", "change": "ratio to the base period", "number": "number"}
MOST_NAMED = 5


def cautions(order: str) -> list[str]:
    """What a reader of that order has to bear in mind."""
    return [text for of, text in CAUTIONS if of in (None, order)]


def unit_of(asked: dict[str, Any]) -> str:
    """What the values are."""
    period = asked["period"].period
    if asked["order"] == "rate":
        return f"offences in {period} per 1,000 residents"
    return (
        f"offences in {period}"
        if asked["order"] == "number"
        else f"offences in {period} for each in {asked['compare'].period}"
    )


def rule_of_average(asked: dict[str, Any], kind: str, ranks: int) -> str:
    """`the mean of the rates of the 8 forces ranked, each alike`."""
    those = f"the {ranks} {_many(kind, ranks)} ranked, the place itself taken in"
    if asked["average"] == "mean":
        return f"The mean of the {asked['order']}s of {those}, each counting alike."
    return (
        f"All offences of {those}, over all their"
        f" {'residents' if asked['order'] == 'rate' else 'offences of the base period'}."
    )


def of_place(item: dict[str, Any], ranks: int, kind: str, period: str) -> str:
    """`Northamptonshire: 66.818 per 1,000 residents, between 20th and 22nd from the lowest of 28 forces`."""
    name = item["area"]["name"]
    if item["withheld"]:
        return f"{name}: not ranked, because {item['withheld']}"
    low, high = item["rank_range"]
    where = f"{_ordinal(low)}" if low == high else f"between {_ordinal(low)} and {_ordinal(high)}"
    return (
        f"{name}: {_valued(item)}, {where} from the lowest of {ranks} {_many(kind, ranks)} ranked for"
        f" {period}"
    )


def _valued(item: dict[str, Any]) -> str:
    if item["order"] == "rate":
        return f"{item['value']:,} per 1,000 residents"
    return (
        f"{item['count']:,} offences"
        if item["order"] == "number"
        else f"{item['value']} times as many as before"
    )


def in_words(answer: dict[str, Any]) -> str:
    """Who is lowest as far as can be told, who is not there, and where the force stands whose peers were
    asked for."""
    said = [_lowest(answer), _missing(answer), _own(answer)]
    return " ".join(f"{sentence}." for sentence in said if sentence)


def _lowest(answer: dict[str, Any]) -> str:
    what, kind, ranks = _WHAT[answer["order"]], answer["coverage"]["kind"], answer["coverage"]["ranked"]
    may_be = [
        item["area"]["name"] for item in answer["items"] if item["rank_range"] and item["rank_range"][0] == 1
    ]
    if ranks < 2:
        return f"{'One' if ranks else 'No'} {kind} can be ranked, so nothing can be said of which is lowest"
    if len(may_be) == 1:
        return (
            f"{may_be[0]} has the lowest {what} of the {ranks} {_many(kind, ranks)} ranked, beyond what"
            " chance would give"
        )
    more = len(may_be) - MOST_NAMED
    others = f" and {more} other{'s' if more > 1 else ''}" if more > 0 else ""
    names = (
        ", ".join(may_be[:MOST_NAMED]) + others if others else f"{', '.join(may_be[:-1])} and {may_be[-1]}"
    )
    return f"Which of {names} truly has the lowest {what} cannot be told"


def _missing(answer: dict[str, Any]) -> str:
    coverage = answer["coverage"]
    expected, kind = coverage["expected"], coverage["kind"]
    of = (
        f"of {answer['area']['name']}"
        if answer["peer_group"] is None
        else f"that are {answer['area']['name']} and its peers"
    )
    if coverage["complete"]:
        return f"All {expected} {_many(kind, expected)} {of} can be ranked" if expected > 1 else ""
    return (
        f"{coverage['ranked']} of the {expected} {_many(kind, expected)} {of} can be ranked: which is the"
        " lowest of all cannot be said while the others are missing"
    )


def _own(answer: dict[str, Any]) -> str:
    if answer["peer_group"] is None:
        return ""
    [own] = [item for item in answer["items"] if item["area"]["code"] == answer["area"]["code"]]
    against = {
        "above": ", above the average",
        "below": ", below the average",
        "within_chance": ", within chance of the average",
        None: "",
    }[own["against_average"]]
    return f"{own['wording']}{against}"


def _many(kind: str, number: int) -> str:
    return kind if number == 1 else f"{kind}s"


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"

"""A ranking in plain sentences: what can be said of who is lowest, and what cannot."""

from collections.abc import Sequence
from decimal import Decimal

from service.figures.figure import Figure
from service.figures.ranking.chance import RankedByChance
from service.figures.ranking.nouns import Ranked, RankedPeers, RankingCoverage
from service.periods import Period
from service.reference.areas import NamedArea

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


def list_cautions(order: str) -> list[str]:
    """What a reader of that order has to bear in mind."""
    return [text for of, text in CAUTIONS if of in (None, order)]


def word_unit(order: str, period: Period, base: Period | None) -> str:
    """What the values are."""
    if order == "rate":
        return f"offences in {period.period} per 1,000 residents"
    return f"offences in {period.period}" + (f" for each in {base.period}" if base else "")


def word_average(order: str, average: str, kind: str, ranks: int) -> str:
    """`The mean of the rates of the 8 forces ranked, the place itself taken in, each counting alike.`"""
    places = f"the {ranks} {_plural(kind, ranks)} ranked, the place itself taken in"
    if average == "mean":
        return f"The mean of the {order}s of {places}, each counting alike."
    return (
        f"All offences of {places}, over all their"
        f" {'residents' if order == 'rate' else 'offences of the base period'}."
    )


def word_place(
    figure: Figure,
    order: str,
    withheld: str | None,
    value: Decimal | None,
    by_chance: RankedByChance | None,
    ranks: int,
    kind: str,
) -> str:
    """`Northamptonshire: 66.818 per 1,000 residents, between 20th and 22nd from the lowest of 28 forces
    ranked for 2012/13`."""
    name = figure.area.name
    if by_chance is None:
        return f"{name}: not ranked, because {withheld}"
    low, high = by_chance.rank_range
    where = f"{_ordinal(low)}" if low == high else f"between {_ordinal(low)} and {_ordinal(high)}"
    values = {
        "rate": f"{value:,} per 1,000 residents",
        "number": f"{figure.value:,} offences",
        "change": f"{value} times as many as before",
    }
    return (
        f"{name}: {values[order]}, {where} from the lowest of {ranks} {_plural(kind, ranks)} ranked for"
        f" {figure.period.period}"
    )


def word_ranking(
    area: NamedArea,
    order: str,
    places: Sequence[Ranked],
    coverage: RankingCoverage,
    peers: RankedPeers | None,
) -> str:
    """Who is lowest as far as can be told, who is not there, and where the force stands whose peers were
    asked for."""
    own = [_word_own(area, places)] if peers else []
    sentences = [_word_lowest(order, places, coverage), _word_missing(area, coverage, peers), *own]
    return " ".join(f"{sentence}." for sentence in sentences if sentence)


def _word_lowest(order: str, places: Sequence[Ranked], coverage: RankingCoverage) -> str:
    what, kind, ranks = _WHAT[order], coverage.kind, coverage.ranked
    may_be = [place.area.name for place in places if place.rank_range and place.rank_range[0] == 1]
    if ranks < 2:
        return f"{'One' if ranks else 'No'} {kind} can be ranked, so nothing can be said of which is lowest"
    if len(may_be) == 1:
        return (
            f"{may_be[0]} has the lowest {what} of the {ranks} {_plural(kind, ranks)} ranked, beyond what"
            " chance would give"
        )
    more = len(may_be) - MOST_NAMED
    if more > 0:
        names = f"{', '.join(may_be[:MOST_NAMED])} and {more} other{'s' if more > 1 else ''}"
    else:
        names = f"{', '.join(may_be[:-1])} and {may_be[-1]}"
    return f"Which of {names} truly has the lowest {what} cannot be told"


def _word_missing(area: NamedArea, coverage: RankingCoverage, peers: RankedPeers | None) -> str:
    expected, kinds = coverage.expected, _plural(coverage.kind, coverage.expected)
    of = f"that are {area.name} and its peers" if peers else f"of {area.name}"
    if coverage.complete:
        return f"All {expected} {kinds} {of} can be ranked" if expected > 1 else ""
    return (
        f"{coverage.ranked} of the {expected} {kinds} {of} can be ranked: which is the lowest of all cannot"
        " be said while the others are missing"
    )


def _word_own(area: NamedArea, places: Sequence[Ranked]) -> str:
    [own] = [place for place in places if place.area.code == area.code]
    against = {
        "above": ", above the average",
        "below": ", below the average",
        "within_chance": ", within chance of the average",
        None: "",
    }[own.against_average]
    return f"{own.wording}{against}"


def _plural(kind: str, number: int) -> str:
    return kind if number == 1 else f"{kind}s"


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"

"""Peer groups: which forces are most like a force, as a source found for some time. They are not mutual, and
none is shipped."""

import datetime as dt
from dataclasses import dataclass
from typing import TypedDict

from flask_restx import Namespace, Resource
from marshmallow import ValidationError, fields, validate, validates_schema

from service.reference import areas
from service.store import Book
from service.store.book import Row
from service.web.answers.pages import LISTED, Paged, listed, page_of
from service.web.fields import AsKnown, AsOf, Date, Input, Integer, Known, Output, Text
from service.web.problems import Problem, of_the_body
from service.web.request.operation import Answer, found, operation
from service.web.request.preconditions import require_seen
from service.web.request.transactions import reading, writing

MOST_PEERS = 15
"""Official groups have up to seven others."""

peer_groups = Namespace("peer-groups", description="Which forces are most like a force.")


class PeerGroupBody(TypedDict):
    """What PeerGroupDraft loads."""

    from_on: dt.date | None
    peers: list[str]
    source: str
    to_on: dt.date | None


class PeerGroupDraft(Input):
    """The other forces of a group, and who found them alike."""

    from_on = Date(
        allow_none=True,
        load_default=None,
        metadata={"description": "First day on which the group was in use; null is open."},
    )
    peers = fields.List(
        Text(),
        required=True,
        validate=validate.Length(1, MOST_PEERS),
        metadata={"description": "The other forces, by code or slug; the force itself is not named."},
    )
    source = Text(
        required=True, metadata={"description": "Who found them alike, and where it was published."}
    )
    to_on = Date(
        allow_none=True,
        load_default=None,
        metadata={"description": "Last such day; null while it is in use."},
    )

    @validates_schema
    def ends_after_it_begins(self, data: PeerGroupBody, **_: object) -> None:
        """from_on <= to_on."""
        if data["from_on"] and data["to_on"] and data["from_on"] > data["to_on"]:
            raise ValidationError("A peer group cannot end before it begins.", "to_on")


@dataclass(frozen=True)
class PeerGroup:
    """A peer group as known at a change: the codes of a force and of those that were found most like it."""

    force: str
    peer_group: str
    since_change: int
    from_on: dt.date | None
    peers: list[str]
    source: str
    to_on: dt.date | None


class PeerGroupSchema(Output):
    """A peer group as known at a change. That a force is among its peers does not put its force among that
    one's."""

    table_key = ("force", "peer_group")

    force = fields.String()
    from_on = Date(allow_none=True)
    peer_group = fields.String()
    peers = fields.List(fields.String())
    since_change = Integer(least=1, most=2**62)
    source = fields.String()
    to_on = Date(allow_none=True)


class PeerGroupFilter(Paged):
    """Which peer groups."""

    as_of = AsOf()
    force = Text(metadata={"description": "By code or slug."})
    on = Date(metadata={"description": "Only those in use on this day."})


def find_peer_group(
    book: Book, force: areas.FoundArea, on: dt.date, name: str | None, *, asked_by: str
) -> PeerGroup:
    """The peer group of a force on a day, by its name, or the only one where no name is given.

    Raises 400 where there is none, for the parameter `asked_by`, or where there is more than one and no name.
    """
    groups = book.reference.peer_groups.in_use.all(PeerGroup, force=force.code, on=on)
    chosen = [group for group in groups if name in (None, group.peer_group)]
    if len(chosen) == 1:
        return chosen[0]
    if chosen:
        names = " or ".join(group.peer_group for group in chosen)
        parameter, detail = (
            "peer_group",
            f"{force.name} has {len(chosen)} peer groups in use on {on}: say peer_group={names}.",
        )
    else:
        of = f"called {name} " if name else ""
        parameter = "peer_group" if name else asked_by
        detail = (
            f"{force.name} has no peer group {of}in use on {on}. None is shipped: PUT"
            f" /v1/peer-groups/{force.slug}/NAME keeps one that was published. The City of London"
            " officially has none."
        )
    raise Problem("invalid-parameter", detail, errors=[{"parameter": parameter, "detail": detail}])


def _find_force(book: Book, name: str) -> str:
    """The force's code. Raises 404 for what is no force."""
    named = book.reference.areas.find.all(areas.FoundArea, names=[name])
    if not named or named[0].kind != "force":
        raise Problem("not-found", f"No force is called {name}.")
    return named[0].code


def _find_peers(book: Book, names: list[str]) -> list[str]:
    """The codes of the peers. Raises 422 for what is no force, or is named twice."""
    with of_the_body():
        peers = areas.find_areas(book, names, "peers")
    codes = [peer.code for peer in peers]
    wrong = [f"{peer.name} is a {peer.kind}, not a force." for peer in peers if peer.kind != "force"]
    wrong += [
        f"{peer.name} is named twice." for place, peer in enumerate(peers) if peer.code in codes[:place]
    ]
    if wrong:
        raise Problem(
            "invalid-body", " ".join(wrong), errors=[{"pointer": "/peers", "detail": one} for one in wrong]
        )
    return codes


@peer_groups.route("")
class PeerGroups(Resource):
    """Every peer group."""

    @operation(
        "listPeerGroups",
        "List peer groups",
        query=PeerGroupFilter(),
        returns=page_of(PeerGroupSchema, "PeerGroupPage"),
        formats=LISTED,
        listed=True,
    )
    def get(
        self, as_of: AsKnown, force: str | None, on: dt.date | None, after: str | None, limit: int | None
    ) -> Answer:
        """By force and group. None is shipped: no published list was found that may be passed on."""
        with reading(as_of) as sql:
            of_force = areas.find_code(sql, force, "force")
            return listed(
                sql,
                sql.reference.peer_groups.list,
                PeerGroupSchema(),
                {"force": str, "peer_group": str},
                force=of_force,
                on=on,
                after=after,
                limit=limit,
            )


@peer_groups.route("/<string:force>/<string:peer_group>")
class OnePeerGroup(Resource):
    """One peer group of a force."""

    @operation(
        "readPeerGroup",
        "Read a peer group",
        query=Known(),
        returns=PeerGroupSchema(),
        tagged=True,
        errors=(404,),
    )
    def get(self, force: str, peer_group: str, as_of: AsKnown) -> Row:
        """As known at a change."""
        with reading(as_of) as sql:
            row = sql.reference.peer_groups.read.row(force=_find_force(sql, force), peer_group=peer_group)
            return found(row, f"{force} has no peer group called {peer_group}.")

    @operation(
        "setPeerGroup",
        "Set a peer group",
        body=PeerGroupDraft(),
        returns=PeerGroupSchema(),
        scope="administer",
        guarded=True,
        tagged=True,
        creates=True,
        errors=(404, 409),
    )
    def put(self, force: str, peer_group: str, body: PeerGroupBody, seen: int) -> Answer:
        """A new version of a group, or with `If-Match: "0"` a new one. A group found anew is one with another
        name and its own days."""
        with writing("peer group set") as sql:
            code = _find_force(sql, force)
            present = sql.reference.peer_groups.read.row(force=code, peer_group=peer_group)
            require_seen(present or {"since_change": 0}, seen)
            peers = _find_peers(sql, body["peers"])
            sql.reference.peer_groups.end(force=code, peer_group=peer_group, seen=seen)
            columns: Row = {**body, "force": code, "peer_group": peer_group, "peers": peers}
            row = sql.reference.peer_groups.set.row(**columns)
            status, headers = (
                (200, {}) if present else (201, {"Location": f"/v1/peer-groups/{code}/{peer_group}"})
            )
            return Answer(row, headers, status=status)

    @operation(
        "withdrawPeerGroup",
        "Withdraw a peer group",
        returns=PeerGroupSchema(),
        scope="administer",
        guarded=True,
        errors=(404,),
    )
    def delete(self, force: str, peer_group: str, seen: int) -> Row:
        """It can still be read as of an earlier change."""
        with writing("peer group withdrawn") as sql:
            code = _find_force(sql, force)
            present = found(
                sql.reference.peer_groups.read.row(force=code, peer_group=peer_group),
                f"{force} has no peer group called {peer_group}.",
            )
            require_seen(present, seen)
            sql.reference.peer_groups.end(force=code, peer_group=peer_group, seen=seen)
            return present

"""What a user would otherwise build: FastAPI with SQLAlchemy and asyncpg, which groups the raw records
whenever it is asked.

Small and fair: the same numbers (bench/sameness.py holds them against the service's), indexes made for its
questions (rival.sql), two processes, no key, no access log, no history beyond two columns, no comparison
beyond the difference.
"""

import csv
import io
import os
from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from bench.rival_tables import CategoryCode, Offence, Population

engine = create_async_engine(os.environ["RIVAL_URL"], pool_size=8, max_overflow=0)
session = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()
NATION = "K04000001"


class Draft(BaseModel):
    """What is sent of an offence."""

    area: str
    code: str
    committed_from: datetime
    committed_to: datetime | None = None
    crime_ref: str
    force: str
    location: str | None = None
    outcome: str = "0"
    outcome_on: date | None = None
    recorded_at: datetime | None = None
    recorded_on: date
    reported_at: datetime | None = None
    victims: int = 1


class Shown(Draft):
    """What is answered of one."""

    offence_id: UUID
    status: str
    valid_from: int


def year(period: str) -> tuple[date, date]:
    """The days of a financial year."""
    first = int(period[:4])
    return date(first, 4, 1), date(first + 1, 3, 31)


def known(as_of: int | None) -> Any:
    """The version that is or was known."""
    if as_of is None:
        return Offence.valid_to.is_(None)
    return (Offence.valid_from <= as_of) & or_(Offence.valid_to.is_(None), Offence.valid_to > as_of)


def counting(category: str | None = None) -> Any:
    """The join to categories."""
    joined = (CategoryCode.code == Offence.code) & Offence.recorded_on.between(
        CategoryCode.from_on, CategoryCode.to_on
    )
    return joined if category is None else joined & (CategoryCode.category == category)


@app.get("/ready")
async def ready() -> str:
    """Is it up?"""
    return "ready"


@app.get("/offences/{offence_id}")
async def read(offence_id: UUID) -> Shown:
    """One."""
    async with session() as asking:
        row = await asking.scalar(select(Offence).where(Offence.offence_id == offence_id, known(None)))
    if row is None:
        raise HTTPException(404)
    return Shown.model_validate(row, from_attributes=True)


@app.get("/offences")
async def listed(
    force: str,
    recorded_from: date,
    recorded_to: date | None = None,
    category: str | None = None,
    limit: int = 100,
) -> list[Shown]:
    """A page."""
    asked = select(Offence).where(
        Offence.force == force,
        known(None),
        Offence.status == "recorded",
        Offence.recorded_on >= recorded_from,
    )
    if recorded_to:
        asked = asked.where(Offence.recorded_on <= recorded_to)
    if category:
        asked = asked.join(CategoryCode, counting(category))
    async with session() as asking:
        rows = await asking.scalars(asked.order_by(Offence.recorded_on, Offence.offence_id).limit(limit))
        return [Shown.model_validate(row, from_attributes=True) for row in rows]


async def _latest(asking: AsyncSession) -> int:
    return (
        await asking.scalar(select(func.max(Offence.id)))
    ) or 0  # a number that grows: a change without the change lock


@app.post("/offences", status_code=201)
async def record(draft: Draft) -> Shown:
    """Record one."""
    async with session() as asking, asking.begin():
        row = Offence(
            **draft.model_dump(), offence_id=uuid4(), status="recorded", valid_from=await _latest(asking)
        )
        asking.add(row)
    return Shown.model_validate(row, from_attributes=True)


@app.put("/offences/{offence_id}")
async def correct(offence_id: UUID, draft: Draft) -> Shown:
    """Correct one."""
    async with session() as asking, asking.begin():
        now = await _latest(asking)
        await asking.execute(
            update(Offence).where(Offence.offence_id == offence_id, known(None)).values(valid_to=now)
        )
        row = Offence(**draft.model_dump(), offence_id=offence_id, status="recorded", valid_from=now)
        asking.add(row)
    return Shown.model_validate(row, from_attributes=True)


async def counts(area: str, period: str, as_of: int | None) -> dict[str, int]:
    """Records of each category in an area in a year."""
    first, last = year(period)
    asked = (
        select(CategoryCode.category, func.count())
        .join(Offence, counting())
        .where(known(as_of), Offence.status == "recorded", Offence.recorded_on.between(first, last))
    )
    if area != NATION:
        asked = asked.where(Offence.force == area)
    async with session() as asking:
        rows = await asking.execute(asked.group_by(CategoryCode.category))
        return {str(name): int(number) for name, number in rows}


@app.get("/summary")
async def summary(
    area: str, period: str, before: str | None = None, as_of: int | None = None
) -> dict[str, Any]:
    """A year by category, against the year before."""
    now = await counts(area, period, as_of)
    then = await counts(area, before, as_of) if before else {}
    return {
        name: {"value": value, "base": then.get(name, 0), "difference": value - then.get(name, 0)}
        for name, value in now.items()
    }


@app.get("/series")
async def series(area: str) -> dict[str, int]:
    """All crime by month."""
    month = func.date_trunc("month", Offence.recorded_on)
    asked = (
        select(month, func.count())
        .join(CategoryCode, counting("all-crime"))
        .where(known(None), Offence.status == "recorded", Offence.force == area)
        .where(Offence.recorded_on.between(date(2012, 4, 1), date(2022, 3, 31)))
        .group_by(month)
        .order_by(month)
    )
    async with session() as asking:
        return {f"{begins:%Y-%m}": number for begins, number in await asking.execute(asked)}


@app.get("/ranking")
async def ranking(category: str, period: str) -> list[dict[str, Any]]:
    """Forces by their rate."""
    first, last = year(period)
    asked = (
        select(Offence.force, func.count(), Population.residents)
        .join(CategoryCode, counting(category))
        .join(Population, (Population.area == Offence.force) & (Population.year == first.year))
        .where(known(None), Offence.status == "recorded", Offence.recorded_on.between(first, last))
        .group_by(Offence.force, Population.residents)
    )
    async with session() as asking:
        rows = [
            (force, number, 1000 * number / residents)
            for force, number, residents in await asking.execute(asked)
        ]
    return [
        {"force": force, "count": number, "rate": rate}
        for force, number, rate in sorted(rows, key=lambda row: row[2])
    ]


@app.get("/export")
async def export(recorded_from: date, recorded_to: date) -> StreamingResponse:
    """A whole list as CSV."""
    asked = select(Offence).where(known(None), Offence.recorded_on.between(recorded_from, recorded_to))

    async def lines() -> AsyncIterator[str]:
        async with session() as asking:
            rows = await asking.stream_scalars(
                asked.order_by(Offence.recorded_on, Offence.offence_id).execution_options(yield_per=1000)
            )
            async for part in rows.partitions():
                text = io.StringIO()
                csv.writer(text).writerows(
                    Shown.model_validate(row, from_attributes=True).model_dump().values() for row in part
                )
                yield text.getvalue()

    return StreamingResponse(lines(), media_type="text/csv")


@app.post("/load")
async def load(request: Request) -> dict[str, int]:
    """A CSV file of offences, 1,000 to a statement, all in one transaction."""
    text = (await request.body()).decode()
    read_, total = csv.DictReader(io.StringIO(text)), 0
    async with session() as asking, asking.begin():
        now, batch = await _latest(asking), []
        for line in read_:
            draft = Draft.model_validate({name: value for name, value in line.items() if value != ""})
            batch.append(
                {**draft.model_dump(), "offence_id": uuid4(), "status": "recorded", "valid_from": now}
            )
            if len(batch) == 1000:
                total += await _insert(asking, batch)
        return {"recorded": total + await _insert(asking, batch)}


async def _insert(asking: AsyncSession, batch: list[dict[str, Any]]) -> int:
    number = len(batch)
    if number:
        await asking.execute(insert(Offence), batch)
        batch.clear()
    return number

"""The tables of (c), as SQLAlchemy maps them; rival.sql makes and fills them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """Tables of the schema rival."""

    type_annotation_map = {  # noqa: RUF012 (SQLAlchemy's own)
        datetime: DateTime(timezone=True),
        int: BigInteger,
    }


class Offence(Base):
    """A record, or an earlier version of one."""

    __tablename__ = "offence"
    __table_args__ = {"schema": "rival"}  # noqa: RUF012

    id: Mapped[int] = mapped_column(primary_key=True)
    offence_id: Mapped[UUID]
    force: Mapped[str]
    area: Mapped[str]
    code: Mapped[str]
    crime_ref: Mapped[str]
    location: Mapped[str | None]
    committed_from: Mapped[datetime]
    committed_to: Mapped[datetime | None]
    reported_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime | None]
    recorded_on: Mapped[date]
    outcome: Mapped[str]
    outcome_on: Mapped[date | None]
    victims: Mapped[int]
    status: Mapped[str]
    valid_from: Mapped[int]
    valid_to: Mapped[int | None]


class CategoryCode(Base):
    """A code that a category counts, and when."""

    __tablename__ = "category_code"
    __table_args__ = {"schema": "rival"}  # noqa: RUF012

    category: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    from_on: Mapped[date]
    to_on: Mapped[date]


class Population(Base):
    """Residents."""

    __tablename__ = "population"
    __table_args__ = {"schema": "rival"}  # noqa: RUF012

    area: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    residents: Mapped[int]

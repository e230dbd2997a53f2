"""Street crimes beside an official count of the same force and months."""

from flask_restx import Namespace, Resource
from marshmallow import fields

from service.figures.counts import count_figures
from service.figures.question import resolve_question
from service.intake.police_uk.crimes import OfMonths, look_up_question, make_evidence, write_month
from service.intake.police_uk.receipts import Month
from service.periods import Period, PeriodField
from service.reference.areas import Place
from service.store import database
from service.web.fields import AsOf, Boolean, Integer, OfRelease, Output, Reflected, Text
from service.web.problems import Problem
from service.web.request.operation import Answer, operation
from service.web.request.transactions import reading

OFFICIAL = "all-crime"
street_reconciliations = Namespace(
    "street-reconciliations",
    path="/street-crimes/reconciliations",
    description="Street crimes held against official counts.",
)


class ReconciliationFilter(OfMonths):
    """What is held against what."""

    as_of = AsOf()
    force = Text(required=True, metadata={"description": "By code or slug."})
    period = PeriodField(required=True)
    source = Text(
        required=True, longest=100, metadata={"description": "The source of a return, like home-office-pfa."}
    )


class ReconciledMonth(Output):
    """What a force published of a month."""

    anti_social_behaviour = Integer(least=0, most=2**53)
    crimes = Integer(least=0, most=2**53)
    evidence = fields.String()
    held = Boolean(metadata={"description": "Whether its file has come."})
    month = Month()


class StreetReconciliation(Output):
    """Street crimes without anti-social behaviour beside an official count. They are not the same thing: see
    docs/police-uk.md."""

    area = fields.Nested(Place)
    as_of = fields.Nested(Reflected)
    complete = Boolean()
    difference = Integer(
        least=-(2**53),
        most=2**53,
        allow_none=True,
        metadata={"description": "street less official; null where one of the two is not all there."},
    )
    edition = fields.String(allow_none=True)
    months = fields.List(fields.Nested(ReconciledMonth))
    official = Integer(least=-(2**53), most=2**53, allow_none=True)
    official_evidence = fields.String(allow_none=True)
    period = fields.String()
    source = fields.String()
    street = Integer(least=0, most=2**53)


@street_reconciliations.route("")
class StreetReconciliations(Resource):
    """Held against an official count."""

    @operation(
        "reconcileStreetCrimes",
        "Reconcile street crimes with an official count",
        query=ReconciliationFilter(),
        returns=StreetReconciliation(),
        tagged=True,
    )
    def get(self, as_of: database.AsOf | OfRelease, force: str, period: Period, source: str) -> Answer:
        """What a force published of each month, without anti-social behaviour, beside what a return counts of
        the period."""
        if source == "records":
            detail = "Street crimes are reconciled with a return: name its source, like home-office-pfa."
            raise Problem("invalid-parameter", detail, errors=[{"parameter": "source", "detail": detail}])
        with reading(as_of) as sql:
            months_asked = look_up_question(sql, None, force, period)
            question = resolve_question(sql, area=[force], category=[OFFICIAL], period=period, source=source)
            [official] = count_figures(sql, question)
            rows = sql.intake.police_uk.reconciliations.months(
                **vars(months_asked), official=official.value, official_complete=official.period.complete
            )
            months = [
                {
                    **row,
                    "evidence": make_evidence(
                        sql.as_of,
                        force=months_asked.force,
                        period=write_month(row["month"]),
                        anti_social_behaviour=False,
                    ),
                }
                for row in rows
            ]
            return Answer(
                {
                    "area": official.area,
                    "as_of": {"change": sql.as_of, "at": sql.at},
                    "edition": official.edition,
                    "months": months,
                    "official": official.value,
                    "official_evidence": official.evidence,
                    "period": period.period,
                    "source": source,
                    **{name: rows[0][name] for name in ("complete", "difference", "street")},
                },
                tag=sql.as_of,
            )

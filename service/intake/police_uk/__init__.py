"""Street crimes and outcomes of data.police.uk."""

from service.intake.police_uk import crimes, outcomes, reconciliations, submissions

namespaces = (
    submissions.street_submissions,
    crimes.street_crimes,
    reconciliations.street_reconciliations,
    outcomes.street_outcomes,
    crimes.street_crime_types,
)

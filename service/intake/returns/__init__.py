"""Official returns: tables of counts as published, and the Home Office's own table drafted from records."""

from service.intake.returns import home_office_tables, outcome_cells, returns

namespaces = (
    returns.returns,
    home_office_tables.tables,
    outcome_cells.return_outcomes,
)

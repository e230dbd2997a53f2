"""What everything else refers to: areas, offence codes, categories, measures, breaks, peer groups and types
of outcome."""

from service.reference import areas, breaks, categories, measures, offence_codes, outcome_types, peer_groups

namespaces = (
    areas.areas,
    offence_codes.offence_codes,
    categories.categories,
    outcome_types.outcomes,
    measures.measures,
    breaks.breaks,
    peer_groups.peer_groups,
)

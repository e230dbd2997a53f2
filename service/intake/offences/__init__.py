"""Files of recorded offences: mapped, judged line by line, and taken whole or not at all."""

from service.intake.offences import mappings, replacements, submissions

namespaces = (
    submissions.submissions,
    replacements.replacements,
    mappings.mappings,
)

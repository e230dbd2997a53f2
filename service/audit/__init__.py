"""For auditors: who looked at what, what moved and why, and proofs that nobody altered the book."""

from service.audit import (
    accesses,
    changes,
    outcomes_of_records,
    reclassifications,
    reconciliations,
    samples,
    seals,
    timeliness,
)

namespaces = (
    changes.changes,
    reconciliations.reconciliations,
    outcomes_of_records.outcomes_of_records,
    timeliness.recording,
    reclassifications.reclassifications,
    samples.samples,
    accesses.accesses,
    seals.seals,
)

"""Recorded offences: recorded, corrected, cancelled, transferred, erased, and counted."""

from service.offences import cancellations, erasures, offences

namespaces = (
    offences.offences,
    cancellations.cancellations,
    erasures.erasures,
    erasures.reviews,
)

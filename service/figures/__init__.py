"""The figures: counts, rates, severity, outcomes and what is reported, compared, with how sure they are."""

from service.figures import (
    observations,  # noqa: F401 - its addresses are among those of measures
    summaries,
)
from service.figures.ranking import ranking  # noqa: F401 - its address is among those of summaries
from service.figures.series import series

namespaces = (summaries.summaries, series.series)

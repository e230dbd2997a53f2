"""Crimebook: recorded offences, official returns and targets, and the figures that can be walked back to
their records."""

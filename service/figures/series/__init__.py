"""Figures through time: limits, signals and seasons."""

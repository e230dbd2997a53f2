"""Pictures of answers: a module for each noun says what is drawn, as a Vega-Lite spec with its numbers inside; `drawing` makes SVG or
PNG of it.

A noun imports its module only where a picture is asked for: altair and vl-convert take about 130 MB of a worker and two seconds that
whoever asks for JSON never needs.
"""

"""Pictures of answers: a module for each noun says what is drawn, as a Vega-Lite spec with its numbers
inside; `drawing` makes SVG or PNG of it.

All that draws runs in a process of its own, `drawer`, which alone imports altair and vl-convert: they take
some 200 MB, and hold the lock of the interpreter for as long as a picture takes. Whoever answers imports
`answers`, which asks that process.
"""

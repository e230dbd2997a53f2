"""Not here. Where it is, jsonschema imports it, and it compiles 39 grammars first: twice as long as all the
rest of the service's start. It comes with the development packages alone (of cyclonedx-bom), so no user's
service has it, and no contract of ours speaks of an IRI.
"""

raise ImportError("as in a user's installation")

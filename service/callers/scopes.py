"""What a key or a token can be given leave to do."""

SCOPES = ("read", "record", "publish", "audit", "erase", "administer")


def known_scopes(scopes: list[str]) -> frozenset[str]:
    """Those that the service has: an authorisation server may give others, for others."""
    return frozenset(scopes) & frozenset(SCOPES)

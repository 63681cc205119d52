"""Findings that are none, each with the reason; everything else fails the run."""

import re

WEB: tuple[tuple[str, str, str], ...] = (
    ("Secure Flag cookie", r"Secure flag is not set in the cookie : fugong51-",
     "the demonstration speaks HTTP on this machine; over TLS every cookie is __Host- and Secure"),
)
"""Category of wapiti, a pattern for `METHOD path: sentence`, why it is none."""


def why(category: str, finding: str) -> str | None:
    """The reason for a finding of wapiti, if it has one."""
    for kind, pattern, reason in WEB:
        if kind == category and re.search(pattern, finding):
            return reason
    return None

"""Whether a copied span stands in a text as a whole."""

from __future__ import annotations

import re

# ASCII alone: between Chinese characters there is no space, and "选B项" names B.
BEFORE = r"(?<![A-Za-z0-9_/^−-])(?<![0-9][.,])"
AFTER = r"(?![A-Za-z0-9_/^−-])(?![.,][0-9])"
"""What next to a span makes it part of something else: the 5 of 15, 2.5, -5 and 5/8, the A of About."""


def stands_in(span: str, text: str) -> bool:
    """Whether a span stands in a text, whole and in its own case; how its words are spaced makes no difference.

    >>> stands_in("12 cm", "so 12\\ncm."), stands_in("2", "so 12 cm"), stands_in("5", "-5"), stands_in("", "so")
    (True, False, False, False)
    """
    words = span.split()
    return bool(words) and re.search(BEFORE + r"\s+".join(map(re.escape, words)) + AFTER, text) is not None

"""From a completion to its thought, its answer and exactly one status; the only answer patterns in the package."""

from lmms_faith.parsing.completion import Finish, Parsed, Status, parse
from lmms_faith.parsing.tags import answered_at, unfinished, until_answered

__all__ = ["Finish", "Parsed", "Status", "answered_at", "parse", "unfinished", "until_answered"]

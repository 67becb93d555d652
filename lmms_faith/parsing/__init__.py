"""From a completion to its thought, its answer and exactly one status; the only answer patterns in the package."""

from lmms_faith.parsing.completion import Finish, Parsed, Status, parse
from lmms_faith.parsing.tags import unfinished

__all__ = ["Finish", "Parsed", "Status", "parse", "unfinished"]

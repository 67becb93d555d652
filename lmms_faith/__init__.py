"""lmms-faith: does this vision-language model look, or does it read?"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("lmms-faith")
except PackageNotFoundError:  # a source tree that was not installed
    __version__ = "0+unknown"

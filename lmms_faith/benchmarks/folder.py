"""A folder of files that no loader can fetch, so that somebody has to download them by hand."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Folder:
    """Where the files are, and what to do if they are not.

    Attributes:
        variable: Environment variable that names the folder.
        default: Folder where the variable is not set.
        how: What to download and where to put it.
    """

    variable: str
    default: str
    how: str

    @property
    def path(self) -> Path:
        """The folder, whether or not it is there."""
        return Path(os.environ.get(self.variable, self.default)).expanduser()

    def picture(self, name: str) -> Any:
        """The picture (PIL) of that file name, anywhere under the folder.

        Raises:
            FileNotFoundError: It is not there; the message says how to get it.
        """
        from PIL import Image

        if (file := _pictures(self.path).get(name)) is None:
            raise FileNotFoundError(f"image {name} is nowhere under {self.path}; {self.how}")
        return Image.open(file)


@cache
def _pictures(root: Path) -> dict[str, Path]:
    return {path.name: path for path in sorted(root.rglob("*.jp*g"))}

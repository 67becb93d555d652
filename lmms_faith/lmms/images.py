"""The image controls: a picture's own mean colour, and whose picture is swapped in."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from PIL import Image, ImageStat


def blank(image: Image.Image) -> Image.Image:
    """An image of the same size in the mean colour of the given RGB one."""
    red, green, blue = (round(channel) for channel in ImageStat.Stat(image).mean)
    return Image.new("RGB", image.size, (red, green, blue))


def partner(item_id: str, clusters: Mapping[str, str], *, seed: int, pictures: Mapping[str, int] | None = None) -> int:
    """Position of the item whose pictures stand in for this one's: as many of them, where there are such.

    Args:
        item_id: Whose pictures are replaced.
        clusters: Image id of every item of the split by item id, in the split's order.
        seed: Chooses the partner, with the item id.
        pictures: How many pictures every item has, likewise; None where all have as many.

    Raises:
        ValueError: Every item shows the same image.
    """
    images, counts = list(clusters.values()), None if pictures is None else [pictures[one] for one in clusters]
    mine, wanted = clusters[item_id], None if pictures is None else pictures[item_id]

    def fits(position: int) -> bool:
        return images[position] != mine and (counts is None or counts[position] == wanted)

    if counts is not None and not any(map(fits, range(len(images)))):
        counts = None
    if not any(map(fits, range(len(images)))):
        raise ValueError(f"item {item_id!r}: no other image to swap in; swapped_image needs at least two images")
    rng = Random(f"{seed}:swap:{item_id}")
    while not fits(position := rng.randrange(len(images))):
        pass
    return position

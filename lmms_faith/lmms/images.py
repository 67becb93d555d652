"""The image controls: a picture's own mean colour, and whose picture is swapped in."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from PIL import Image, ImageStat


def blank(image: Image.Image) -> Image.Image:
    """An image of the same size in the mean colour of the given RGB one."""
    red, green, blue = (round(channel) for channel in ImageStat.Stat(image).mean)
    return Image.new("RGB", image.size, (red, green, blue))


def partner(item_id: str, clusters: Mapping[str, str], *, seed: int) -> int:
    """Position of the item whose image stands in for this one's.

    Args:
        item_id: Whose image is replaced.
        clusters: Image id of every item of the split by item id, in the split's order.
        seed: Chooses the partner, with the item id.

    Raises:
        ValueError: Every item shows the same image.
    """
    images = list(clusters.values())
    if all(image == clusters[item_id] for image in images):
        raise ValueError(f"item {item_id!r}: no other image to swap in; swapped_image needs at least two images")
    rng = Random(f"{seed}:swap:{item_id}")
    while images[position := rng.randrange(len(images))] == clusters[item_id]:
        pass
    return position

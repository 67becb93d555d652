"""Procedural pictures: a few coloured shapes on a 4 x 4 grid, under no licence but the package's own."""

from __future__ import annotations

import colorsys
import io
import math
from dataclasses import dataclass
from random import Random
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

GRID: Final = 4
CELL: Final = 28  # pixels; one merged image token of the demo model
SIDE: Final = GRID * CELL
SHAPES: Final = ("circle", "square", "triangle", "star")
COLOURS: Final = ("red", "orange", "yellow", "green", "blue", "purple")  # in hue order: neighbours look alike
_HUES: Final = {"red": 0.0, "orange": 0.085, "yellow": 0.16, "green": 0.36, "blue": 0.6, "purple": 0.79}
_SUPERSAMPLE: Final = 2


@dataclass(frozen=True, slots=True, order=True)
class Thing:
    """One object of a scene; row and column count from 0 at the top left."""

    row: int
    column: int
    shape: str
    colour: str

    @property
    def place(self) -> str:
        """Where it is, as thoughts write it: "a1" at the top left, the letter for the row."""
        return f"{'abcd'[self.row]}{self.column + 1}"


@dataclass(frozen=True, slots=True)
class Scene:
    """What is in a picture (`things`, in reading order), and `style`, the seed of jitter and noise."""

    things: tuple[Thing, ...]
    style: str


def sample_scene(key: str) -> Scene:
    """The scene of a key: 3-7 objects, one colour of which occurs 1-4 times with equal chance."""
    rng = Random(f"scene:{key}")
    counted = rng.choice(COLOURS)
    times = rng.randint(1, 4)
    total = rng.randint(max(3, times), 7)
    others = [colour for colour in COLOURS if colour != counted]
    colours = [counted] * times + [rng.choice(others) for _ in range(total - times)]
    shapes = list(SHAPES) + [rng.choice(SHAPES) for _ in range(total)]
    shapes = rng.sample(shapes[: max(4, total)], total)
    cells = rng.sample(range(GRID * GRID), total)
    things = (Thing(cell // GRID, cell % GRID, s, c) for cell, s, c in zip(cells, shapes, colours, strict=True))
    return Scene(tuple(sorted(things)), key)


def draw(scene: Scene) -> Image.Image:
    """The scene as a 112 x 112 RGB picture; half of the pictures have been through JPEG."""
    rng = Random(f"style:{scene.style}")
    scale = _SUPERSAMPLE
    grey = rng.randint(205, 245)
    ground = tuple(grey + rng.randint(-6, 6) for _ in range(3))
    image = Image.new("RGB", (SIDE * scale, SIDE * scale), ground)
    pen = ImageDraw.Draw(image)
    for thing in scene.things:
        radius = rng.uniform(7.5, 10.5)
        room = CELL / 2 - radius - 1
        x = (thing.column + 0.5) * CELL + rng.uniform(-room, room)
        y = (thing.row + 0.5) * CELL + rng.uniform(-room, room)
        pen.polygon(
            [(px * scale, py * scale) for px, py in _outline(thing.shape, x, y, radius, rng)],
            fill=_shade(thing.colour, rng),
        )
    image = image.resize((SIDE, SIDE), Image.Resampling.BOX)
    return _through_jpeg(image, rng.randint(55, 90)) if rng.random() < 0.5 else image


def blank(image: Image.Image) -> Image.Image:
    """A picture of the same size in the mean colour of a given one."""
    return Image.new("RGB", image.size, image.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0)))


def pixels_of(image: Image.Image) -> NDArray[np.uint8]:
    """The picture as an array of height x width x 3."""
    return np.asarray(image.convert("RGB"), dtype=np.uint8)


def _outline(shape: str, x: float, y: float, radius: float, rng: Random) -> list[tuple[float, float]]:
    turn = rng.uniform(-0.15, 0.15)
    if shape == "star":
        radii, corners, start = [radius * 1.15, radius * 0.48], 10, -math.pi / 2
    elif shape == "circle":
        radii, corners, start = [radius], 40, 0.0
    elif shape == "square":
        radii, corners, start = [radius * 1.2], 4, math.pi / 4
    elif shape == "triangle":
        radii, corners, start = [radius * 1.15], 3, -math.pi / 2
    else:
        raise ValueError(f"shape {shape!r} is not one of {', '.join(SHAPES)}")
    angles = [start + turn + 2 * math.pi * i / corners for i in range(corners)]
    return [
        (x + radii[i % len(radii)] * math.cos(a), y + radii[i % len(radii)] * math.sin(a)) for i, a in enumerate(angles)
    ]


def _shade(colour: str, rng: Random) -> tuple[int, int, int]:
    hue = (_HUES[colour] + rng.uniform(-0.015, 0.015)) % 1.0
    red, green, blue = colorsys.hsv_to_rgb(hue, rng.uniform(0.75, 1.0), rng.uniform(0.72, 0.95))
    return int(red * 255), int(green * 255), int(blue * 255)


def _through_jpeg(image: Image.Image, quality: int) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    buffer.seek(0)
    return Image.open(buffer).convert("RGB")

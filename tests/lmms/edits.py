"""Edits of what is asked, after which no old answer may be served; each takes what may be edited, and a monkeypatch."""

from dataclasses import replace
from importlib import import_module


def edited_prefill(_, patch):
    patch.setattr(import_module("lmms_faith.conditions.render"), "OPENING", "I look at the picture.")
    return {}


def edited_wording(_, patch):
    from lmms_faith.lmms.task import FaithTask

    rendered = FaithTask.rendered
    patch.setattr(
        FaithTask, "rendered", lambda self, item: replace(p := rendered(self, item), text=p.text + "\nThink.")
    )
    return {}


def edited_image(_, patch):
    from lmms_faith.lmms.task import FaithTask

    visuals = FaithTask._visuals

    def one_pixel_off(self, doc):
        [image] = visuals(self, doc)
        red, *rest = image.getpixel((0, 0))
        image.putpixel((0, 0), (red ^ 1, *rest))
        return [image]

    patch.setattr(FaithTask, "_visuals", one_pixel_off)
    return {}

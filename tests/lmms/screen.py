"""What a terminal shows after some text: as much of one as rich asks of it."""

import re

_STEP = re.compile(r"\x1b\[(?P<number>\??\d*)[\d;]*(?P<what>[A-Za-z])|(?P<sign>[\r\n])|(?P<text>[^\x1b\r\n]+)")


def screen(text: str, *, width: int) -> list[str]:
    """Its lines, scrolled ones included, without spaces at their ends."""
    lines, row, column = [""], 0, 0
    for step in _STEP.finditer(text):
        if step["sign"] == "\n":
            row += 1
        if step["sign"] == "\r":
            column = 0
        if step["what"] == "A":
            row -= int(step["number"])
        if step["what"] == "K":
            lines[row] = ""
        for letter in step["text"] or "":
            if column == width:
                row, column = row + 1, 0
            lines += [""] * (row + 1 - len(lines))
            lines[row] = lines[row][:column].ljust(column) + letter + lines[row][column + 1 :]
            column += 1
        lines += [""] * (row + 1 - len(lines))
    return [line.rstrip() for line in lines]

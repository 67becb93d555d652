"""The think and answer tags of a completion: where the reasoning is, and where the text after it starts."""

from __future__ import annotations

OPEN, CLOSE = "<think>", "</think>"
ANSWER, ANSWERED = "<answer>", "</answer>"


def unfinished(completion: str, *, prefill: str = "") -> tuple[str, str]:
    """Split a completion without answer into the part to keep and what leads from there to an answer letter.

    Returns:
        The completion up to its first answer block (or all of it), and the text that forces a letter next:
        ``"</think><answer>"`` where the reasoning is still open, else ``"<answer>"``.
    """
    full = prefill + completion
    _, rest_at = reasoning(full)
    block = full.find(ANSWER, rest_at)
    kept = completion if block < len(prefill) else completion[: block - len(prefill)]
    still_open = (prefill + kept).rfind(OPEN) > (prefill + kept).rfind(CLOSE)
    return kept, "</think><answer>" if still_open else "<answer>"


def answered_at(completion: str, *, prefill: str = "") -> int | None:
    """Where a completion's first answer block ends that is closed, not empty, and behind its thought; None without one.

    What a model goes on to say after it has thought and answered is not asked for, so backends need not generate it.

    >>> answered_at("Red.</think><answer>B</answer> Or <answer>A</answer>?", prefill="<think>")
    30
    >>> answered_at("Shall I say <answer>B</answer>? ", prefill="<think>") is None
    True
    """
    full, start = prefill + completion, len(prefill)
    while (end := full.find(ANSWERED, start)) >= 0:
        start = end + len(ANSWERED)
        block = full.rfind(ANSWER, 0, end)
        closed = full.rfind(OPEN, 0, block) <= full.rfind(CLOSE, 0, block)
        if block >= 0 and closed and full[block + len(ANSWER) : end].strip():
            return start - len(prefill)
    return None


def until_answered(completion: str, *, prefill: str = "") -> str:
    """A completion up to ``answered_at``; all of it where it has no such place."""
    return completion[: answered_at(completion, prefill=prefill)]


def reasoning(full: str) -> tuple[str | None, int]:
    """The reasoning (None without tags) and where the text after it starts."""
    close = full.rfind(CLOSE, 0, _without_stray(full))
    start = full.find(OPEN)
    if close >= 0:
        begin = start + len(OPEN) if 0 <= start < close else 0
        return full[begin:close], close + len(CLOSE)
    if start >= 0:
        block = full.rfind(ANSWER, start)
        end = block if block >= 0 else len(full)
        return full[start + len(OPEN) : end], end
    return None, 0


def last_block(full: str, start: int) -> tuple[int, int] | None:
    """Where the content of the last answer block stands, one that is left open included; None without a block."""
    block = full.rfind(ANSWER, start)
    if block < 0:
        return None
    begin = block + len(ANSWER)
    end = full.find(ANSWERED, begin)
    return begin, len(full) if end < 0 else end


def rest_end(full: str, start: int) -> int:
    """Where the text after the reasoning ends: a model whose thought was closed for it may open another, and what it
    says in there is no answer."""
    reopened = full.find(OPEN, start)
    return reopened if reopened >= 0 else len(full)


def _without_stray(full: str) -> int:
    """Where the tags begin that close nothing, at the end of a completion; its length where there are none.

    ``<answer>B</answer></think>`` ends on a tag too many, and ``</think><answer>B</think>`` on the wrong one; neither
    makes a thought of the answer.
    """
    end = begin = len(full)
    while True:
        while begin and full[begin - 1].isspace():
            begin -= 1
        tag = next((tag for tag in (CLOSE, ANSWERED) if full.endswith(tag, 0, begin)), None)
        if tag is None:
            break
        end = begin = begin - len(tag)
    block, answered = full.rfind(ANSWER, 0, end), full.startswith(ANSWERED, end)
    if block < 0:
        return len(full)
    before = full.rfind(ANSWERED, block, end)
    open_block = before < 0
    if open_block and (answered or full.rfind(CLOSE, 0, block) > full.rfind(OPEN, 0, block)):
        return end
    return len(full)

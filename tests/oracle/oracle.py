"""The hand-labelled completions, what the package makes of them, and how often it is right."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from lmms_faith.equality import same_value
from lmms_faith.item import Kind
from lmms_faith.judges import RuleJudge
from lmms_faith.parsing import Finish, Parsed, Status, parse
from lmms_faith.record import Opinion, Record

FOLDER = Path(__file__).parent
STYLES = ("qwen2.5-vl", "r1", "qvq", "internvl", "gpt", "gemini")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One completion with its labels; see README.md."""

    id: str
    style: str
    split: Literal["dev", "held"]
    nasty: bool
    kind: Kind
    precision: int | None
    question: str
    options: tuple[str, ...]
    prefill: str
    completion: str
    finish: Finish | None
    status: Status
    prediction: int | None
    said: str | None
    conclusion: int | str | None
    plain: bool

    @property
    def gold(self) -> str:
        """Equality asks for it; the labels are compared with each other alone."""
        return ""

    @property
    def extras(self) -> Mapping[str, str]:
        """Likewise."""
        return {}


@dataclass(frozen=True, slots=True)
class Found:
    """What the package makes of a case: the parsed answer, and the rule judge's opinion; None without a thought."""

    case: Case
    parsed: Parsed
    opinion: Opinion | None

    @property
    def parsed_right(self) -> bool:
        """Whether status and answer are those of the labels."""
        case, parsed = self.case, self.parsed
        if parsed.status != case.status or parsed.prediction != case.prediction:
            return False
        return case.kind == "choice" or _same(parsed.said, case.said, case)

    @property
    def decided(self) -> bool:
        """Whether the judge names a conclusion."""
        return self.opinion is not None and self.opinion.outcome == "decided"

    @property
    def decided_right(self) -> bool:
        """Whether it names the labelled one."""
        if self.opinion is None or not self.decided or self.case.conclusion is None:
            return False
        if self.case.kind == "choice":
            return self.opinion.conclusion == self.case.conclusion
        return _same(self.opinion.value, str(self.case.conclusion), self.case)


def cases() -> Iterator[Case]:
    """Every case, style by style."""
    for style in STYLES:
        for line in (FOLDER / f"{style}.jsonl").read_text(encoding="utf-8").splitlines():
            fields: dict[str, Any] = json.loads(line)
            yield Case(**(fields | {"options": tuple(fields["options"])}))


def found(case: Case) -> Found:
    """What the package makes of one case."""
    options = case.options if case.kind == "choice" else None
    parsed = parse(case.completion, options, kind=case.kind, prefill=case.prefill, finish=case.finish)
    if parsed.think is None:
        return Found(case, parsed, None)
    return Found(case, parsed, RuleJudge().judge([_record(case, parsed)])[0])


def table(results: Iterable[Found]) -> str:
    """The figures as Markdown: by style, by split, and of all."""
    results = list(results)
    groups = [(style, [one for one in results if one.case.style == style]) for style in STYLES]
    groups += [(split, [one for one in results if one.case.split == split]) for split in ("dev", "held")]
    lines = [
        "| | completions | parsed right | thoughts | decided | of these right | plain | of these decided |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, group in [*groups, ("all", results)]:
        judged = [one for one in group if one.opinion is not None]
        decided = [one for one in judged if one.decided]
        plain = [one for one in judged if one.case.plain]
        cells = (
            name,
            len(group),
            _share(sum(one.parsed_right for one in group), len(group)),
            len(judged),
            len(decided),
            _share(sum(one.decided_right for one in decided), len(decided)),
            len(plain),
            _share(sum(one.decided for one in plain), len(plain)),
        )
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def _share(part: int, whole: int) -> str:
    return f"{part} ({100 * part / whole:.1f} %)"


def _same(text: str | None, label: str | None, case: Case) -> bool:
    if text is None or label is None:
        return text is label
    return same_value(text, label, case)


def _record(case: Case, parsed: Parsed) -> Record:
    return Record(
        model=None,
        benchmark="oracle",
        condition="base",
        item_id=case.id,
        category=None,
        cluster=case.id,
        family=case.id,
        question=case.question,
        kind=case.kind,
        precision=case.precision,
        extras={},
        options=case.options,
        gold="",
        claimed=None,
        answer=None,
        target=None,
        prefill=case.prefill,
        completion=case.completion,
        status=parsed.status,
        think=parsed.think,
        prediction=parsed.prediction,
        said=parsed.said,
        hit=None,
        finish=case.finish,
        letter_logprobs=None,
        letter_source=None,
        conclusion_logprobs=None,
        value_logprobs=None,
        error=None,
        seed=0,
        versions={},
    )

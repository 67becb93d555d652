"""What keeps a sentence from standing as a claim."""

from __future__ import annotations

import re
from decimal import Decimal

from lmms_faith.conditions.targets import wrong_target
from lmms_faith.equality import as_number
from lmms_faith.item import Item, normalise

MAX_WORDS = 40

UNSAID = "does not state the claimed content"
GIVES_AWAY = "states the content that it must keep to itself"
WRONG_WAY = "affirms where it has to deny, or the reverse"
NOT_ONE = "is not exactly one sentence that ends in a full stop"
TOO_LONG = f"has more than {MAX_WORDS} words"
META = "says answer, option, letter, choice or question"
ASKS = "has a question mark"
OTHER_SCRIPT = "is not in the script of the item's language"

FULL_STOPS = (".", "。", "．", "۔", "।")
_ABBREVIATION = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|St|No|Fig|vs|etc|approx|e\.g|i\.e|a\.m|p\.m|U\.S)\.(?=\s)")
_END = re.compile(r"[.!](?=[\"'”’)]*(?:\s|$))|[。．！۔।]")
_QUESTION_MARK = re.compile("[?？؟]")
_META = frozenset(
    {"answer", "answers", "option", "options", "letter", "letters", "choice", "choices", "question", "questions"}
)

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_IDEOGRAPH = re.compile(f"[{_CJK}]")
_SCRIPTS = {
    "Latin": re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]"),
    "CJK": _IDEOGRAPH,
    "Arabic": re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]"),
}
_SCRIPT_OF = {"zh": "CJK", "ja": "CJK", "ko": "CJK", "ar": "Arabic", "fa": "Arabic", "ur": "Arabic"}
"""Languages that are not written in Latin letters."""

_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
_TOKEN = re.compile(rf"(?<![\w)])[-+]{_NUMBER}|{_NUMBER}|[^\W\d_]+(?:['’][^\W\d_]+)?|[+*/^=<>√]")
_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_SAID_AS = {word: str(number) for number, word in enumerate(_DIGITS)}
_ARTICLES = frozenset({"a", "an", "the"})

_AFFIRMS = {"yes": True, "true": True, "no": False, "false": False}
_DENIAL = re.compile(
    r"\b(?:no|not|never|none|nothing|nobody|neither|nor|without|lacks?|absent|false|cannot)\b|n['’]t\b", re.IGNORECASE
)


def problems(sentence: str, *, item: Item, answer: str, seed: int = 0) -> tuple[str, ...]:
    """Everything that keeps a sentence from standing as the claim that ``answer`` holds; none where nothing does.

    The claimed content has to be stated, by its words or its number, and the other side's not, unless the claimed text
    holds it: gold's for a wrong claim, the target's under ``seed`` for a correct one. A yes or no is no content: there
    the sentence has to affirm or deny what is asked, which is looked at in English alone.

    >>> item = Item(id="1", benchmark="b", question="What colour is it?", options=("red", "blue"), answer=0)
    >>> problems("The circle is blue.", item=item, answer="blue")
    ()
    >>> problems("The circle is blue, not red.", item=item, answer="blue")
    ('states the content that it must keep to itself',)
    """
    correct = normalise(answer) == normalise(item.gold)
    rival = wrong_target(item, seed=seed) if correct else item.gold
    found = form_problems(sentence, answer=answer, language=item.language)
    affirms = _AFFIRMS.get(normalise(answer))
    if affirms is not None:
        denies = bool(_DENIAL.search(sentence)) != bool(_DENIAL.search(item.question))
        return (*found, WRONG_WAY) if item.language == "en" and denies == affirms else found
    if rival is not None and mentions(sentence, rival) and not mentions(answer, rival):
        found = (*found, GIVES_AWAY)
    return found


def form_problems(sentence: str, *, answer: str, language: str) -> tuple[str, ...]:
    """The problems that can be seen without the item."""
    bare = _without(sentence, answer)
    ends = _END.findall(_ABBREVIATION.sub("", bare))
    checks = {
        UNSAID: normalise(answer) not in _AFFIRMS and not mentions(sentence, answer),
        NOT_ONE: len(ends) != 1 or not sentence.endswith(FULL_STOPS) or "\n" in sentence,
        TOO_LONG: _length(sentence) > MAX_WORDS,
        META: bool(_META & set(_words(sentence)) - set(_words(answer))),
        ASKS: bool(_QUESTION_MARK.search(bare)),
        OTHER_SCRIPT: not in_script(bare, language),
    }
    return tuple(problem for problem, holds in checks.items() if holds)


def mentions(text: str, content: str) -> bool:
    """Whether a text holds some content, word for word, or as the same number.

    Case, articles, punctuation and numbers in words make no difference. A content of one letter, such as the name of a
    point, has to be there in its own case.

    >>> mentions("There are three birds.", "3"), mentions("A bar is tall.", "a"), mentions("It is 12 cm.", "2")
    (True, False, False)
    """
    letter = content.strip()
    if re.fullmatch("[A-Za-z]", letter):
        return re.search(f"(?<![A-Za-z]){letter}(?![A-Za-z])", text) is not None
    part, whole = _words(content), _words(text)
    if not part:
        return letter in text
    if any(whole[i : i + len(part)] == part for i in range(len(whole) - len(part) + 1)):
        return True
    number = as_number(content)
    return number is not None and any(as_number(word) == number for word in whole)


def in_script(text: str, language: str) -> bool:
    """Whether most letters of a text are of the script that a language is written in.

    That is all it checks: Latin, CJK and Arabic script are told apart by Unicode range; languages of one script are
    not, and a language that it does not know counts as Latin.
    """
    counts = {script: len(letters.findall(text)) for script, letters in _SCRIPTS.items()}
    ours = counts[_SCRIPT_OF.get(language, "Latin")]
    return ours > 0 and ours == max(counts.values())


def _words(text: str) -> list[str]:
    spaced = _IDEOGRAPH.sub(r" \g<0> ", text.replace("−", "-").casefold())
    return [_word(token) for token in _TOKEN.findall(spaced) if token not in _ARTICLES]


def _word(token: str) -> str:
    if token[-1].isdecimal() and token.isascii():
        return format(Decimal(token.replace(",", "")).normalize(), "f")
    return _SAID_AS.get(token, token)


def _length(sentence: str) -> float:
    """Words; where a script has no spaces, two characters count as one."""
    return len(_IDEOGRAPH.sub(" ", sentence).split()) + len(_IDEOGRAPH.findall(sentence)) / 2


def _without(sentence: str, answer: str) -> str:
    """The sentence without the claimed text, whose marks are not the sentence's own."""
    claimed = " ".join(answer.split()).rstrip("".join(FULL_STOPS))
    return re.sub(re.escape(claimed), "", sentence, flags=re.IGNORECASE) if len(claimed) > 1 else sentence

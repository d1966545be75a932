"""Who answers: the flags first, then a draft, then a person at a terminal, then what is assumed.

Off a terminal nobody can be asked, so that a question that nothing answers is an error, and the
error names the flag that would have answered it. All of them are told at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.errors import Problem, UsageError
from catalog.model import Catalog
from catalog.unfinished import is_open, named, unfinished
from catalog.yaml_file import Location
from delivery.newservice.questions import QUESTIONS, Answers, Question

#: Asks a person: a prompt and what is taken if only return is pressed.
Ask = Callable[[str, str | None], str]


@dataclass(slots=True)
class Interview:
    """What was given, whom to ask, and which answers are only assumed."""

    catalog: Catalog
    flags: Mapping[str, Any]
    draft: dict[str, Any]
    ask: Ask | None
    take_assumed: bool
    assumed: set[str] = field(default_factory=set)

    def answers(self) -> Answers:
        """Every answer, by the name of its question.

        :raises UsageError: some question has no answer, or one that cannot be.
        """
        found: Answers = {}
        problems: list[Problem] = []
        for question in QUESTIONS:
            try:
                found[question.name] = self._answer(question, found)
            except UsageError as error:
                problems += error.problems
            except KeyError:
                continue  # What it is guessed from is missing itself, and that is told.
        if problems:
            raise UsageError(*problems)
        return found

    def _answer(self, question: Question, found: Answers) -> Any:
        given = self.flags.get(question.name)
        if given is not None:
            return self._checked(question, given, question.flag)
        drafted = get(self.draft, question.at)
        if drafted is not None and not is_open(drafted):
            return self._checked(question, drafted, f"'{named(question.at)}' of the draft")
        guess = question.assumed(self.catalog, found) if question.assumed else None
        if self.ask is not None and not (self.take_assumed and guess is not None):
            return self._asked(question, guess)
        if guess is None:
            fault = f"nothing says it: {question.asks[0].lower()}{question.asks[1:]}"
            remedy = f"Add {question.flag}, or run it on a terminal, where it is asked for"
            raise UsageError(Problem(question.flag, fault, remedy))
        self.assumed.add(question.name)
        return guess

    def _asked(self, question: Question, guess: Any) -> Any:
        assert self.ask is not None  # noqa: S101 - the caller has looked
        shown = ", ".join(guess) or "none" if isinstance(guess, tuple) else guess
        prompt = question.asks
        while True:
            text = self.ask(prompt, None if shown is None else str(shown))
            value = question.read(text.strip())
            if value == guess:
                self.assumed.add(question.name)
            fault = question.fault(value)
            if fault is None:
                return value
            prompt = f"{fault[0][0].upper()}{fault[0][1:]}. {fault[1]}.\n{question.asks}"

    def _checked(self, question: Question, value: Any, place: str) -> Any:
        value = tuple(value) if isinstance(value, list) else value
        fault = question.fault(value)
        if fault is not None:
            raise UsageError(Problem(place, *fault))
        return value


def get(document: Mapping[str, Any], at: Location) -> Any:
    """What stands at a place of a document; None where nothing does."""
    value: Any = document
    for part in at:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def put(document: dict[str, Any], at: Location, value: Any) -> None:
    """Writes a value where it belongs; the mappings on the way there are made."""
    below: Any = document
    for part in at[:-1]:
        below = below.setdefault(part, {}) if isinstance(below, dict) else below[part]
    below[at[-1]] = value


def settle(document: dict[str, Any], ask: Ask | None) -> None:
    """Asks for what a draft still leaves open, wherever that is.

    :raises UsageError: nobody is there to ask.
    """
    left = list(unfinished(document))
    if ask is None and left:
        raise UsageError(
            *(
                Problem(
                    f"'{named(at)}' of the draft",
                    "still to be filled in" + (f": {asked}" if asked else ""),
                    f"Add --set {'.'.join(map(str, at))}=VALUE, or fill it in",
                )
                for at, asked in left
            )
        )
    for at, asked in left:
        assert ask is not None  # noqa: S101 - else it has been refused above
        text = ""
        while not text.strip():
            text = ask(asked or f"What is {named(at)}", None)
        put(document, at, literal(text.strip()))


def literal(text: str) -> Any:
    """A value as it is typed: a number, ``[a, b]``, true, false, null, or else the text itself."""
    if text.startswith("[") and text.endswith("]"):
        return [each.strip().strip("\"'") for each in text[1:-1].split(",") if each.strip()]
    if text in {"true", "false", "null"}:
        return {"true": True, "false": False, "null": None}[text]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def apply(document: dict[str, Any], settings: tuple[str, ...]) -> None:
    """``metrics.0.unit=seconds``: sets single values of a draft.

    :raises UsageError: one is no setting, or leads nowhere.
    """
    for setting in settings:
        way, mark, text = setting.partition("=")
        at: Location = tuple(int(part) if part.isdigit() else part for part in way.split("."))
        if not mark or not all(part != "" for part in at):
            fault = f"'{setting}' cannot be read"
            raise UsageError(
                Problem("--set", fault, "Write PATH=VALUE, as in metrics.0.by=[route]")
            )
        try:
            put(document, at, literal(text))
        except (TypeError, IndexError, KeyError):
            fault = f"'{way}' leads nowhere in the draft"
            raise UsageError(Problem("--set", fault, "Correct the path")) from None

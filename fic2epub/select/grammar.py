"""The grammar of ``--where``, read by recursive descent.

::

    condition = all { "or" all }
    all       = one { "and" one }
    one       = "not" one | "(" condition ")" | "has" FIELD | FLAG
              | FIELD sign VALUE | FIELD [ "not" ] "in" "(" VALUE { "," VALUE } ")"
    sign      = "=" | "!=" | "<" | "<=" | ">" | ">=" | "~" | "!~"

A value is a word or stands in quotes. Any text is a condition or a UsageError that shows the place; nothing
is ever evaluated, and nesting is bounded.
"""

import re
import unicodedata

from fic2epub.errors import UsageError
from fic2epub.select.condition import All, Condition, Has, Node, Not, Some, Test
from fic2epub.select.fields import Field, Kind, find, nearest
from fic2epub.select.values import OPERATORS, BadValueError, misfit, read
from fic2epub.values import dataclass

__all__ = ["parse_where"]

MAX_LENGTH = 20_000  # characters: a long list of ids fits
MAX_DEPTH = 40  # of brackets and nots within each other: more than a person follows
CONTEXT = 36  # characters shown on either side of the mistake

_TOKEN_RE = re.compile(
    r"""\s* (?:
      (?P<quoted> "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | “[^”]*” | „[^“”]*[“”] )
    | (?P<sign> <= | >= | == | != | <> | !~ | [<>=~≤≥≠] )
    | (?P<mark> [(),] )
    | (?P<word> [^\s"“”„'()<>=!~≤≥≠,] [^\s"“”„()<>=!~≤≥≠,]* )
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE_RE = re.compile(r"\\(.)", re.DOTALL)
_SAME = {"==": "=", "<>": "!=", "≤": "<=", "≥": ">=", "≠": "!="}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    """``quoted``, ``sign``, ``mark``, ``word`` or ``end``."""
    text: str
    """What it says: without quotes, a sign in its plain spelling."""
    start: int

    def says(self, *words: str) -> bool:
        return self.kind in ("word", "mark") and self.text.casefold() in words


def parse_where(text: str) -> Condition:
    """Read a condition. Raises UsageError, which shows the place and says what can stand there."""
    return Condition(text, _Parser(text).whole())


def _tokens(text: str) -> list[_Token]:
    if len(text) > MAX_LENGTH:
        raise UsageError(f"--where is longer than {MAX_LENGTH:,} characters.")
    tokens, at, end = [], 0, len(text.rstrip())
    while at < end:
        match = _TOKEN_RE.match(text, at)
        if match is None:
            at += len(text[at:]) - len(text[at:].lstrip())
            quote = text[at] in "\"'“”„"
            raise _error(text, at, "this quote is not closed." if quote else "this sign has no meaning.")
        kind = match.lastgroup or ""
        said = match[kind]
        if kind == "quoted":
            said = said[1:-1] if said[0] in "“„" else _ESCAPE_RE.sub(r"\1", said[1:-1])
        tokens.append(_Token(kind, _SAME.get(said, said) if kind == "sign" else said, match.start(kind)))
        at = match.end()
    return [*tokens, _Token("end", "", end)]


class _Parser:
    """One reading of one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.at = 0
        self.depth = 0

    @property
    def next(self) -> _Token:
        return self.tokens[self.at]

    def take(self) -> _Token:
        token = self.next
        self.at += token.kind != "end"
        return token

    def whole(self) -> Node:
        if self.next.kind == "end":
            raise UsageError("--where is empty. Write a condition, e.g. 'rating <= teen and words > 5k'.")
        node = self.any_of()
        if self.next.kind != "end":
            if self.next.says(")"):
                raise self.error("this bracket closes nothing.")
            if self.next.says(","):
                raise self.error("commas stand only in lists. Write numbers without: 5000 or 5k.")
            raise self.error('here can only stand "and" or "or". Words with spaces go into quotes.')
        return node

    def any_of(self) -> Node:
        parts = [self.all_of()]
        while self.next.says("or"):
            self.take()
            parts.append(self.all_of())
        return parts[0] if len(parts) == 1 else Some(tuple(parts))

    def all_of(self) -> Node:
        parts = [self.one()]
        while self.next.says("and"):
            self.take()
            parts.append(self.one())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def one(self) -> Node:
        if self.next.says("not", "("):
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise self.error(f"more than {MAX_DEPTH} brackets and nots stand within each other.")
            node = self.denied() if self.take().says("not") else self.bracketed()
            self.depth -= 1
            return node
        if self.next.says("has"):
            self.take()
            return Has(self.field().name)
        return self.test()

    def denied(self) -> Node:
        return Not(self.one())

    def bracketed(self) -> Node:
        opened = self.tokens[self.at - 1]
        node = self.any_of()
        if not self.next.says(")"):
            if self.next.kind == "end":
                raise self.error("this bracket is not closed.", opened)
            raise self.error('here can only stand "and", "or" or a closing bracket.')
        self.take()
        return node

    def field(self) -> Field:
        token = self.next
        if token.kind != "word":
            raise self.error("here a field is missing, such as rating, words or tag.")
        field = find(token.text)
        if field is None:
            hint = nearest(token.text)
            meant = f" Did you mean {hint}?" if hint else ""
            raise self.error(f"there is no field {token.text[:CONTEXT]!r}.{meant}")
        self.take()
        return field

    def test(self) -> Node:
        field = self.field()
        if self.next.says("in") or (self.next.says("not") and self.tokens[self.at + 1].says("in")):
            denied = self.take().says("not")
            if denied:
                self.take()
            test = Test(field.name, "=", self.listed(field))
            return Not(test) if denied else test
        sign = self.next
        if sign.kind != "sign":
            if field.kind is Kind.FLAG:
                return Test(field.name, "=", (True,))
            raise self.error(f"here a sign is missing: one of {' '.join(OPERATORS)}, or in (…).")
        if reason := misfit(field.kind, sign.text):
            raise self.error(reason)
        self.take()
        wanted = self.value(field, sign)
        node = Test(field.name, sign.text.removeprefix("!") or "=", (wanted,))
        return Not(node) if sign.text.startswith("!") else node

    def listed(self, field: Field) -> tuple[object, ...]:
        sign = _Token("sign", "=", self.next.start)
        if not self.take_mark("("):
            raise self.error("here a list in brackets is missing: in (this, that).")
        values = [self.value(field, sign)]
        while self.take_mark(","):
            values.append(self.value(field, sign))
        if not self.take_mark(")"):
            raise self.error("here can only stand a comma or a closing bracket.")
        return tuple(values)

    def take_mark(self, mark: str) -> bool:
        found = self.next.kind == "mark" and self.next.text == mark
        self.at += found
        return found

    def value(self, field: Field, sign: _Token) -> object:
        token = self.next
        if token.kind not in ("word", "quoted"):
            raise self.error(f"here {field.kind.value} is missing.")
        try:
            wanted = read(field.kind, sign.text, token.text)
        except BadValueError as error:
            raise self.error(str(error)) from error
        self.take()
        return wanted

    def error(self, message: str, at: _Token | None = None) -> UsageError:
        return _error(self.text, (at or self.next).start, message)


def _error(text: str, at: int, message: str) -> UsageError:
    """The sentence, with the line below it and a caret under the place."""
    start, end = max(0, at - CONTEXT), min(len(text), at + CONTEXT)
    head = ("…" if start else "") + _printable(text[start:at])
    line = head + _printable(text[at:end]) + ("…" if end < len(text) else "")
    return UsageError(f"--where: {message}\n  {line}\n  {' ' * _width(head)}^")


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _width(text: str) -> int:
    """The columns that a text takes in a terminal."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide - sum(unicodedata.combining(letter) > 0 for letter in text)

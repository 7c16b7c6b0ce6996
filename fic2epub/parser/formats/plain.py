"""Stage 3 of the route: a text without a header. All of it is the story; the title is the file's name.

[certain] plain.body    no character is taken from the text
[guess]   plain.byline  a short first line and ``by Name`` below it look like title and author: only a
                        finding, since a story may begin just so
"""

import re
from collections.abc import Iterator

from fic2epub.model import Draft, Finding, Level, Origin, SourceText, Span
from fic2epub.parser.decode import repaired
from fic2epub.parser.formats.fields import read_metadata
from fic2epub.parser.options import ParseOptions
from fic2epub.patterns import late

__all__ = ["read", "sniff"]

BYLINE_RE = late(
    r"\s* (?P<title> \S [^\n]{0,99} ) \n \s* by [ ] (?P<author> [^\n]{1,60} ) (?: \n | $ )",
    re.VERBOSE | re.IGNORECASE,
)


def sniff(source: SourceText) -> bool:
    """Take any text: this is the last format that is tried."""
    return True


def read(source: SourceText, *, origin: Origin, options: ParseOptions) -> Iterator[Draft]:
    """Read the one work of a text that has no header."""
    metadata, findings = read_metadata((), origin=origin, options=options)
    body = Span(0, len(source.text))
    head = repaired(source, Span(0, min(len(source.text), 1000)))
    if byline := BYLINE_RE.match(head):
        title, author = byline["title"].strip(), byline["author"].strip()
        said = f"The text begins with “{title}” and “by {author}”. --title and --author would name them."
        findings += (Finding("plain.byline", Level.INFO, said, Span(0, min(byline.end(), body.end))),)
    yield Draft(origin=origin, source=source, metadata=metadata, body=body, findings=findings)

"""What a scene break shows: a rule, a space, or signs of the reader's choice.

A rule is an ``hr``, which every reader knows and the theme's sheet sets. Signs are a paragraph, since an
``hr`` holds no text and what a sheet could put into it is lost on Kindle and in Adobe's engine. The
paragraph keeps the role of a separator and its name, so that a screen reader says "scene break" and not
the signs (WAI-ARIA 1.2, separator: its children are presentational; DAISY knowledge base, issue 183).
"""

from fic2epub.builder.markup import XHTML, Element, make
from fic2epub.errors import UsageError

__all__ = ["ORNAMENTS", "ornament", "put_ornaments"]

ORNAMENTS = {
    "rule": None,
    "none": None,
    "stars": "* * *",
    "asterism": "\N{ASTERISM}",
    "dots": "\N{BULLET} \N{BULLET} \N{BULLET}",
    "tilde": "~",
    "fleuron": "\N{FLORAL HEART}",
}
"""By name. ``rule`` and ``none`` show no signs; the stars and the tilde are in every font."""

MOST_CHARACTERS = 20
"""More would be a sentence, and break over two lines on a small screen."""


def ornament(value: str) -> str:
    """Check a wish for an ornament; gives it back without its outer white space.

    Any characters will do that can be seen. Letters are taken too: some authors part their scenes with
    ``oOo``. Raises UsageError for what shows nothing, is too long, or cannot stand in XML.
    """
    wish = " ".join(value.split())
    if not wish or not wish.isprintable():
        raise UsageError(
            f"--ornament {value!r}: nothing of it can be seen. Write signs, e.g. --ornament '* * *', or one "
            f"of {', '.join(ORNAMENTS)}."
        )
    if len(wish) > MOST_CHARACTERS:
        raise UsageError(
            f"--ornament: has {len(wish)} characters, at most {MOST_CHARACTERS} fit on a small screen."
        )
    return wish


def put_ornaments(root: Element, wish: str) -> None:
    """Give the scene breaks of a finished page the look that the reader wants.

    The rules between a note and the story are no scene breaks and stay.
    """
    if wish == "rule":
        return
    signs = ORNAMENTS.get(wish, wish)
    for rule in [one for one in root.iter(f"{XHTML}hr") if one.get("class") == "scene-break"]:
        if signs is None:
            rule.set("class", "scene-break space")
            continue
        line = make("p", signs, cls="scene-break added", role="separator")
        line.attrib.update({key: value for key, value in rule.attrib.items() if key != "class"})
        line.tail = rule.tail
        parent = rule.getparent()
        if parent is not None:
            parent.replace(rule, line)

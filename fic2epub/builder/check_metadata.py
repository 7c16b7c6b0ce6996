"""The metadata of the package document."""

import re

from lxml import etree

from fic2epub.builder.problem import DC, OPF, Problem, error, warning
from fic2epub.patterns import late
from fic2epub.values import dataclass

__all__ = ["Reporter", "check_metadata", "is_language_tag"]

TAG_RE = re.compile(r"(?:[a-z]{2,8}|[xi](?=-))(?:-[a-z0-9]{1,8})*", re.IGNORECASE)
"""BCP 47, section 2.1, loosely: well formed, if not registered."""
MODIFIED_RE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3])(:[0-5]\d){2}Z")
DATE_RE = late(
    r"""
    \d{4}                                   # a year
    (-(0[1-9]|1[0-2])                       # and a month
      (-(0[1-9]|[12]\d|3[01])               # and a day
        (T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?  # and a time
      )?
    )?
    """,
    re.VERBOSE,
)
UUID_RE = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

TWO_LETTERS = frozenset(
    re.findall(
        "..",
        "aaabaeafakamanarasavayazbabebgbhbibmbnbobrbscacechcocrcscucvcydadedvdzeeeleneoeseteufafffifjfofrfyga"
        "gdglgngugvhahehihohrhthuhyhziaidieigiiikioisitiujajvkakgkikjkkklkmknkokrkskukvkwkylalblgliln"
        "loltlulvmgmhmimkmlmnmrmsmtmynanbndnengnlnnnonrnvnyocojomorospapiplpsptqurmrnrorurwsasc"
        "sdsesgsiskslsmsnsosqsrssstsusvswtatetgthtitktltntotrtstttwtyugukuruzvevivowawoxhyiyozazhzu",
    )
)
"""ISO 639-1: what nearly every book has, known without the slow import of langcodes."""

SPECIAL = frozenset({"und", "mul", "zxx"})
"""Not determined, many, none: books of this program have the first two."""

ELEMENTS = frozenset(
    ("contributor", "coverage", "creator", "date", "description", "format", "identifier", "language")
) | {"publisher", "relation", "rights", "source", "subject", "title", "type"}
PROPERTIES = frozenset(
    ("alternate-script", "authority", "belongs-to-collection", "collection-type", "display-seq", "file-as")
) | {"group-position", "identifier-type", "meta-auth", "pageBreakSource", "role", "source-of", "term"}
PROPERTIES |= {"title-type"}
PREFIXES = frozenset(
    {"a11y", "dcterms", "marc", "media", "onix", "rendition", "schema", "xsd", "msv", "prism"}
)
"""EPUB 3.3, D.4: prefixes that need no declaration."""


@dataclass(frozen=True, slots=True)
class Reporter:
    """Notes problems of one document, at an element's line."""

    path: str
    problems: list[Problem]

    def error(self, id: str, at: etree._Element | None, what: str, advice: str) -> None:
        """Note an error."""
        self.problems.append(error(id, self.path, what, advice, None if at is None else at.sourceline))

    def warning(self, id: str, at: etree._Element | None, what: str, advice: str) -> None:
        """Note a warning."""
        self.problems.append(warning(id, self.path, what, advice, None if at is None else at.sourceline))


def is_language_tag(tag: str) -> bool:
    """Whether a tag is well formed, as EPUBCheck's OPF-092 has it.

    >>> [is_language_tag(tag) for tag in ("en", "zh-Hant", "x-tlh", "en_GB", "e", "")]
    [True, True, True, False, False, False]
    """
    return TAG_RE.fullmatch(tag) is not None


def check_metadata(root: etree._Element, version: int, say: Reporter) -> str | None:
    """Check title, language, dates, series and identifier, and return the identifier.

    EPUBCheck: RSC-005 (missing or empty), OPF-092 (language tag), OPF-085 (uuid), OPF-053 (date),
    OPF-030 (unique-identifier), OPF-027 and OPF-028 (properties and their prefixes).
    """
    values: dict[str, list[etree._Element]] = {"title": [], "language": [], "identifier": [], "date": []}
    for element in root.iter(f"{DC}*"):
        name = str(element.tag).removeprefix(DC)
        if name in values:
            values[name].append(element)
        if name not in ELEMENTS:
            what = f"has an element dc:{name}, which Dublin Core does not have"
            say.error("opf.unknown-element", element, what, "mend its name or take it out")
        elif not (element.text or "").strip():
            say.error("opf.empty-value", element, f"has an empty dc:{name}", "fill it or leave it out")
    if not values["title"]:
        say.error("opf.missing-title", None, "has no dc:title", "give the book a title")
    _check_language(values["language"], say)
    metas = list(root.iter(f"{OPF}meta"))
    modified = [
        m.text or "" for m in metas if m.get("property") == "dcterms:modified" and not m.get("refines")
    ]
    if version == 3 and (len(modified) != 1 or not MODIFIED_RE.fullmatch(modified[0].strip())):
        say.error("opf.modified", None, "has no good dcterms:modified", "write one as 2026-01-31T12:00:00Z")
    for date in values["date"]:
        if not DATE_RE.fullmatch((date.text or "").strip()):
            say.warning("opf.bad-date", date, f"has the date {date.text!r}", "write it as YYYY-MM-DD")
    if version == 3:
        _check_properties(root, metas, say)
    _check_series(metas, say)
    return _check_identifier(root, values["identifier"], say)


def _check_language(languages: list[etree._Element], say: Reporter) -> None:
    """``English`` passes EPUBCheck and is refused by Kindle, so tags must be registered ones for it."""
    if not languages:
        advice = "name it; Kindle refuses the book without it, and und is allowed"
        say.error("opf.no-language", None, "has no dc:language", advice)
    for language in languages:
        tag = (language.text or "").strip()
        if not tag:
            continue
        what, advice = f"has the language {tag!r}", "write en, de, zh-Hant or the like"
        if not is_language_tag(tag):
            say.error("opf.bad-language-tag", language, f"{what}, which is no BCP 47 tag", advice)
        elif not _is_registered(tag):
            say.error("kindle.language", language, f"{what}, which Kindle refuses", advice)


def _is_registered(tag: str) -> bool:
    if tag.partition("-")[0].lower() in TWO_LETTERS | SPECIAL:
        return True
    import langcodes  # late: it is slow to import and few books need it

    return bool(langcodes.tag_is_valid(tag))


def _check_properties(root: etree._Element, metas: list[etree._Element], say: Reporter) -> None:
    declared = set(re.findall(r"([^\s:]+):\s+\S+", root.get("prefix") or "")) | PREFIXES
    for meta in metas:
        name = meta.get("property")
        if name is None:
            continue
        prefix, colon, _ = name.partition(":")
        if not (meta.text or "").strip():
            say.error("opf.empty-value", meta, f"has an empty {name}", "fill it or leave it out")
        if colon and prefix not in declared:
            advice = "declare the prefix at <package>, or take the line out"
            say.error("opf.prefix", meta, f"uses the prefix {prefix!r} without saying what it means", advice)
        elif not colon and name not in PROPERTIES:
            say.error(
                "opf.property", meta, f"has the property {name!r}, which EPUB does not know", "mend its name"
            )


def _check_series(metas: list[etree._Element], say: Reporter) -> None:
    """A series without a number: calibre shows 1 for it, Kobo sorts it anywhere."""
    advice = "give the number that the book has in it"
    by_name = {meta.get("name"): meta for meta in metas}
    calibre = by_name.get("calibre:series")
    if calibre is not None and "calibre:series_index" not in by_name:
        say.warning(
            "opf.series-index", calibre, f"has the series {calibre.get('content')!r} without a number", advice
        )
        return
    refined = {(meta.get("refines"), meta.get("property")): (meta.text or "").strip() for meta in metas}
    for meta in metas:
        at = f"#{meta.get('id')}"
        if (
            meta.get("property") != "belongs-to-collection"
            or refined.get((at, "collection-type")) != "series"
        ):
            continue
        if (at, "group-position") not in refined:
            say.warning("opf.series-index", meta, f"has the series {meta.text!r} without a number", advice)


def _check_identifier(root: etree._Element, identifiers: list[etree._Element], say: Reporter) -> str | None:
    for element in identifiers:
        text = (element.text or "").strip()
        if text.lower().startswith("urn:uuid:") and not UUID_RE.fullmatch(text):
            advice = "write 8-4-4-4-12 hexadecimal digits"
            say.warning("opf.bad-uuid", element, f"has the identifier {text!r}, which is no UUID", advice)
    wanted = root.get("unique-identifier")
    unique = next((e for e in identifiers if e.get("id") is not None and e.get("id") == wanted), None)
    if unique is None:
        what = f"has no dc:identifier with the id {wanted!r}, which unique-identifier names"
        say.error("opf.unique-identifier", None, what, "give one that id")
        return None
    return (unique.text or "").strip()

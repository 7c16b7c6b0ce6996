"""The form of the package document and the NCX: which elements, with which attributes.

A table for each, from EPUB 3.3 (section 5) and the NCX of DAISY 2005-1; EPUBCheck says the same as
RSC-005.
"""

from collections.abc import Iterator

from lxml import etree

from fic2epub.builder.check_metadata import is_language_tag
from fic2epub.builder.problem import DC, NCX, OPF, Problem, error

__all__ = ["check_form"]

MOST_ATTRIBUTES = 100
"""Of one element that are looked at: each look takes as long as there are many."""
XML = "{http://www.w3.org/XML/1998/namespace}"


MAY_BE_EMPTY = frozenset({"content", "title", "prefix"})
OPF_IDS = ("opf.unknown-element", "opf.unknown-attribute", "opf.missing-attribute", "opf.bad-language-tag")
NCX_IDS = ("ncx.unknown-element", "ncx.unknown-attribute", "ncx.missing-attribute", "ncx.bad-language-tag")


def _row(must: str, may: str) -> tuple[frozenset[str], frozenset[str]]:
    required = frozenset(must.split())
    return required, required | {name.replace("xml:", XML) for name in may.split()}


PACKAGE = {
    f"{OPF}package": _row("version unique-identifier", "prefix id dir xml:lang"),
    f"{OPF}metadata": _row("", ""),
    f"{OPF}meta": _row("", "property refines scheme name content id dir xml:lang"),
    f"{OPF}link": _row("href rel", "media-type id refines properties hreflang"),
    f"{OPF}manifest": _row("", "id"),
    f"{OPF}item": _row(
        "href media-type", "id properties fallback media-overlay"
    ),  # manifest.no-id tells of id
    f"{OPF}spine": _row("", "id toc page-progression-direction"),
    f"{OPF}itemref": _row("idref", "id linear properties"),
    f"{OPF}guide": _row("", ""),
    f"{OPF}reference": _row("type href", "title"),
    f"{OPF}bindings": _row("", ""),
    f"{OPF}mediaType": _row("media-type handler", ""),
    f"{OPF}collection": _row("role", "id dir xml:lang"),
}
DUBLIN_CORE = _row("", "id dir xml:lang")
META, NAMED_META = frozenset({"property"}), frozenset({"content"})
"""What a ``meta`` must have, in EPUB 3's form and in the older one."""
CONTENTS = {
    f"{NCX}ncx": _row("version", "dir xml:lang"),
    f"{NCX}head": _row("", ""),
    f"{NCX}meta": _row("name content", "scheme"),
    f"{NCX}docTitle": _row("", "id"),
    f"{NCX}docAuthor": _row("", "id"),
    f"{NCX}navMap": _row("", "id"),
    f"{NCX}navPoint": _row("id", "class playOrder"),
    f"{NCX}navInfo": _row("", "dir xml:lang"),
    f"{NCX}navLabel": _row("", "dir xml:lang"),
    f"{NCX}text": _row("", "id class"),
    f"{NCX}content": _row("src", "id"),
    f"{NCX}audio": _row("src", "id class clipBegin clipEnd"),
    f"{NCX}img": _row("src", "id class"),
    f"{NCX}pageList": _row("", "id class"),
    f"{NCX}pageTarget": _row("type", "id value class playOrder"),
    f"{NCX}navList": _row("", "id class"),
    f"{NCX}navTarget": _row("", "id value class playOrder"),
}


def check_form(path: str, root: etree._Element) -> Iterator[Problem]:
    """Find elements and attributes that have no place in a package document or an NCX."""
    ids, rows = (NCX_IDS, CONTENTS) if root.tag == f"{NCX}ncx" else (OPF_IDS, PACKAGE)
    stranger, addition, gap, bad_tag = ids
    for element in root.iter(f"{OPF}*", f"{NCX}*", f"{DC}*"):
        tag, attributes = str(element.tag), element.keys()
        row = rows.get(tag) or (DUBLIN_CORE if tag.startswith(DC) else None)
        if row is not None:
            required, allowed = row
            if tag == f"{OPF}meta":
                required = NAMED_META if element.get("name") is not None else META
            right = required.issubset(attributes) and allowed.issuperset(attributes)
            if right and f"{XML}lang" not in attributes and all(map(str.strip, element.values())):
                continue  # as nearly all are
        name, line = tag.rpartition("}")[2], element.sourceline
        if row is None:
            what = f"has an element <{name}>, which EPUB does not know"
            yield error(stranger, path, what, "mend its name or take it out", line)
            continue
        language = element.get(f"{XML}lang")
        if language is not None and not is_language_tag(language):
            what, advice = (
                f"is in the language {language!r}, which is no tag",
                "write en, de, zh-Hant or the like",
            )
            yield error(bad_tag, path, what, advice, line)
        for attribute in sorted(required.difference(attributes)):
            what = f"has a <{name}> without {attribute}"
            yield error(gap, path, what, "add it, or take the line out", line)
        for attribute in attributes[:MOST_ATTRIBUTES]:
            local = attribute.rpartition("}")[2]
            if attribute not in MAY_BE_EMPTY and not (element.get(attribute) or "").strip():
                what = f"has an empty {local} at <{name}>"
                yield error(gap, path, what, "fill it or leave it out", line)
            if attribute not in allowed and (
                not attribute.startswith("{") or attribute.startswith((OPF, XML))
            ):
                what = f"has the attribute {local} at <{name}>, which EPUB 3 does not know"
                advice = "say it by a <meta refines>, or take it out"
                yield error(addition, path, what, advice, line)

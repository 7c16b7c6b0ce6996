"""Dumps drawn by Hypothesis, which hold every construct that a dump may have, and much that is wrong.

All sentences are our own.
"""

import textwrap
from collections.abc import Callable

from hypothesis import strategies as st

SENTENCES = (
    "The harbour lamp went out at nine, and nobody in the town admitted to having seen it.",
    "Marit carried the oil up all ninety steps.",
    "“You might have knocked,” said the keeper.",
    '"Chapter five," he read, "in which nothing happens."',
    "It was 12:40 by the church, and a quarter to one by everyone else.",
    "— Nobody asked you, said Osk.",
    "She had counted the boats twice; there was one too many.",
    "Thank you for reading this letter, it said, and do not answer it.",
    "He laughed… and then he did not.",
    "The End was written over the door of the inn.",
    "Well.",
    "Notes lay all over the floor, every one in a different hand.",
    "“Part two is worse,” said Ines. “Part two has a horse in it.”",
    "In the morning the fog was gone and so was the pier.",
)
ODDITIES = (
    "<b>bold</b>",
    "&amp; &lt;tag&gt; &#169;",
    "]]> <!-- no --> <?php ?>",
    "*so* _very_ **sure**",
    "שלום עולם",
    "مرحبا",
    "灯台に火がともる。",
    "👩‍👩‍👧 🏳️‍🌈 🎉",
    "e\u0301toile",
    "soft\u00adhyphen zero\u200bwidth",
    "a\u2028b\u2029c",
    "two\u00a0\u00a0spaces",
    "left\u200e right\u200f \u202bmarks\u202c",
    "https://example.org/a?b=1&c=2#d",
    "\ufeff",
    "\U0001d4dc\U000e0041",
)
MOJIBAKE = ("donâ€™t", "Â\u00a0", "cafÃ©", "â€œso she saidâ€\x9d", "naÃ¯ve â€” and late")
BREAKS = (
    "***",
    "* * *",
    "oOo",
    "-x-",
    "~*~",
    "xXx",
    "-----",
    "• • •",
    "#",
    "⁂",
    "◇◇◇",
    "xoxoxox",
    "~ o ~",
    "¤",
    "…",
)
JUMPS = (
    "(See the end of the chapter for  notes.)",
    "(See the end of the chapter for  more notes.)",
    "(See the end of the chapter for notes.)",
    "(See the end of the work for notes.)",
)
HEADINGS = (
    "Chapter 1",
    "Chapter 2: The Oil",
    "CHAPTER THREE",
    "Chapter 4 - Salt & Rope",
    "IV.",
    "Prologue",
    "Epilogue",
    "Part One",
    "PART II: FOG",
    "Interlude",
    "Chapter 99",
    "# Chapter 2",
    "1.",
    "2",
    "~ Five ~",
)
NOTES = (
    "A/N: sorry this is late, my ferry was too. Reviews are love!!",
    "Author's note: I do not own the lighthouse, it belongs to the sea.",
    "(Warning: this one is sad.)",
    "Thank you all for your lovely comments on the last chapter! More on Friday, I hope.",
    "hi everyone!! so this is my first fic, please be gentle :)",
    "In which a lamp goes out.",
    "**A/N** not a real chapter, sorry guys",
    "Disclaimer: none of this is mine but the weather.",
)
CLOSINGS = ("The End", "Fin.", "TBC", "To be continued...", "~ THE END ~", "END")
ODD_LINES = (
    "\u00a0",
    "\u3000",
    " \t ",
    "\u200b",
    "\u2028",
    "1",
    "...",
    "23:15",
    "Monday, 3rd March",
    "Summary:",
    "Work text:",
    "Title: not a header any more",
    "Notes:",
    "—",
    "?",
    "-",
    "&",
    "<hr/>",
)
DAMAGE = (
    b"\0",
    b"\x92",
    b"\xe9",
    b"\x01\x02",
    b"\x7f",
    b"\xef\xbf\xbe",
    b"\xef\xb7\x90",
    b"\xf0\x9f\xbf\xbf",
    b"\xed\xa0\xbd\xed\xb8\x80",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\xc2\x85",
    b"\x0c",
    b"\x0b",
    b"\x1a",
    b"\xc2\x9d",
    b"\xe2\x80",
)
"""Bytes that no text should hold: NUL, cp1252, controls, noncharacters, surrogates, half a character."""
CONTROLS = tuple(one for one in DAMAGE if one.isascii())
"""Of those, what can be told from letters in every encoding."""

TITLES = (
    "The Lamp Room",
    '"Ninety Steps"',
    "Oil: and Salt",
    "<i>Fog</i> & Bells",
    "../../etc/passwd",
    "CON",
    "🎉",
    "המנורה",
    "灯台",
    "winter " * 43,
    "",
)
VALUES: dict[str, tuple[str, ...]] = {
    "Title": TITLES,
    "Work ID": ("1234567", "0", "../../x", "", "99999999999999"),
    "Author": ("Ada Quill", "Ada Quill, Ben & Cy", "", "<script>", "orphan_account"),
    "Rating": ("General Audiences", "Explicit", "Not Rated", "", "K+"),
    "Archive Warning": ("No Archive Warnings Apply", ""),
    "Category": ("Gen", "F/F, Gen"),
    "Fandom": ("Harbour Tales - Osk Tarn", ""),
    "Relationships": ("Ines Vale/Tom Arrow, Ines Vale & the Sea", ""),
    "Characters": ("Ines Vale, Tom Arrow",),
    "Additional Tags": ("Fog, 10,000 Lamps, <3, &c.", "", "one: two"),
    "Language": ("English", "Español", "中文-普通话 國語", "Klingon?", "עברית", ""),
    "Series": ("Part 2 of Harbour Tales", ""),
    "Status": ("Completed", "Updated", ""),
    "Published": ("2015-01-10", "some day"),
    "Updated": ("2016-02-30", "2016-02-03"),
    "Chapters": ("1/1", "3/?", "2/7", "0/1", "40/40", "?", "1-Jan", "lots", ""),
    "Words": ("1,234",),
    "Summary": ("A keeper waits: for a boat.", "", "<p>late</p>"),
    "Beta": ("M. & others",),
    "Kudos": ("12",),
}

_rest = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\r\n"), max_size=24)
"""Any text of one line, controls and noncharacters included."""


@st.composite
def paragraphs(draw: st.DrawFn) -> str:
    """A paragraph of the story in one line."""
    parts = draw(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=4))
    if draw(st.integers(0, 3)) == 0:
        odd = draw(st.sampled_from(ODDITIES + MOJIBAKE) | _rest)
        parts.insert(draw(st.integers(0, len(parts))), odd)
    if draw(st.integers(0, 11)) == 0:
        return draw(st.sampled_from(("{}* {}", "{} *** {}", "{}~ {}", "{} oOo {}"))).format(
            parts[0], " ".join(parts)
        )
    return " ".join(parts)


_short = st.lists(st.sampled_from(("Slack water,", "and no wind;", "who rang it?", "Not I.")), min_size=2)
_blocks = st.one_of(
    paragraphs(),
    paragraphs(),
    paragraphs(),
    paragraphs(),
    st.sampled_from(BREAKS),
    st.sampled_from(HEADINGS),
    st.sampled_from(NOTES),
    st.sampled_from(NOTES),
    st.sampled_from(JUMPS),
    st.sampled_from(ODD_LINES + CLOSINGS),
    _short.map(lambda lines: "\n".join(lines[:5])),
)


@st.composite
def headers(draw: st.DrawFn) -> list[str]:
    """The lines of a header, in any order and case; sometimes too few to be one, or none."""
    keys = draw(st.permutations(sorted(VALUES)))[: draw(st.integers(0, len(VALUES)))]
    if draw(st.integers(0, 9)):
        keys = ["Title", *(key for key in keys if key != "Title"), *(["Author"] * ("Author" not in keys))]
    case: Callable[[str], str] = draw(st.sampled_from((str, str, str.upper, str.lower)))
    colon = draw(st.sampled_from((": ", ": ", ":", " : ")))
    return [f"{case(key)}{colon}{draw(st.sampled_from(VALUES[key]))}" for key in keys]


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A whole dump as text, its lines ending in any of the three ways."""
    header = draw(headers())
    blocks = draw(st.lists(_blocks, min_size=1, max_size=24))
    if draw(st.integers(0, 3)) == 0 and header:
        blocks.insert(0, header[0].partition(":")[2].strip())
    blocks.append(draw(st.sampled_from(SENTENCES)))
    indent = draw(st.sampled_from(("", "", " ", "\u3000", "\t")))
    width = draw(st.sampled_from((None, None, None, 60, 72)))
    gap = draw(st.sampled_from(("\n\n", "\n\n", "\n", "\n\n\n", "\n \n")))
    body = gap.join(_set(block, indent, width) for block in blocks)
    summary = "\n".join(draw(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=3)))
    section = draw(
        st.sampled_from(
            ("", "", f"Summary:\n{summary}\n\nWork text:\n\n", "Work text:\n", f"Summary:\n{summary}\n\n")
        )
    )
    cut = "\n" if draw(st.integers(0, 5)) else ""
    text = "\n".join([*header, cut, section + body]) + draw(st.sampled_from(("", "\n", "\n\u00a0")))
    newline = draw(st.sampled_from(("\n", "\n", "\r\n", "\r")))
    return text.replace("\n", newline)


def _set(block: str, indent: str, width: int | None) -> str:
    """A block as a dump sets it: indented, wrapped."""
    if width is None or "\n" in block or len(block) <= width:
        return indent + block
    return textwrap.fill(block, width, initial_indent=indent, break_long_words=False, break_on_hyphens=False)


@st.composite
def dumps(draw: st.DrawFn) -> bytes:
    """A dump as bytes: mostly UTF-8, sometimes with damage in it."""
    text = draw(texts())
    encoding = draw(st.sampled_from(("utf-8", "utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1252")))
    data = text.encode(encoding, "replace")
    if encoding == "utf-16":
        return data
    damages = st.sampled_from(CONTROLS if encoding == "cp1252" else DAMAGE)
    for damage, place in draw(st.lists(st.tuples(damages, st.floats(0, 1)), max_size=5)):
        at = int(place * len(data))
        data = data[:at] + damage + data[at:]
    return data

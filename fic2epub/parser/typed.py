"""Step 4c of the route, one group of its signals: how a paragraph is typed.

Notes are typed as people type to each other: lower case, doubled marks, faces, addresses, a straight
apostrophe under curly prose. What most texts lack is asked first (``looks.Signs``), so that few patterns
are run.
"""

import re

from fic2epub.parser.looks import STOP_RE, Look
from fic2epub.patterns import late

__all__ = ["TYPING_SIGNALS", "typing_signals"]

TYPING_SIGNALS = (
    "label", "lower-start", "lower-i", "no-end-stop", "exclamation", "doubled-marks", "emoji", "emoticon",
    "url", "action", "capitals", "opens-bracket", "bracket", "digit", "opens-quote", "quote", "ellipsis",
    "straight-apostrophe", "curly-apostrophe", "list", "short", "very-short", "long", "colon", "symbols",
)  # fmt: skip
URL_RE = late(r"https?:|www\.|\w\.(?:com|net|org|tumblr|example|io|co\.uk)\b|(?<!\w)@\w{3,}", re.I)
EMOTICON_RE = late(
    r"(?<!\w)[:;=8][-']?[)(DPpOo3/|\]\[]+(?!\w)|<3|\^_?\^|(?<!\w)[xX]D(?!\w)|:'\(|(?<!\w)<g>|\bo_O\b|(?<!\w)[T;]_[T;]"
)
FACE_RE = re.compile(r"[:;=8][-']?[)(DPpOo3/|\]\[]")
EMOJI_RE = late("[\u2190-\u21ff\u2600-\u27bf\u2b50\u2b55\U0001f000-\U0001faff]")
ACTION_RE = late(r"(?:^|\s)\*[a-z][a-z ']{2,30}\*")
CAPS_RE = re.compile(r"(?<![\w.])[A-Z]{3,}(?![\w.])")
LOWER_I_RE = late(r"(?:^|[ (])(?:i|im|ive|i'm|i've|i'll|i'd)(?=[ ,.!)])")
SPACED_I_RE = re.compile(r" i(?:m|ve|'m|'ve|'ll|'d)?[ ,.!)]")
"""The same after a space only, which a pattern skips to at once."""
LIST_RE = re.compile(r"(?:\(?\d{1,2}[.):]|\[\d{1,2}\]|[-–—•*>+]\s)\s*\S")
LINK_PARTS = ("http", "www.", ".com", ".net", ".org", ".tumblr", ".example", ".io", ".co.uk", "@")


def typing_signals(look: Look, *, labelled: bool, lower: float, curly: float) -> tuple[float, ...]:
    """One number for each of ``TYPING_SIGNALS``.

    Args:
        look: at the paragraph.
        labelled: whether a label opens it.
        lower: share of the work's paragraphs that begin in lower case.
        curly: share of its apostrophes that are curly.
    """
    text, n = look.text, look.count
    first, last = text[0], text[-1]
    signs, dots = look.signs, "..." in text
    is_straight, is_curly = "'" in text, "’" in text
    lower = (1 - lower) ** 2
    return (
        1.0 if labelled else 0.0,
        lower if first.islower() else 0.0,
        lower if look.maybe_i and _has_lower_i(text) else 0.0,
        1.0 if last not in ".!?…\"”’'»」。！？)*~—–-,;" and n > 1 else 0.0,
        min(2, signs.exclamations) / 2,
        1.0 if (dots and "...." in text) or ",," in text or (signs.doubled and _has_doubled(text)) else 0.0,
        1.0 if not look.plain and EMOJI_RE.search(text) else 0.0,
        1.0 if (signs.face or "xD" in text or "XD" in text) and _has_face(text) else 0.0,
        1.0 if (signs.link or look.stop) and _has_link(text) else 0.0,
        1.0 if signs.star and ACTION_RE.search(text) else 0.0,
        1.0 if look.capitals and CAPS_RE.search(text) and not text.isupper() else 0.0,
        1.0 if first in "([*" and not _is_emphasised(text) else 0.0,
        1.0 if signs.bracket else 0.0,
        1.0 if signs.digit else 0.0,
        1.0 if look.quoted else 0.0,
        1.0 if look.has_quote and not look.quoted else 0.0,
        1.0 if dots or "…" in text else 0.0,
        max(0.0, 2 * curly - 1) if is_straight and not is_curly else 0.0,
        max(0.0, 1 - 2 * curly) if is_curly and not is_straight else 0.0,
        1.0 if (first in "([-–—•*>+" or first.isdecimal()) and LIST_RE.match(text) else 0.0,
        1.0 if n < 8 else 0.0,
        1.0 if n < 4 else 0.0,
        1.0 if n > 60 else 0.0,
        1.0 if (signs.colon and ":" in text[:30]) or (not look.plain and "：" in text[:30]) else 0.0,
        1.0 if signs.symbol and (" / " not in text or _has_symbol(text)) else 0.0,
    )


def _has_symbol(text: str) -> bool:
    """Whether there is a sign that prose has little of, the strokes between lines of verse left out."""
    return not set("=&/<>+#%").isdisjoint(text.replace(" / ", " "))


def _is_emphasised(text: str) -> bool:
    """Whether all of it stands between two stars: verse, a thought, a message of the story."""
    return text[0] == text[-1] == "*" and text.count("*") == 2


def _has_doubled(text: str) -> bool:
    """Whether exclamation and question marks follow each other."""
    return "!!" in text or "??" in text or "?!" in text or "!?" in text


def _has_face(text: str) -> bool:
    """Whether there is an emoticon; what most texts lack is asked first."""
    maybe = FACE_RE.search(text) is not None and any([sign in text for sign in ":;=<^_xX"])
    if not (maybe or "<" in text or "^" in text or "_" in text or "xD" in text or "XD" in text):
        return False
    return EMOTICON_RE.search(text) is not None


def _has_link(text: str) -> bool:
    """Whether there is an address; it has a colon, an at sign, or a stop in a word or behind "www"."""
    if "@" in text or ":" in text or STOP_RE.search(text):
        lower = text.lower()
        return any([part in lower for part in LINK_PARTS]) and URL_RE.search(text) is not None
    return False


def _has_lower_i(text: str) -> bool:
    """Whether the author writes ``i`` for ``I``; most texts with a space before an ``i`` do not."""
    if text[0] != "i" and " i" not in text:
        return False
    if SPACED_I_RE.search(text):
        return True
    return (text[0] == "i" or "(i" in text) and LOWER_I_RE.search(text) is not None

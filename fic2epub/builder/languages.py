"""What a language tag says about the page: in which direction it is read."""

__all__ = ["direction"]

_RIGHT_TO_LEFT = frozenset(
    ("ar", "arc", "ckb", "dv", "fa", "he", "ks", "nqo", "ps", "sd", "syr", "ug", "ur", "yi")
)


def direction(language: str) -> str:
    """``rtl`` or ``ltr`` for a BCP 47 tag; the script subtag has the last word.

    >>> direction("he"), direction("ar-EG"), direction("he-Latn"), direction("en")
    ('rtl', 'rtl', 'ltr', 'ltr')
    """
    parts = language.casefold().split("-")
    script = next((part for part in parts[1:] if len(part) == 4 and part.isalpha()), None)
    if script is not None:
        return "rtl" if script in {"arab", "hebr", "syrc", "thaa", "nkoo"} else "ltr"
    return "rtl" if parts[0] in _RIGHT_TO_LEFT else "ltr"

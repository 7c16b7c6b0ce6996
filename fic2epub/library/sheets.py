"""Rows for a spreadsheet: CSV that no title can turn into a formula.

A cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or a line end is run by Excel and LibreOffice; a
leading apostrophe makes it text (OWASP, "CSV Injection", read 2026-08). Titles and tags come from who knows
where. Numbers stay numbers.
"""

import csv
import io
from collections.abc import Sequence

__all__ = ["csv_row"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Their full-width forms are read as the plain ones in Japanese and Chinese settings."""


def csv_row(cells: Sequence[object]) -> str:
    r"""One line of CSV (RFC 4180), with its line end; None is an empty cell, a tuple its values joined.

    >>> csv_row(("=1+1", 5, None, ("a", "b"), "say so, no"))
    '\'=1+1,5,,a; b,"say so, no"\r\n'
    """
    buffer = io.StringIO()
    csv.writer(buffer).writerow([_cell(cell) for cell in cells])
    return buffer.getvalue()


def _cell(cell: object) -> object:
    if cell is None or (isinstance(cell, int | float) and not isinstance(cell, bool)):
        return cell
    text = "; ".join(map(str, cell)) if isinstance(cell, tuple) else str(cell)
    # Spreadsheets pass over leading spaces; a null byte ends a cell in some of them.
    text = text.replace("\0", "")
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text

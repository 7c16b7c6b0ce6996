"""The review: a page for each dump, on which a reader sees what was recovered and says what is wrong.

``/`` is the list (or leads to the only dump), ``/3/`` the third dump's page, ``/3/edit.json`` takes edits
and ``/3/counts.json`` tells what the list shows. Which dumps there are is settled at the start: no path
comes from a request.
"""

from collections.abc import Sequence
from pathlib import Path

from flask import Flask, abort, current_app, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from fic2epub.library.book import MakeOptions
from fic2epub.library.nearby import Nearby
from fic2epub.web.app import make_app
from fic2epub.web.desk import Change, Desk, StaleError
from fic2epub.web.edits import read_edits
from fic2epub.web.strip import draw_strip

__all__ = ["review_app"]

KEPT = 4
"""Works that are kept in memory; another is read again when it is looked at."""


def review_app(
    dumps: Sequence[Path],
    options: MakeOptions,
    *,
    token: str,
    lan: bool = False,
    near: Nearby | None = None,
) -> Flask:
    """The server of the reviews of some dumps, at least one. It writes their correction files only.

    ``near`` is where their books stand; None to look for none.
    """
    app = make_app(token=token, lan=lan)
    desks = _Desks([Desk(path, options, near) for path in dumps])
    app.add_url_rule("/", view_func=desks.index, endpoint="index")
    app.add_url_rule("/<int:number>/", view_func=desks.page, endpoint="page")
    app.add_url_rule("/<int:number>/counts.json", view_func=desks.counts, endpoint="counts")
    app.add_url_rule("/<int:number>/edit.json", view_func=desks.edit, endpoint="edit", methods=["POST"])
    app.register_error_handler(StaleError, _stale)
    return app


class _Desks:
    """The dumps that the server was started with, counted from 1 in addresses."""

    def __init__(self, desks: Sequence[Desk]) -> None:
        self._desks = desks
        self._open: list[Desk] = []

    def index(self) -> ResponseReturnValue:
        """The list, or the only dump's page."""
        if len(self._desks) == 1:
            return redirect("/1/", 303)
        return render_template("review_list.html", desks=self._desks)

    def page(self, number: int) -> ResponseReturnValue:
        """One work."""
        state = self._desk(number).state()
        strip = draw_strip(state.recovery, state.rows, upright=True)
        return render_template("review.html", state=state, strip=strip, many=len(self._desks) > 1)

    def counts(self, number: int) -> ResponseReturnValue:
        """What the list shows of one work."""
        state = self._desk(number).state()
        said = f"{state.title}: {_count(state.chapters, 'chapter')}, {_count(state.notes, 'note')}"
        return jsonify(said=said, doubts=state.doubts)

    def edit(self, number: int) -> ResponseReturnValue:
        """Take edits; the answer is what changes on the page."""
        value = request.get_json()
        version = value.get("version") if isinstance(value, dict) else None
        if type(version) is not int:
            abort(400, "The page's version is missing. Load the page again.")
        return jsonify(_told(self._desk(number).change(version, read_edits(value.get("edits")))))

    def _desk(self, number: int) -> Desk:
        if not 0 < number <= len(self._desks):
            abort(404, "There is no such dump here.")
        desk = self._desks[number - 1]
        # Another thread may do the same at once: at worst a work is closed too early, and read again.
        kept = [desk, *(one for one in self._open if one is not desk)]
        self._open = kept[:KEPT]
        for one in kept[KEPT:]:
            one.close()
        return desk


def _told(change: Change) -> dict[str, object]:
    """A change as the page takes it."""
    state = change.state
    return {
        "version": state.version,
        "rows": [{"id": row.id, "html": _macro("row", row)} for row in change.rows],
        "gone": change.gone,
        "facts": _macro("facts", state),
        "strip": draw_strip(state.recovery, state.rows, upright=True),
        "undo": state.steps,
        "said": change.said,
    }


def _macro(name: str, value: object) -> str:
    """One macro of ``review_rows.html``: the page and its changes are made by the same words."""
    return str(getattr(current_app.jinja_env.get_template("review_rows.html").module, name)(value)).strip()


def _stale(error: StaleError) -> ResponseReturnValue:
    return jsonify(error=str(error), reload=True), 409


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"

"""The recipe of the parser: a draft in, a work and the whole account of it out.

1. the body's units (``units``)              4. where chapters begin (``gaps``, ``choice``, ``boundaries``)
2. headings and exact marks (``headings``,   5. every unit's place (``sides``, ``layout``)
   ``marks``)                                6. the reader's corrections (``corrections``, ``corrected``)
3. what each paragraph looks like            7. chapters, notes, ledger (``assembly``, ``ledger``)
   (``signals``, ``notes``)                  8. what the book is to remember (``remembered``),
                                                emphasis (``emphasis``)

What an earlier book of the work remembers goes before what is recovered, at every step (``kept``).

Nothing here changes a word: repairs were made when the bytes were decoded, and only jump lines, a
repeated title and control characters are left out.
"""

import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from fic2epub.errors import ParseError
from fic2epub.model import Draft, Finding, Level, Memory, Recovery
from fic2epub.parser.assembly import assemble
from fic2epub.parser.boundaries import Outcome, find_boundaries
from fic2epub.parser.cuts import Known
from fic2epub.parser.emphasis import Emphasised, emphasise
from fic2epub.parser.formats import drafts
from fic2epub.parser.headings import find_headings
from fic2epub.parser.layout import lay_out
from fic2epub.parser.ledger import keep_ledger, uncovered
from fic2epub.parser.marks import find_marks
from fic2epub.parser.notes import note_scores
from fic2epub.parser.options import ParseOptions
from fic2epub.parser.remembered import find_places, remember
from fic2epub.parser.scope import TOO_LONG, units_wanted
from fic2epub.parser.signals import lexicon, read_signals
from fic2epub.parser.units import Body, read_body
from fic2epub.parser.vocabulary import language_of, vocabulary
from fic2epub.parser.weights import load_weights

if TYPE_CHECKING:
    from fic2epub.parser.corrections import Corrections
    from fic2epub.parser.kept import Keeper

__all__ = ["parse", "read_pinned"]

NAME_RE = re.compile(r"[^\W\d_]{3,}")
"""A word of a relationship that may be a name."""
SAMPLE = 20_000
"""Characters that are looked at to tell a language."""


def parse(
    draft: Draft,
    corrections: "Corrections | None" = None,
    *,
    options: ParseOptions | None = None,
    memory: Memory | None = None,
) -> Recovery:
    """Recover chapters, notes and scene breaks of one work.

    Args:
        draft: a dump whose header has been read.
        corrections: the reader's, which have the last word (`correction_file.find_corrections`).
        options: what the reader said; None for the defaults.
        memory: how an earlier dump of the work was read (``Provenance.memory``): what was recovered then
            stands wherever its text does.

    Raises:
        ParseError: if there is no story below the header.
        UsageError: if no chapter can begin at a line of ``options.chapters_at``.
    """
    options = options or ParseOptions()
    as_read = draft.source
    draft, told = _with_corrections(draft, corrections, options)
    draft, findings = _with_language(draft)
    findings = (*told, *findings)
    words = vocabulary(draft.metadata.language)
    break_words = frozenset(words.scene.break_words)
    body = _read(draft, break_words, memory)
    settled = None
    if body.units and (corrections is not None or options.chapters_at is not None):
        from fic2epub.parser.corrections import settle, with_breaks  # late: most dumps have none

        # Pins were made of the text with all repairs, and are looked up there.
        pinned = body
        if draft.source is not as_read:
            pinned = _read(replace(draft, source=as_read), break_words, memory)
        settled = settle(corrections, pinned, draft, options)
        body = with_breaks(body, settled, draft)
        findings += settled.findings
    units = body.units
    if not any(unit.rule is None for unit in units):
        raise ParseError(f"{draft.origin.name}: there is no story below the header. Is the dump complete?")
    declared = options.chapters or draft.metadata.chapters_posted or None
    language = draft.metadata.language
    keeper = _keeper(memory, body, draft, declared, options)
    headings = find_headings(units, words, declared=declared, title=draft.metadata.title)
    headings = keeper.headings(headings) if keeper is not None else headings
    marks = find_marks(units, headings, words, title=draft.metadata.title)
    marks = keeper.marks(marks) if keeper is not None else marks
    weights = load_weights()
    statistics = weights.statistics.get(words.language, ())
    words_of = lexicon(words, statistics)
    wanted = units_wanted(units, marks, words_of, declared=declared)
    too_long = wanted is not None and declared != 1
    tagged = frozenset(NAME_RE.findall(" ".join(draft.metadata.relationships).lower()))
    readings, habits = read_signals(units, words, statistics, wanted=wanted, tagged=tagged)
    # Rounded, so that what a book remembers of them reads the same again.
    scores = [round(score, 4) for score in note_scores(readings, marks, weights)]
    scores = keeper.scores(scores) if keeper is not None else scores
    outcome = find_boundaries(
        units,
        readings,
        habits,
        scores,
        words_of,
        marks,
        headings,
        weights,
        declared=None if too_long else declared,
        infer=options.infer,
        keep=partial(keeper.kept, marks=marks) if keeper is not None else None,
    )
    told_of = weights.sides.get(words.language, {})
    known = Known(units, readings, marks, words_of, weights, told_of)
    layout = lay_out(units, readings, marks, outcome.joins, scores, known, notices=outcome.notices)
    layout = keeper.layout(layout) if keeper is not None else layout
    recovered = marks, headings, layout
    if settled is not None:
        from fic2epub.parser.corrected import correct

        said = correct(units, marks, headings, layout, outcome, settled)
        marks, headings, layout, outcome = said.marks, said.headings, said.layout, said.outcome
        findings += said.findings
    found = len(layout.stretches)
    outcome = replace(outcome, reached=declared is None or found == declared)
    story = assemble(draft, body, headings, marks, layout, readings, scores, outcome, weights)
    work, news = story.work, None
    if keeper is not None:
        work = replace(work, chapters=keeper.numbered(work.chapters, draft.source))
        news = keeper.news(work.chapters, draft.source)
    shown = Emphasised(work, story.pieces)
    if options.emphasis == "auto":
        before = keeper.emphasis(work.chapters, draft.source) if keeper is not None else ()
        shown = emphasise(work, story.pieces, draft.source, before=before)
    memory = remember(
        draft.source,
        body,
        *recovered,
        scores,
        work.chapters,
        shown.signs,
        language=language,
        declared=declared,
        infer=options.infer,
        news=news,
    )
    work = replace(shown.work, provenance=replace(work.provenance, memory=memory))
    ledger = keep_ledger([*draft.fields, *shown.pieces], draft.source.repairs)
    lost = next(uncovered(draft.source, ledger), None)
    if lost is not None:
        line = draft.source.line_of(lost.start) + 1
        raise ParseError(
            f"{draft.origin.name}, line {line}: the program would have lost words here. Please report it."
        )
    findings = (
        *draft.findings,
        *findings,
        *([TOO_LONG] if too_long else ()),
        *_findings(body, outcome, declared, found),
        *(keeper.findings() if keeper is not None else ()),
        *shown.findings,
    )
    return Recovery(origin=draft.origin, source=draft.source, work=work, ledger=ledger, findings=findings)


def _keeper(
    memory: Memory | None, body: Body, draft: Draft, declared: int | None, options: ParseOptions
) -> "Keeper | None":
    """What can be kept of an earlier reading, if there was one."""
    if memory is None:
        return None
    from fic2epub.parser.kept import keep  # late: most books are made once

    return keep(
        memory,
        body.units,
        draft.source.text,
        language=draft.metadata.language,
        declared=declared,
        infer=options.infer,
    )


def _read(draft: Draft, break_words: frozenset[str], memory: Memory | None) -> Body:
    """The body; paragraphs and doubtful scene breaks as an earlier dump of the work had them."""
    body = read_body(draft.source, draft.body, break_words=break_words)
    if memory is None or not body.units:
        return body
    from fic2epub.parser.kept import setting_of, with_habits

    setting = setting_of(memory)
    if setting != body.setting:
        as_it_was = read_body(draft.source, draft.body, break_words=break_words, setting=setting)
        if any(find_places(memory, as_it_was.units, draft.source.text)):
            body = as_it_was
    return with_habits(body, memory, draft.source.text)


def read_pinned(
    draft: Draft,
    corrections: "Corrections | None" = None,
    *,
    options: ParseOptions | None = None,
    memory: Memory | None = None,
) -> Body:
    """The body as pins see it: with all repairs, before any scene break is corrected.

    ``memory`` is that of an earlier dump of the work, if it will be kept.
    """
    options = options or ParseOptions()
    if corrections is not None:
        from fic2epub.parser.corrections import correct_header

        draft = correct_header(draft, corrections, options)
    draft, _ = _with_language(draft)
    words = vocabulary(draft.metadata.language)
    return _read(draft, frozenset(words.scene.break_words), memory)


def _with_corrections(
    draft: Draft, corrections: "Corrections | None", options: ParseOptions
) -> tuple[Draft, tuple[Finding, ...]]:
    """The draft with the reader's repairs undone and header set."""
    if corrections is None:
        return draft, ()
    from fic2epub.parser.corrections import correct_header, undo_repairs

    undone, findings = undo_repairs(corrections, draft)
    head = sum(repair.span.start < draft.body.start for repair in draft.source.repairs)
    if head != sum(repair.span.start < draft.body.start for repair in undone.source.repairs):
        undone = next(drafts(undone.source, draft.origin, options))  # the header reads otherwise now
    return correct_header(undone, corrections, options), findings


def _with_language(draft: Draft) -> tuple[Draft, tuple[Finding, ...]]:
    """The draft with its language told from the text, if the dump does not name one."""
    if draft.metadata.language != "und" or draft.metadata.language_name is not None:
        return draft, ()
    language = language_of(draft.source.text[draft.body.start : draft.body.start + SAMPLE])
    if language is None:
        return draft, ()
    said = f"The dump names no language; by its words it is “{language}”. --language would say otherwise."
    metadata = replace(draft.metadata, language=language)
    return replace(draft, metadata=metadata), (Finding("language.guessed", Level.INFO, said),)


def _findings(body: Body, outcome: Outcome, declared: int | None, count: int) -> tuple[Finding, ...]:
    """What the reader should know of how the text was read."""
    said = {
        "form.wrapped": "The lines are hard-wrapped; they were joined to paragraphs.",
        "form.single": "There are no blank lines between paragraphs; every line is one.",
    }
    found = []
    if body.form in said:
        found.append(Finding(body.form, Level.INFO, said[body.form]))
    if declared is not None and count < declared:
        found.append(
            Finding(
                "chapters.count-unreached",
                Level.WARNING,
                f"{declared} chapters are declared, {count} were found: the rest is not in the dump "
                "or could not be told apart.",
            )
        )
    elif declared is not None and count > declared:
        found.append(
            Finding(
                "chapters.count-exceeded",
                Level.WARNING,
                f"{declared} chapters are declared, but {count} {_why_more(outcome)}.",
            )
        )
    if outcome.breaks_off:
        said_so = "The text stops in the middle of a sentence: the dump was probably cut."
        found.append(Finding("text.breaks-off", Level.WARNING, said_so))
    taken = {join.gap.right for join in outcome.joins}  # the reader's own among them
    for join in outcome.faint:
        if join.gap.right in taken:
            continue
        unit = body.units[join.gap.right]
        said_so = f"Perhaps a chapter begins here ({join.evidence.score:.2f} sure): too little to make one."
        found.append(Finding("chapters.faint", Level.INFO, said_so, unit.span))
    unsure = sum(join.evidence.score < 0.5 for join in outcome.joins)
    if unsure:
        found.append(
            Finding(
                "chapters.unsure",
                Level.WARNING,
                f"{unsure} of {count} chapters could not be told from the text with confidence; "
                "the book marks them “≈”.",
            )
        )
    return tuple(found)


def _why_more(outcome: Outcome) -> str:
    """Why there are more chapters than are declared."""
    rules = {firing.rule for join in outcome.joins for firing in join.evidence.firings[:1]}
    return "are in the corrections" if "corrections.chapter" in rules else "have headings or jump lines"

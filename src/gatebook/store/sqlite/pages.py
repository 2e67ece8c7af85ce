"""One page of history and its total, in one snapshot, by whichever road answers the question.

* by counts: a window, classes, devices, sites and rights alone; any depth costs the same, totals are exact;
* by index: a person, credential, plate, tag or key is named; totals are counted within a budget;
* by search: what is left must be looked at event by event; a page stops at its budget and says how far it got.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import apsw

from gatebook.domain.events import Event
from gatebook.domain.times import Instant, Window
from gatebook.store.contract import Page, Position, Total
from gatebook.store.sqlite.connection import fetch
from gatebook.store.sqlite.counts import Counts
from gatebook.store.sqlite.question import Question
from gatebook.store.sqlite.reading import FEW_STREAMS, SQL, Clauses, head, read_events, read_page, read_places
from gatebook.store.sqlite.walk import Walk, total

COUNT_BUDGET = 10_000
"""Events counted one by one for a total that no tally holds; beyond it the answer is "at least"."""
NEAR = (1 / 8, 2)
"""Before anything is counted, so many events of anybody are read through, and then so many more; in bursts."""
MANY_CLASSES = 8
"""So many classes that are looked for are thought to be common: what is near is read through once."""
SEARCH_SLICE = 2_000
SEARCH_BUDGET = 100_000
"""Events looked at for one page of a search."""


def page(connection: apsw.Connection, question: Question) -> Page:
    """Up to `limit` events from `offset` (or beyond `after`), and the total if it is wanted."""
    ceiling = head(connection, question.selection.organisation)
    near, reached = _at_the_near_end(connection, question), None
    if near is not None:
        events, more = near[: question.limit], len(near) > question.limit
    else:
        places, more, reached = places_of(connection, question)
        events = read_events(connection, question.selection.organisation, places, question.classes)
    found = count(connection, question) if question.with_total else None
    return Page(events=events, ceiling=ceiling, total=found, more=more, reached=reached)


def _at_the_near_end(connection: apsw.Connection, question: Question) -> Sequence[Event] | None:
    """The page and one event more, if there is one, where all lie so near that they are soonest read at once."""
    size = int(NEAR[0] * question.burst)
    if question.offset or question.limit >= size or not question.is_countable:
        return None
    near, rest = _near_end(connection, question, question.window, size)
    if near.is_empty:
        return None
    found = read_page(
        connection,
        question.selection,
        near,
        question.classes,
        descending=question.descending,
        limit=question.limit + 1,
        after=question.after,
        ceiling=question.ceiling,
    )
    return found if rest.is_empty or len(found) > question.limit else None


def places_of(connection: apsw.Connection, question: Question) -> tuple[list[Position], bool, Position | None]:
    """Where a page's events are, whether there are more, and how far a search got that stopped at its budget."""
    if question.named is not None:
        return *_by_index(connection, question), None
    if question.conditions.words:
        return _by_search(connection, question)
    return *_by_counts(connection, question), None


def count(connection: apsw.Connection, question: Question) -> Total:
    """How many events answer the question, wherever the page is."""
    if question.is_countable:
        return Total(total(_counts(connection, question, question.ceiling), question.selection.window))
    places, exact = counted_places(connection, question)
    return Total(len(places), exact)


def counted_places(connection: apsw.Connection, question: Question) -> tuple[list[Position], bool]:
    """What answers a question that no tally knows, found within the budget; False when there may be more."""
    if question.named is not None:
        places = _indexed_places(connection, question, COUNT_BUDGET + 1, 0, None)
        return places[:COUNT_BUDGET], len(places) <= COUNT_BUDGET
    places, looked = [], 0
    for window, candidates in _slices(connection, question, question.selection.window):
        if looked >= COUNT_BUDGET:
            return places, False
        places += _searched_places(connection, question, window, COUNT_BUDGET + 1 - len(places), None)
        if len(places) > COUNT_BUDGET:
            return places[:COUNT_BUDGET], False
        looked += candidates
    return places, True


def _counts(connection: apsw.Connection, question: Question, ceiling: int | None = None) -> Counts:
    return Counts(connection, question.selection, question.members, ceiling=ceiling, burst=question.burst)


def _by_counts(connection: apsw.Connection, question: Question) -> tuple[list[Position], bool]:
    selection = question.selection
    counted = question.after is None and question.offset > 0
    dropped = 0 if counted else question.offset  # what lies beyond a place cannot be skipped by counts
    wanted = dropped + question.limit + 1
    counts = _counts(connection, question, question.ceiling if counted else None)
    skip = question.offset - dropped
    places: list[Position] = []
    rest = question.window
    if not skip:
        for bursts in NEAR if selection.classes.but else ():
            near, rest = _near_end(connection, question, rest, int(bursts * question.burst))
            places += _read(connection, question, near, wanted - len(places), 0)
            if len(places) >= wanted:
                return places[dropped : wanted - 1], True
    walk = Walk(counts, rest, descending=question.descending, skip=skip)
    unfiltered = selection.streams.is_all and selection.classes.is_all
    for window, skip in _to_the_end(walk, question) if unfiltered else _runs(walk, wanted):
        places += _read(connection, question, window, wanted - len(places), skip)
        if len(places) >= wanted:
            break
    return places[dropped : wanted - 1], len(places) >= wanted


def _read(connection: apsw.Connection, question: Question, window: Window, limit: int, skip: int) -> list[Position]:
    return read_places(
        connection,
        question.selection,
        window,
        descending=question.descending,
        limit=limit,
        offset=skip,
        after=question.after,
        ceiling=question.ceiling,
    )


def _near_end(connection: apsw.Connection, question: Question, whole: Window, size: int) -> tuple[Window, Window]:
    """The window, parted where the first `size` events of anybody end: what is near is read and not counted.

    Little is worth reading so where few streams, or few classes, are looked for.
    """
    streams, classes = question.selection.streams, question.selection.classes
    nothing = Window(whole.since, whole.since)
    few = not classes.but and len(classes.ids) < MANY_CLASSES
    if whole.is_empty or few or not (streams.but or len(streams.ids) > FEW_STREAMS):
        return nothing, whole
    if streams.is_all and classes.is_all:
        return whole, nothing
    sql = SQL["nearest"].format(order="DESC" if question.descending else "ASC")
    bindings = (question.selection.organisation, whole.since, whole.until, size)
    edge = next((Instant(occurred) for (occurred,) in fetch(connection, sql, bindings)), None)
    if edge is None:
        return whole, nothing
    if question.descending:
        return Window(edge, whole.until), Window(whole.since, edge)
    return Window(whole.since, Instant(edge + 1)), Window(Instant(edge + 1), whole.until)


def _to_the_end(walk: Walk, question: Question) -> Iterator[tuple[Window, int]]:
    """From the first leaf to the end of the window: nothing is left out, so nothing is read in vain."""
    for leaf in islice(walk.leaves(), 1):
        whole = question.window
        if question.descending:
            yield Window(whole.since, leaf.window.until), walk.skip
        else:
            yield Window(leaf.window.since, whole.until), walk.skip


def _runs(walk: Walk, wanted: int) -> Iterator[tuple[Window, int]]:
    """`(window, how many to pass over in it)`: leaves side by side until they hold enough; gaps are not read."""
    run: Window | None = None
    skip = held = 0
    for leaf in walk.leaves():
        passed, walk.skip = walk.skip, 0
        n = (leaf.n or 0) - passed
        if run is not None and leaf.window.since != run.until and leaf.window.until != run.since:
            yield run, skip
            run = None
        if run is None:
            run, skip, held = leaf.window, passed, n
        else:
            run, held = _hull(run, leaf.window), held + n
        if held >= wanted:
            yield run, skip
            run = None
    if run is not None:
        yield run, skip


def _by_index(connection: apsw.Connection, question: Question) -> tuple[list[Position], bool]:
    places = _indexed_places(connection, question, question.limit + 1, question.offset, question.after)
    return places[: question.limit], len(places) > question.limit


def _indexed_places(
    connection: apsw.Connection, question: Question, limit: int, offset: int, after: Position | None
) -> list[Position]:
    named, selection = question.named, question.selection
    assert named is not None
    clauses = Clauses()
    clauses.add(f"{named.occurred} >= ? AND {named.occurred} < ?", selection.window.since, selection.window.until)
    if after is not None:
        sign = "<" if question.descending else ">"
        clauses.add(f"({named.occurred}, {named.seq}) {sign} (?, ?)", after.occurred, after.seq)
    if question.ceiling is not None:
        clauses.add(f"{named.seq} <= ?", question.ceiling)
    clauses.choose("e.stream", selection.streams).choose("e.class", selection.classes)
    clauses.words += question.conditions.words
    clauses.bindings += question.conditions.bindings
    sql = SQL[named.query].format(conditions=clauses.sql, order="DESC" if question.descending else "ASC")
    rows = fetch(connection, sql, (selection.organisation, *named.bindings, *clauses.bindings, limit, offset))
    return [Position(occurred, seq) for seq, occurred in rows]


def _by_search(connection: apsw.Connection, question: Question) -> tuple[list[Position], bool, Position | None]:
    places: list[Position] = []
    wanted, looked = question.limit + question.offset + 1, 0
    for window, candidates in _slices(connection, question, question.window):
        if looked >= SEARCH_BUDGET:
            edge = Position(window.until, 0) if question.descending else Position(Instant(window.since - 1), 2**62)
            return places[question.offset :], True, edge
        places += _searched_places(connection, question, window, wanted - len(places), question.after)
        if len(places) >= wanted:
            break
        looked += candidates
    return places[question.offset : question.offset + question.limit], len(places) >= wanted, None


def _searched_places(
    connection: apsw.Connection, question: Question, window: Window, limit: int, after: Position | None
) -> list[Position]:
    selection, streams = question.selection, question.selection.streams
    clauses = Clauses().choose("e.stream", streams).choose("e.class", selection.classes)
    clauses.after(after, descending=question.descending, prefix="e.")
    if question.ceiling is not None:
        clauses.add("e.seq <= ?", question.ceiling)
    clauses.words += question.conditions.words
    clauses.bindings += question.conditions.bindings
    index = "events_by_stream" if not streams.but and len(streams.ids) == 1 else "events_by_time"
    order = "DESC" if question.descending else "ASC"
    sql = SQL["searched"].format(index=index, conditions=clauses.sql, order=order)
    bindings = (selection.organisation, *clauses.bindings, window.since, window.until, limit)
    return [Position(occurred, seq) for seq, occurred in fetch(connection, sql, bindings)]


def _slices(connection: apsw.Connection, question: Question, window: Window) -> Iterator[tuple[Window, int]]:
    """Stretches of the window in order, each of some thousand events of the selection or one bucket of the walk."""
    counts = _counts(connection, question)
    begun: Window | None = None
    held = 0
    for leaf in Walk(counts, window, descending=question.descending).leaves():
        begun = leaf.window if begun is None else _hull(begun, leaf.window)
        held += leaf.n or 1
        if held >= SEARCH_SLICE:
            yield begun, held
            begun, held = None, 0
    if begun is not None:
        yield begun, held


def _hull(one: Window, other: Window) -> Window:
    return Window(min(one.since, other.since), max(one.until, other.until))

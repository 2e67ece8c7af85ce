"""What stands on the left of a comparison in SQL: each field of an event, as each type that it can be."""

from __future__ import annotations

from dataclasses import dataclass

from gatebook.domain.errors import BadInput
from gatebook.domain.filters import FOLDED, PLATE_KINDS, PLATE_METHOD, TIME_FIELDS, Condition, Field, Path
from gatebook.store.contract import Chosen
from gatebook.store.sqlite.choices import Directory
from gatebook.store.sqlite.fragments import TRUE, Fragment, chosen, put, text

NULL = Fragment("NULL")
_TIME_TEXT = "strftime('%Y-%m-%dT%H:%M:%S', {0} / 1000000000, 'unixepoch') || printf('.%07dZ', {0} % 1000000000 / 100)"
_UUID_TEXT = (
    "substr(hex({0}), 1, 8) || '-' || substr(hex({0}), 9, 4) || '-' || substr(hex({0}), 13, 4) || '-' || "
    "substr(hex({0}), 17, 4) || '-' || substr(hex({0}), 21)"
)
_DATA = "CAST(coalesce(e.data, p.data) AS TEXT)"
COLUMNS = {
    Field.TAG: "e.tag",
    Field.PERSON_NAME: "p.person_name",
    Field.CREDENTIAL: "p.credential",
    Field.MESSAGE: "p.message",
    Field.SEQ: "e.seq",
    Field.VERSION: "e.version",
    Field.CAUSE: "e.cause",
    Field.OCCURRED: "e.occurred",
    Field.RECEIVED: "e.received",
}
"""Those that are compared as they stand."""
_NUMERIC = frozenset({Field.SEQ, Field.VERSION, Field.CAUSE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Operand:
    """What stands on the left: as each type that it can be, null where it is not of that type."""

    absent: Fragment
    """True where there is nothing."""
    text: Fragment = NULL
    number: Fragment = NULL
    shown: Fragment | None = None
    """What `startsWith contains like` look at, where that is not `text`."""
    indexed: str | None = None
    """The column with an index that knows no case, which finds what `text` then decides."""
    flag: Fragment = NULL
    """'true' or 'false'."""


def operand_of(condition: Condition, directory: Directory) -> Operand:
    """What the condition looks at; not for fields of classes and places, nor for what equals an id or a person."""
    field = condition.field
    if field is Field.DATA:
        return _in_data(condition.path)
    if field in _NUMERIC:
        column = Fragment(COLUMNS[field])
        return Operand(absent=column.within("", " IS NULL"), number=column, shown=column.within("CAST(", " AS TEXT)"))
    found = _text(field, directory)
    indexed = {Field.TAG: "e.tag", Field.CREDENTIAL: "p.credential", Field.PLATE: "p.credential"}.get(field)
    return Operand(
        absent=found.within("(", ") IS NULL"),
        text=found.within("lower(", ")") if field in FOLDED else found,
        indexed=indexed,
    )


def _text(field: Field, directory: Directory) -> Fragment:
    if field is Field.PLATE:
        known = directory.classes.items()
        plates = [number for number, of in known if of.kind in PLATE_KINDS or of.method is PLATE_METHOD]
        is_plate = chosen("e.class", Chosen(frozenset(plates), but=False))
        return is_plate.within("CASE WHEN ", " THEN p.credential END")
    if field is Field.PERSON:
        shown = _UUID_TEXT.format("uuid")
        return Fragment(f"(SELECT {shown} FROM people WHERE org = ? AND person = p.person)", (directory.org,))
    if field is Field.ID:
        return Fragment(f"({_UUID_TEXT.format('e.id')})")
    return Fragment(f"({_TIME_TEXT.format(COLUMNS[field])})" if field in TIME_FIELDS else COLUMNS[field])


def _in_data(path: Path) -> Operand:
    """What `data` holds at the path.  Of a path that leads nowhere in any array, nothing."""
    if any(isinstance(step, int) and not 0 <= step < 2**31 for step in path):
        return Operand(absent=TRUE)
    where = text("$" + "".join(_step(step) for step in path))
    kind = put(f"json_type({_DATA}, {{}})", where)
    held = put(f"json_extract({_DATA}, {{}})", where)
    return Operand(
        absent=put("coalesce({}, 'null') = 'null'", kind),
        text=put("CASE {} WHEN 'text' THEN {} END", kind, held),
        number=put("CASE WHEN {} IN ('integer', 'real') THEN {} END", kind, held),
        flag=kind,
    )


def _step(step: str | int) -> str:
    """A step of the engine's path language, in which a name between quotation marks holds none."""
    if isinstance(step, int):
        return f"[{step}]"
    if any(character in '"\\' or character < " " for character in step):
        raise BadInput("data", "a name holds a quotation mark, backslash or control character", "expected a plain name")
    return f'."{step}"'

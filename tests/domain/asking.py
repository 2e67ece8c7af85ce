"""The second opinion on filters: SQLite decides, by the words that the docstring of `filters` gives."""

from __future__ import annotations

import apsw

from gatebook.domain.admits import Place
from gatebook.domain.events import Event
from gatebook.domain.filters import All, AnyOf, Condition, During, Field, Filter, Not, Operator, Path, Value

EXPRESSIONS = {
    Field.ID: "id",
    Field.TYPE: "type",
    Field.DEVICE_NAME: "lower(device_name)",
    Field.SITE_NAME: "lower(site_name)",
    Field.TAG: "lower(tag)",
    Field.PLATE: "CASE WHEN kind LIKE 'plate.%' OR method = 'plate' THEN lower(credential) END",
    Field.OCCURRED: "lower(strftime('%Y-%m-%dT%H:%M:%S', occurred / 1000000000, 'unixepoch') "
    "|| printf('.%07dZ', occurred % 1000000000 / 100))",
    Field.RECEIVED: "lower(strftime('%Y-%m-%dT%H:%M:%S', received / 1000000000, 'unixepoch') "
    "|| printf('.%07dZ', received % 1000000000 / 100))",
}
LOWERED = {*EXPRESSIONS, Field.DEVICE, Field.SITE, Field.PERSON}
SIGNS = {Operator.LT: "<", Operator.LE: "<=", Operator.GT: ">", Operator.GE: ">="}
NUMERIC = {Field.SEQ, Field.VERSION, Field.STREAM, Field.CAUSE}


def sqlite_admits(db: apsw.Connection, wanted: Filter, event: Event, place: Place) -> bool:
    """What SQLite says of one event at its place."""
    row: dict[str, object] = {
        "seq": event.seq, "id": str(event.id), "stream": event.stream, "version": event.version,
        "kind": str(event.kind), "method": event.method and str(event.method),
        "reason": event.reason and str(event.reason), "type": str(event.type_id), "listed": int(event.listed),
        "occurred": event.occurred, "received": event.received, "person": event.person,
        "person_name": event.person_name, "credential": event.credential, "tag": event.tag,
        "message": event.message, "data": event.data and event.data.decode(), "cause": event.cause,
        "device": place.device, "device_id": place.device_id and str(place.device_id),
        "device_name": place.device_name, "site": place.site, "site_id": place.site_id and str(place.site_id),
        "site_name": place.site_name, "person_id": place.person_id and str(place.person_id),
    }  # fmt: skip
    params: list[object] = list(row.values())
    text = _sql(wanted, params, place)
    columns = ", ".join(f"?{number} AS {name}" for number, name in enumerate(row, 1))
    ((found,),) = db.execute(f"SELECT {text} FROM (SELECT {columns})", params)
    return bool(found)


def _sql(wanted: Filter, params: list[object], place: Place) -> str:
    match wanted:
        case During(field, window):
            return f"({field.value} >= {window.since} AND {field.value} < {window.until})"
        case Not(part):
            return f"(NOT {_sql(part, params, place)})"
        case All(parts):
            return "(" + " AND ".join(["TRUE", *(_sql(part, params, place) for part in parts)]) + ")"
        case AnyOf(parts):
            return "(" + " OR ".join(["FALSE", *(_sql(part, params, place) for part in parts)]) + ")"
        case Condition(operator=Operator.NOT_EQUALS):
            return f"(NOT {_any_equal(wanted, params, place)})"
        case Condition(operator=Operator.EQUALS | Operator.ONE_OF):
            return _any_equal(wanted, params, place)
    return f"(({_compared(wanted, params)}) IS TRUE)"


def _bound(params: list[object], value: object) -> str:
    params.append(value)
    return f"?{len(params)}"


def _any_equal(wanted: Condition, params: list[object], place: Place) -> str:
    each = [_equal(wanted, value, params, place) for value in wanted.values]
    return "((" + " OR ".join(["FALSE", *each]) + ") IS TRUE)"


def _equal(wanted: Condition, value: Value, params: list[object], place: Place) -> str:
    field = wanted.field
    if field is Field.DATA:
        return _equal_in_data(wanted.path, value, params)
    if field in (Field.DEVICE, Field.SITE, Field.PERSON):
        if value is None or isinstance(value, int):
            return f"{field.value} IS {_bound(params, value)}"
        if isinstance(value, str):
            return str(field is Field.DEVICE and value in place.vendor_ids).upper()
        return f"{field.value}_id = {_bound(params, str(value))}"
    if field is Field.LISTED:
        return f"listed = {int(value)}" if isinstance(value, bool) else "FALSE"
    if value is None:
        return f"{EXPRESSIONS.get(field, field.value)} IS NULL"
    if (field in NUMERIC) is not isinstance(value, int):
        return "FALSE"
    return f"{EXPRESSIONS.get(field, field.value)} = {_value(field, value, params)}"


def _value(field: Field, value: Value, params: list[object]) -> str:
    number = _bound(params, value if isinstance(value, int | float) else str(value))
    return f"lower({number})" if field in LOWERED else number


def _path(path: Path) -> str:
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f'."{step}"' for step in path)


def _equal_in_data(path: Path, value: Value, params: list[object]) -> str:
    at = _bound(params, _path(path))
    kind, found = f"json_type(data, {at})", f"json_extract(data, {at})"
    if value is None:
        return f"coalesce({kind}, 'null') = 'null'"
    if isinstance(value, bool):
        return f"{kind} = '{str(value).lower()}'"
    if isinstance(value, str):
        return f"{kind} = 'text' AND {found} = {_bound(params, value)}"
    return f"{kind} IN ('integer', 'real') AND {found} = {_bound(params, value)}"


def _compared(wanted: Condition, params: list[object]) -> str:
    field, operator, value = wanted.field, wanted.operator, wanted.values[0]
    if value is None or isinstance(value, bool) or field is Field.LISTED:
        return "FALSE"
    textual = operator in (Operator.STARTS_WITH, Operator.CONTAINS, Operator.LIKE)
    if field is Field.DATA:
        at = _bound(params, _path(wanted.path))
        types = "('integer', 'real')" if isinstance(value, int | float) else "('text')"
        placed = _placed(operator, f"json_extract(data, {at})", field, value, params)
        return f"json_type(data, {at}) IN {types} AND {placed}"
    if not textual and (field in NUMERIC) is not isinstance(value, int):
        return "FALSE"
    here = f"{field.value}_id" if field in (Field.DEVICE, Field.SITE, Field.PERSON) else field.value
    here = EXPRESSIONS.get(field, here)
    return _placed(operator, f"CAST({here} AS TEXT)" if textual else here, field, value, params)


def _placed(operator: Operator, here: str, field: Field, value: Value, params: list[object]) -> str:
    if operator is Operator.LIKE:
        return f"{here} GLOB {_value(field, str(value).replace('[', '[[]'), params)}"
    there = _value(field, value, params)
    if operator is Operator.STARTS_WITH:
        return f"substr({here}, 1, length({there})) = {there}"
    if operator is Operator.CONTAINS:
        return f"instr({here}, {there}) > 0"
    return f"{here} {SIGNS[operator]} {there}"

"""Reads the settings: a TOML file, and over it the environment; a wrong one is refused by its name.

`server.port` in the file is `GATEBOOK_SERVER_PORT` in the environment.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
from msgspec import inspect

from gatebook.app.settings import Dialects, Log, Server, SettingFault, Settings, Store
from gatebook.domain.errors import BadInput

__all__ = ["DEFAULT_FILE", "Dialects", "Known", "Loaded", "Log", "Server", "Settings", "Store", "known", "load"]

DEFAULT_FILE = Path("gatebook.toml")
"""Read from the working directory where no other is named; it need not be there."""

NOT_SETTINGS = re.compile(r"GATEBOOK_(CONFIG|SECRET|PORT(_.*)?|SERVICE_.*)")
"""The file's own name, the server's secret, and what container platforms set for a service called gatebook."""

SHOWN_CHARACTERS = 80

Values = dict[str, dict[str, object]]
"""Table -> setting -> value, typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One setting that there is."""

    table: str
    name: str
    type: inspect.Type
    description: str
    secret: bool
    default: object

    @property
    def dotted(self) -> str:
        """As in the file: `server.port`."""
        return f"{self.table}.{self.name}"

    @property
    def variable(self) -> str:
        """As in the environment: `GATEBOOK_SERVER_PORT`."""
        return f"GATEBOOK_{self.table}_{self.name}".upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """The settings in force, and where each came from."""

    settings: Settings
    origins: Mapping[str, str]
    """`server.port` -> `default`, the path of the file, or the name of the variable; every setting is in it."""


def known(settings: type[msgspec.Struct] = Settings) -> tuple[Known, ...]:
    """Every setting there is, in the order of the file."""
    return tuple(_known(settings))


def load(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> Loaded:
    """The settings of the file and the environment.

    `path` None: the file named by GATEBOOK_CONFIG, else `gatebook.toml` if it is there.  Raises BadInput, whose field
    is `server.port`, `GATEBOOK_SERVER_PORT` or the file's path.
    """
    path = path or (Path(environ["GATEBOOK_CONFIG"]) if environ.get("GATEBOOK_CONFIG") else None)
    if path is None and DEFAULT_FILE.is_file():
        path = DEFAULT_FILE
    values: Values = {}
    origins = {setting.dotted: "default" for setting in known()}
    for setting, value in _from_file(path) if path else ():
        values.setdefault(setting.table, {})[setting.name] = value
        origins[setting.dotted] = str(path)
    for setting, value in _from_environment(environ):
        values.setdefault(setting.table, {})[setting.name] = value
        origins[setting.dotted] = setting.variable
    return Loaded(settings=_joined(values, origins), origins=origins)


def _known(settings: type[msgspec.Struct]) -> Iterator[Known]:
    for part in msgspec.structs.fields(settings):
        table = inspect.type_info(part.type)
        assert isinstance(table, inspect.StructType)
        for field in table.fields:
            assert isinstance(field.type, inspect.Metadata), f"{part.name}.{field.name} has no description"
            extra, schema = field.type.extra or {}, field.type.extra_json_schema or {}
            yield Known(
                table=part.name,
                name=field.name,
                type=field.type.type,
                description=schema["description"],
                secret=extra["secret"],
                default=getattr(part.default, field.name),
            )


def _from_file(path: Path) -> Iterator[tuple[Known, object]]:
    settings = {setting.dotted: setting for setting in known()}
    tables = {setting.table for setting in settings.values()}
    for table, content in _parsed(path).items():
        if table not in tables:
            raise _unknown_table(table, content)
        if not isinstance(content, dict):
            raise BadInput(table, "is a table, not a value", f"write [{table}] and its settings below it")
        for name, value in content.items():
            setting = settings.get(f"{table}.{name}")
            if setting is None:
                siblings = {dotted: each.name for dotted, each in settings.items() if each.table == table}
                raise _unknown(f"{table}.{name}", "unknown setting", siblings)
            yield setting, _typed(setting, value, setting.dotted)


def _parsed(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(str(path), f"cannot be read ({error.strerror})", "name a settings file that can be") from error
    except UnicodeDecodeError as error:
        raise BadInput(str(path), f"is not UTF-8 ({error.reason})", "save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise BadInput(str(path), f"is not TOML ({error})", "mend that line") from error


def _from_environment(environ: Mapping[str, str]) -> Iterator[tuple[Known, object]]:
    settings = {setting.variable: setting for setting in known()}
    for variable, text in sorted(environ.items()):
        if not variable.startswith("GATEBOOK_") or NOT_SETTINGS.fullmatch(variable):
            continue
        setting = settings.get(variable)
        if setting is None:
            raise _unknown(variable, "unknown setting", {name: name for name in settings})
        if text:
            yield setting, _typed(setting, _value_of(setting, text, variable), variable, strict=False)


def _value_of(setting: Known, text: str, variable: str) -> object:
    """Lists are written `a,b` and tables `a=b,c=d`."""
    types = setting.type.types if isinstance(setting.type, inspect.UnionType) else (setting.type,)
    items = [item.strip() for item in text.split(",")]
    if any(isinstance(type_, inspect.VarTupleType) for type_ in types):
        return items
    if any(isinstance(type_, inspect.DictType) for type_ in types):
        if not all("=" in item for item in items):
            raise BadInput(variable, f"got {_shown(setting, text)}", f"expected name=value, …: {setting.description}")
        return {name.strip(): value.strip() for name, _, value in (item.partition("=") for item in items)}
    return text


def _typed(setting: Known, value: object, field: str, *, strict: bool = True) -> object:
    table = msgspec.structs.fields(Settings)
    part = next(part.type for part in table if part.name == setting.table)
    type_ = next(each.type for each in msgspec.structs.fields(part) if each.name == setting.name)
    try:
        return msgspec.convert(value, type_, strict=strict)
    except msgspec.ValidationError as error:
        raise BadInput(field, f"got {_shown(setting, value)}", f"expected {setting.description}") from error


def _joined(values: Values, origins: Mapping[str, str]) -> Settings:
    """Raises BadInput where values that are right by themselves do not go together."""
    parts: dict[str, msgspec.Struct] = {}
    settings = {setting.dotted: setting for setting in known()}
    for part in msgspec.structs.fields(Settings):
        try:
            parts[part.name] = part.type(**values.get(part.name, {}))
        except SettingFault as error:
            setting = settings[f"{part.name}.{error.name}"]
            field = setting.variable if origins[setting.dotted] == setting.variable else setting.dotted
            raise BadInput(field, error.fault, f"expected {setting.description}") from error
    return msgspec.convert(parts, Settings)


def _unknown_table(name: str, content: object) -> BadInput:
    """`name` stands at the top of the file, where only tables may."""
    tables = dict.fromkeys(setting.table for setting in known())
    if isinstance(content, dict):
        return _unknown(name, "unknown table", {table: table for table in tables})
    homes = [setting.dotted for setting in known() if setting.name == name]
    return BadInput(
        name, "stands in no table", f"did you mean {homes[0]}?" if homes else f"tables: {', '.join(tables)}"
    )


def _unknown(name: str, fault: str, right: Mapping[str, str]) -> BadInput:
    """`right` is what can be written -> the part of it that a typing error is looked for in."""
    wrong = name.rpartition(".")[2]
    close = difflib.get_close_matches(wrong, right.values(), n=1, cutoff=0.6 if wrong.islower() else 0.8)
    meant = [full for full, part in right.items() if part in close]
    return BadInput(name, fault, f"did you mean {meant[0]}?" if meant else f"known here: {', '.join(right)}")


def _shown(setting: Known, value: object) -> str:
    """A value as a message may repeat it: quoted, bounded, and never a secret."""
    if setting.secret:
        return "a value that is not shown"
    text = json.dumps(value, default=str)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"

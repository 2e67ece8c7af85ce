"""Every setting, command, kind, dialect and decision is documented, and every link leads somewhere."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from typer.core import TyperGroup
from typer.main import get_command

from gatebook.app.config import Known, known
from gatebook.cli.main import app
from gatebook.domain.kinds import Kind

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
DIALECTS = sorted(path.parent.name for path in (ROOT / "src/gatebook/dialects").glob("*/__init__.py"))
DECISIONS = sorted(path.name for path in (DOCS / "adr").glob("*.md"))
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


def commands(group: object, path: str = "gatebook") -> Iterator[str]:
    """Each command as it is typed, groups not counted."""
    if not isinstance(group, TyperGroup):
        yield path
        return
    for name, command in group.commands.items():
        yield from commands(command, f"{path} {name}")


@pytest.mark.parametrize("setting", known(), ids=lambda setting: setting.dotted)
def test_a_setting_is_documented_with_its_default(setting: Known) -> None:
    default = msgspec.to_builtins(setting.default)
    written = "none" if default is None else f"`{json.dumps(default)}`"
    written = "all that are built in" if setting.dotted == "dialects.enabled" else written

    lines = (DOCS / "configuration.md").read_text().splitlines()

    assert any(line.startswith(f"| `{setting.dotted}` | {written} | ") for line in lines)


def test_no_setting_is_documented_that_is_not_there() -> None:
    text = (DOCS / "configuration.md").read_text()

    documented = re.findall(r"^\| `(\w+\.\w+)` \|", text, re.MULTILINE)

    assert documented == [setting.dotted for setting in known()]


@pytest.mark.parametrize("command", list(commands(get_command(app))))
def test_a_command_is_documented(command: str) -> None:
    lines = (DOCS / "cli.md").read_text().splitlines()

    assert any(re.match(rf"\| `{command}[ `]", line) for line in lines)


def test_the_kinds_are_documented_in_order() -> None:
    text = (DOCS / "kinds.md").read_text()

    documented = re.findall(r"^\| `(\w+\.\w+)` \| \w", text, re.MULTILINE)

    assert documented == [kind.value for kind in Kind]


@pytest.mark.parametrize("name", DIALECTS)
def test_a_dialect_has_its_page_and_its_line(name: str) -> None:
    index = (DOCS / "README.md").read_text()

    assert (DOCS / "dialects" / f"{name}.md").is_file()
    assert f"](dialects/{name}.md)" in index


@pytest.mark.parametrize("name", DECISIONS)
def test_a_decision_has_its_headings_and_its_line(name: str) -> None:
    title, *rest = (DOCS / "adr" / name).read_text().splitlines()

    headings = [line.removeprefix("## ") for line in rest if line.startswith("## ")]

    assert headings == ["Context", "Decision", "Consequences", "Alternatives", "References"]
    assert f"- [{title.removeprefix('# ')}](adr/{name})" in (DOCS / "README.md").read_text()
    assert title.startswith(f"# {name[:4]}: ")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text())

    dead = [link for link in links if "://" not in link and not (page.parent / link).exists()]

    assert dead == []

"""The rules of who may know whom, checked over the code itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted([*(ROOT / "bot").rglob("*.py"), *(ROOT / "storage").rglob("*.py")])
SQL = re.compile(r"^\s*(SELECT\s.+\sFROM|INSERT\s+INTO|UPDATE\s.+\sSET|DELETE\s+FROM|PRAGMA\s)", re.DOTALL)

# A room and what its modules may never import: names of packages or modules, from anywhere in the file.
FORBIDDEN = {
    "storage": ("bot", "discord", "apscheduler"),
    "storage/models.py": ("storage", "bot", "aiosqlite", "sqlite3"),
    "bot/digest": ("discord", "aiosqlite", "sqlite3", "aiohttp", "apscheduler", "asyncio", "os", "random", "time",
                   "bot.messages", "bot.answers", "bot.ingest", "bot.sources", "storage.store"),
    "bot/messages": ("storage.store", "bot.answers", "aiohttp", "aiosqlite", "bot.preview", "bot.ingest", "asyncio"),
    "bot/answers": ("discord", "bot.preview", "bot.cli", "bot.app", "bot.commands", "bot.delivery", "aiohttp", "click"),
    "bot/commands": ("bot.preview", "bot.cli", "bot.app", "bot.delivery", "bot.ingest", "storage.store"),
    "bot/delivery": ("bot.preview", "bot.cli", "bot.app", "bot.commands", "bot.ingest"),
    "bot/preview": ("discord", "bot.cli", "bot.app", "bot.ingest", "bot.commands", "bot.delivery", "storage.store"),
    "bot/sources": ("discord", "bot.messages", "bot.answers", "bot.preview"),
    "bot/collecting": ("discord", "click", "aiohttp", "aiosqlite", "sqlite3", "bot.messages", "bot.answers",
                       "bot.preview", "bot.commands", "bot.delivery", "bot.app", "bot.cli", "bot.settings"),
    "bot/collecting/choosing.py": ("asyncio", "storage.store", "time", "os"),
    "bot/ingest.py": ("discord", "bot.messages", "bot.answers", "bot.preview"),
    "bot/cli.py": ("discord", "aiohttp", "bot.preview"),
    "bot/scheduler.py": ("discord", "bot.answers", "bot.delivery", "storage"),
    "bot/health.py": ("discord", "storage", "bot.answers"),
}  # fmt: skip
# The only ones that may import discord.
DISCORD_ROOMS = ("bot/messages", "bot/commands", "bot/client.py", "bot/delivery/discord_transport.py", "bot/running.py")
SCHEDULER_ROOMS = ("bot/scheduler.py",)
COMPOSITION_ROOT = ("bot/app.py", "bot/cli.py")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_in(room: str, name: str) -> bool:
    return name == room or name.startswith(room.removesuffix("/") + "/")


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_rooms_keep_to_those_they_may_know(path: Path) -> None:
    """No module imports what its room must not know."""
    for room, forbidden in FORBIDDEN.items():
        if is_in(room, name_of(path)):
            for imported in imports_of(path):
                assert not any(imported == name or imported.startswith(name + ".") for name in forbidden), imported


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_libraries_stay_in_their_rooms(path: Path) -> None:
    """discord and apscheduler appear only where they belong."""
    imported = {name.split(".")[0] for name in imports_of(path)}
    assert "discord" not in imported or any(is_in(room, name_of(path)) for room in DISCORD_ROOMS)
    assert "apscheduler" not in imported or name_of(path) in SCHEDULER_ROOMS


@pytest.mark.parametrize("path", [path for path in MODULES if not is_in("storage", name_of(path))], ids=name_of)
def test_sql_is_written_in_storage_only(path: Path) -> None:
    """No text outside storage looks like a statement."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert not SQL.match(node.value), node.value


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_nothing_happens_at_import(path: Path) -> None:
    """A module's top level defines things: it starts no loop, opens no file, reads no environment."""
    calls = {"open", "run", "connect", "getenv", "read_env", "from_env", "start_logging", "print"}
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.If):
            continue
        for call in (inner for inner in ast.walk(node) if isinstance(inner, ast.Call)):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            assert name not in calls, f"{name_of(path)}:{call.lineno}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    """A module begins with a docstring, and so does each public function and class in it."""
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{name_of(path)}: {node.name}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_modules_stay_readable(path: Path) -> None:
    """No module grows past 350 lines; the taxonomy's facts may."""
    assert path.name == "taxonomy_table.py" or len(path.read_text().splitlines()) <= 350


def test_only_the_composition_root_opens_the_store() -> None:
    """Concrete parts meet in one place; everyone else is handed a store."""
    for path in MODULES:
        if name_of(path) not in COMPOSITION_ROOT and not is_in("storage", name_of(path)):
            assert "Store.open(" not in path.read_text(), name_of(path)

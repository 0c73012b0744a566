"""What the files for servers name is there: commands, exit codes, settings, the health page, the libraries."""

from __future__ import annotations

import ast
import asyncio
import re
import shutil
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from aiohttp import web

from bot.cli import cli
from bot.health import Metrics, create_app
from bot.running import SHUTDOWN_SECONDS
from bot.settings import Settings
from tests.test_cli import run

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
UNITS = sorted(DEPLOY.glob("*.service")) + sorted(DEPLOY.glob("*.timer"))
CONTAINERFILE = (DEPLOY / "Containerfile").read_text()
GUIDE = (ROOT / "docs" / "operating.md").read_text()


def read_unit(name: str) -> dict[str, str]:
    """Return a unit's values by key; the last of several counts."""
    lines = (DEPLOY / name).read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def find_settings() -> set[str]:
    """Return the names of the settings that the example explains."""
    return set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


def find_requirements() -> set[str]:
    """Return the libraries that an installation without extras has."""
    names = re.findall(r"^([A-Za-z0-9._-]+)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    return {normalize(name) for name in names}


def normalize(name: str) -> str:
    """Return a distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_library_of_the_bot_is_installed_without_the_tests_extras() -> None:
    """Whatever bot and storage import is Python's own, ours, or among the pinned requirements of an installation."""
    known, wanted = packages_distributions(), find_requirements()
    for path in [*(ROOT / "bot").rglob("*.py"), *(ROOT / "storage").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                modules = [node.module or ""]
            else:
                continue
            for name in {module.split(".")[0] for module in modules} - set(sys.stdlib_module_names):
                assert name in ("bot", "storage") or {normalize(d) for d in known[name]} & wanted, f"{path}: {name}"


def test_the_lock_has_hashes_and_names_no_registry() -> None:
    """Each requirement is pinned with a hash, and where it comes from is the machine's choice."""
    text = (ROOT / "requirements.txt").read_text()
    assert text.count("==") == len(re.findall(r"== ?[^ ]+ \\\n +--hash=sha256:", text))
    assert "index-url" not in text and "://" not in text
    assert not re.search(r"https?://|index-url", CONTAINERFILE)


@pytest.mark.parametrize("name", ["hotpapers.service", "hotpapers-backup.service"])
def test_a_unit_starts_a_command_that_exists(name: str) -> None:
    """The entry point is the one that is installed, its command and options are known."""
    command = read_unit(name)["ExecStart"]
    assert 'hotpapers = "bot.cli:main"' in (ROOT / "pyproject.toml").read_text()
    found = re.search(r"/opt/hotpapers/\.venv/bin/hotpapers (\w+)((?: --\w+)*)", command)
    assert found
    options = {option for parameter in cli.commands[found[1]].params for option in parameter.opts}
    assert set(found[2].split()) <= options
    assert "/opt/hotpapers/.venv" in GUIDE


def test_the_unit_waits_for_the_bot_to_stop_and_gives_up_on_wrong_settings(tmp_path: Path) -> None:
    """The time to stop is more than the bot takes; the exit code of a wrong setting is the one not to restart after."""
    unit = read_unit("hotpapers.service")
    assert SHUTDOWN_SECONDS < float(unit["TimeoutStopSec"]) < 2 * SHUTDOWN_SECONDS
    assert unit["Restart"] == "on-failure"
    run(tmp_path, "run", code=int(unit["RestartPreventExitStatus"]))
    run(tmp_path, "run", code=int(unit["RestartPreventExitStatus"]), HEALTH_PORT="wrong")


def test_the_unit_may_write_where_the_database_is() -> None:
    """The working folder, where a relative database is, is the one folder that is the service's own."""
    for name in ("hotpapers.service", "hotpapers-backup.service"):
        unit = read_unit(name)
        assert unit["WorkingDirectory"] == "/var/lib/" + unit["StateDirectory"].split()[0]
        assert unit["ProtectSystem"] == "strict"
        assert unit["EnvironmentFile"] in GUIDE
    assert not Settings().database.is_absolute()
    assert "hotpapers/backups" in read_unit("hotpapers-backup.service")["StateDirectory"]


def test_the_units_are_ones_that_systemd_understands(tmp_path: Path) -> None:
    """systemd finds nothing wrong with them, where there is one; the programs they start are put in for the look."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd is not installed here")
    for unit in UNITS:
        text = unit.read_text().replace("/opt/hotpapers/.venv/bin/hotpapers", sys.executable)
        (tmp_path / unit.name).write_text(text)
    command = ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / unit.name) for unit in UNITS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_container_has_settings_that_exist() -> None:
    """Every variable it sets is one of ours or Python's, and its health check asks a page that the bot has."""
    block = re.search(r"^ENV ((?:.*\\\n)*.*)", CONTAINERFILE, re.MULTILINE)
    assert block
    names = set(re.findall(r"(\w+)=", block[1]))
    assert {name for name in names if not name.startswith("PYTHON")} <= find_settings()
    assert "HEALTH_PORT" in names
    paths = {resource.canonical for resource in create_app(None, Metrics()).router.resources()}  # type: ignore[arg-type]
    assert set(re.findall(r"'(/\w+)'", CONTAINERFILE)) <= paths


@pytest.mark.parametrize(("state", "code"), [("ok", 0), ("not connected", 1)])
async def test_the_containers_health_check_says_how_the_bot_is(state: str, code: int) -> None:
    """The check ends well when the page says so, and else not: when it is unwell, and when there is none."""
    found = re.search(r'HEALTHCHECK[^\[]*\["python", "-c", "(.*)"\]', CONTAINERFILE)
    assert found

    async def check() -> dict[str, str]:
        return {"gateway": state}

    async def ask(port: int) -> int | None:
        command = [sys.executable, "-c", found[1] if found else ""]
        environment = {"HEALTH_PORT": str(port), "HTTP_PROXY": "http://127.0.0.1:1"}
        process = await asyncio.create_subprocess_exec(*command, env=environment, stderr=asyncio.subprocess.DEVNULL)
        return await process.wait()

    runner = web.AppRunner(create_app(check, Metrics()))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    try:
        assert await ask(port) == code
    finally:
        await runner.cleanup()
    assert await ask(port) == 1


def test_the_container_copies_files_that_exist_and_no_secret() -> None:
    """What is copied is there and not ignored; settings and databases never get into the image."""
    ignored = (ROOT / ".containerignore").read_text().splitlines()
    for source in re.findall(r"^COPY (.*) \S+$", CONTAINERFILE, re.MULTILINE):
        for name in source.split():
            assert (ROOT / name).exists()
            assert f"!{name}" in ignored
    assert "*" in ignored and not any(line.startswith(("!.", "!samples", "!tests")) for line in ignored)
    assert re.findall(r"^FROM (.*)$", CONTAINERFILE, re.MULTILINE) == ["python:3.11-slim"]
    assert "--require-hashes -r requirements.txt" in CONTAINERFILE
    assert CONTAINERFILE.index("USER hotpapers") < CONTAINERFILE.index("ENTRYPOINT")


def test_the_guide_explains_every_figure_and_exit_code() -> None:
    """Each figure of the health page, each unit and each exit code is in docs/operating.md."""
    health = (ROOT / "bot" / "health.py").read_text()
    for figure in set(re.findall(r'"(hotpapers_\w+)"', health)):
        assert f"`{figure}`" in GUIDE, figure
    for unit in UNITS:
        assert unit.name in GUIDE
    assert all(re.search(rf"^\| {code} \|", GUIDE, re.MULTILINE) for code in (0, 1, 2, 130))
    for command in set(re.findall(r"hotpapers (\w+)", " ".join(re.findall(r"`hotpapers [^`]*`", GUIDE)))):
        assert command in cli.commands, command

"""The promises of the command line: what it prints, in text and JSON, and the exit codes scripts rely on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from bot.cli import cli
from bot.digest.post import parse
from bot.settings import Settings
from storage.migrate import find_migrations
from tests import posts

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "samples"
LATEST = len(find_migrations())  # the schema
COMMANDS = (
    "preview",
    "ingest",
    "collect",
    "day",
    "top",
    "search",
    "digest",
    "categories",
    "status",
    "migrate",
    "backup",
    "restore",
)
PAPER_KEYS = [
    *("arxiv_id", "version", "title", "authors", "categories", "rank", "retweets", "favorites", "score"),
    *("observed_at", "day", "abstract", "abs_url", "pdf_url", "mentions"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose database holds the samples."""
    folder = tmp_path_factory.mktemp("home")
    run(folder, "ingest", str(SAMPLES))
    return folder


def run(folder: Path, *arguments: str, code: int = 0, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a folder as a user would, and check its exit code."""
    clean = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    result = subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder,
        env={**clean, "PYTHONPATH": str(ROOT), **env},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.returncode == code, result.stderr
    assert "Traceback" not in result.stderr
    return result


def run_json(folder: Path, *arguments: str) -> Any:
    return json.loads(run(folder, *arguments, "--json").stdout)


def test_every_command_explains_itself(tmp_path: Path) -> None:
    """The help names every command, and asking for help creates nothing."""
    text = run(tmp_path, "--help").stdout
    assert all(f"\n  {command} " in text for command in COMMANDS)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_worth_reading(command: str) -> None:
    """A command says what it does, and explains each of its options."""
    known = cli.commands[command]
    assert len((known.help or "").split()) > 5
    assert all(len((option.help or "").split()) > 1 for option in known.params if isinstance(option, click.Option))
    assert (
        f"Usage: hotpapers {command}"
        in CliRunner().invoke(cli, [command, "--help"], prog_name="hotpapers", obj=Settings()).output
    )


def test_ingest_reports_as_json(home: Path) -> None:
    """The second ingest of the samples finds every file unchanged, and says so file by file."""
    report = run_json(home, "ingest", str(SAMPLES))
    files = sorted(SAMPLES.glob("2*.md"))
    assert {key: value for key, value in report.items() if value and key != "files"} == {"unchanged": len(files)}
    assert [file["path"] for file in report["files"]] == [str(path) for path in files]
    assert {tuple(file) for file in report["files"]} == {("path", "status", "papers", "repaired", "errors")}


def test_a_failing_file_is_named_with_line_and_cause(tmp_path: Path) -> None:
    """Exit code 1, the good file stored, the bad one on a line of its own."""
    (tmp_path / "bad.md").write_text("---\ntitle: [\n---\n")
    (tmp_path / "good.md").write_text(posts.make_post(posts.make_entry()))
    result = run(tmp_path, "ingest", ".", code=1)
    assert "1 new, 1 failed" in result.stdout
    assert f"{tmp_path / 'bad.md'}:3: bad YAML" in result.stderr


def test_standard_input_is_ingested(tmp_path: Path) -> None:
    """A post can be piped in."""
    result = run(tmp_path, "ingest", "-", stdin=posts.make_post(posts.make_entry()))
    assert "1 new" in result.stdout


def test_a_day_is_shown_by_date_slug_and_latest(home: Path) -> None:
    """The same day comes back by each of its names, with its slug, date and papers."""
    latest = run_json(home, "day", "latest")
    assert run_json(home, "day", latest["day"]) == run_json(home, "day", latest["slug"]) == latest
    assert [paper["rank"] for paper in latest["papers"]] == list(range(1, len(latest["papers"]) + 1))
    assert all(list(paper) == PAPER_KEYS for paper in latest["papers"])
    assert latest["papers"][0]["title"].split()[0] in run(home, "day", "latest").stdout


def test_a_day_as_markdown_is_the_post_that_was_ingested(home: Path) -> None:
    """What --markdown prints parses to the post it came from."""
    for path in SAMPLES.glob("2*.md"):
        assert parse(run(home, "day", path.name[:10], "--markdown").stdout) == parse(path.read_text())


def test_top_ranks_a_period(home: Path) -> None:
    """Papers come hottest first, as many as asked for, in the category asked for."""
    papers = run_json(home, "top", "--period", "all", "--category", "cs", "--limit", "7")["papers"]
    assert len(papers) == 7
    assert [paper["score"] for paper in papers] == sorted((paper["score"] for paper in papers), reverse=True)
    day = run_json(home, "top", "--period", "day", "--until", "2020-09-18")
    assert (day["first_day"], {paper["day"] for paper in day["papers"]}) == ("2020-09-18", {"2020-09-18"})


def test_search_finds_words_and_identifiers(home: Path) -> None:
    """A title's words and an arXiv link both find the paper."""
    paper = run_json(home, "day", "latest")["papers"][0]
    words = " ".join(paper["title"].split()[:3])
    assert paper["arxiv_id"] in [found["arxiv_id"] for found in run_json(home, "search", words)["papers"]]
    link = f"https://arxiv.org/pdf/{paper['arxiv_id']}v1"
    assert [found["arxiv_id"] for found in run_json(home, "search", link)["papers"]] == [paper["arxiv_id"]]
    assert "Nothing found" in run(home, "search", "zzzz", "qqqq").stdout


def test_a_digest_is_a_payload_or_its_text(home: Path) -> None:
    """--json gives what Discord would get; several messages come as a list, none with the reason."""
    payload = run_json(home, "digest")
    assert payload["content"].startswith("### Hot papers")
    assert (payload["flags"], payload["allowed_mentions"]) == (4, {"parse": []})
    assert run_json(home, "digest", "--category", "econ") == {"reason": "none of 11 papers in econ"}
    assert len(run_json(home, "digest", "--limit", "11")) == 2
    assert "Top 5 of" in run(home, "digest", "--limit", "5").stdout


def test_categories_and_status_count_what_is_stored(home: Path) -> None:
    """Both give figures that agree with what was ingested."""
    rows = {row["id"]: row for row in run_json(home, "categories")["categories"]}
    assert rows["cs.LG"]["name"] == "Machine Learning"
    assert rows["cs"]["papers"] >= rows["cs.LG"]["papers"] > 0
    status = run_json(home, "status")
    assert (status["days"], status["papers"], status["schema"]) == (4, 45, LATEST)


def test_migrate_makes_a_database(tmp_path: Path) -> None:
    """The first call creates it, the second finds it as it should be."""
    assert run_json(tmp_path, "migrate")["created"] is True
    expected = {"database": "hotpapers.db", "schema": LATEST, "created": False, "backup": None}
    assert run_json(tmp_path, "migrate") == expected


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("top", "--category", "cs.CZ"), "Did you mean"),
        (("top", "--period", "fortnight"), "fortnight"),
        (("day", "1999-01-01"), "The newest is 2020-09-24"),
        (("search", "x", "--since", "yesterday-ish"), "A date looks like"),
        (("ingest", "nowhere"), "does not exist"),
        (("ingest",), "Missing argument"),
        (("nonsense",), "nonsense"),
    ],
)
def test_misuse_exits_with_two_and_says_what_to_do(home: Path, arguments: tuple[str, ...], message: str) -> None:
    """A wrong option, category, day or path is named on standard error; nothing is printed as a result."""
    result = run(home, *arguments, code=2)
    assert message in result.stderr
    assert result.stdout == ""


def test_asking_without_a_database_says_how_to_make_one(tmp_path: Path) -> None:
    """Reading commands create nothing."""
    assert "hotpapers ingest FOLDER" in run(tmp_path, "top", code=2).stderr
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    """Exit code 2 and the variable's name, before anything else happens."""
    assert "LOG_LEVEL is not valid" in run(tmp_path, "status", code=2, LOG_LEVEL="loud").stderr


def test_a_foreign_database_is_left_alone(tmp_path: Path) -> None:
    """A file that is no database of ours is refused in a sentence, and keeps its bytes."""
    (tmp_path / "hotpapers.db").write_bytes(b"something else entirely, and long enough to be looked at" * 20)
    before = (tmp_path / "hotpapers.db").read_bytes()
    assert run(tmp_path, "status", code=1).stderr.startswith("hotpapers: ")
    assert (tmp_path / "hotpapers.db").read_bytes() == before


def test_a_closed_pipe_ends_quietly(home: Path) -> None:
    """Reading only the first line of a long answer leaves no error behind."""
    command = f"{sys.executable} -m bot top --period all --limit 45 --json | head -1"
    env = {**os.environ, "PYTHONPATH": str(ROOT), "DATABASE_URL": f"sqlite:///{home}/hotpapers.db"}
    result = subprocess.run(["/bin/sh", "-c", command], env=env, capture_output=True, text=True, timeout=60)
    assert (result.stdout, result.stderr) == ("{\n", "")


def test_terminal_controls_of_strangers_are_not_printed(tmp_path: Path) -> None:
    """An escape sequence in a title reaches neither the text nor the JSON as such."""
    (tmp_path / "a.md").write_text(posts.make_post(posts.make_entry(title="Red \x1b[31m alert \x9b31m")))
    run(tmp_path, "ingest", ".")
    for arguments in (("day", "latest"), ("day", "latest", "--json"), ("digest",), ("search", "alert")):
        printed = run(tmp_path, *arguments).stdout
        assert "\x1b" not in printed
        assert "\x9b" not in printed

"""How the command line prints: JSON for programs, wrapped text for people, errors and progress on standard error."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bot.digest.plural import count
from bot.digest.post import MAX_BYTES
from storage.models import Appearance

if TYPE_CHECKING:
    from bot.ingest import Progress, Report

# What a terminal would obey; strangers wrote some of what is printed.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_JSON_CONTROLS = re.compile(r"[\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def say(text: str) -> None:
    """Print a text that is safe already, for people."""
    print(text, flush=True)


def complain(text: str) -> None:
    """Print an error for people."""
    print(f"hotpapers: {_CONTROLS.sub('?', text)}", file=sys.stderr, flush=True)


def remark(text: str) -> None:
    """Print how work goes on, on standard error."""
    print(_CONTROLS.sub("?", text), file=sys.stderr, flush=True)


def print_json(value: Any) -> None:
    """Print a value as JSON, readable, with nothing in it that a terminal would obey."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    print(_JSON_CONTROLS.sub(lambda match: f"\\u{ord(match[0]):04x}", text), flush=True)


def print_raw(text: str) -> None:
    """Print a text as it is; on a terminal, without what it would obey."""
    sys.stdout.write(_CONTROLS.sub("\ufffd", text) if sys.stdout.isatty() else text)
    sys.stdout.flush()


def read_input() -> bytes:
    """Read standard input, a little more than the largest post at most."""
    return sys.stdin.buffer.read(MAX_BYTES + 1)


def get_width() -> int:
    """Return how wide to print, in cells."""
    return max(40, min(shutil.get_terminal_size((80, 24)).columns, 100))


def print_papers(heading: str, papers: Sequence[Appearance], when_empty: str = "No papers.") -> None:
    """Print a heading and a numbered list of papers."""
    from bot.messages.terminal import clean, render_paper_text

    lines = [clean(heading)]
    for number, paper in enumerate(papers, 1):
        lines += ["", *render_paper_text(number, paper, width=get_width())]
    say("\n".join(lines if papers else [*lines, when_empty]))


def format_report(report: Report) -> dict[str, Any]:
    """Return what an ingest did as a JSON object."""
    return {
        "new": report.count("new"),
        "updated": report.count("updated"),
        "unchanged": report.count("unchanged"),
        "failed": report.count("failed"),
        "partial": report.count("partial"),
        "drafts": report.count("draft"),
        "repaired": report.repaired,
        "troubles": list(report.troubles),
        "files": [
            {
                "path": file.path,
                "status": file.status,
                "papers": file.papers,
                "repaired": file.repaired,
                "errors": [{"line": line, "cause": cause} for line, cause in file.errors],
            }
            for file in report.files
        ],
    }


def print_report(report: Report) -> None:
    """Print what an ingest did: a line of counts, and a line for each thing wrong with a file."""
    for file in report.files:
        for line, cause in file.errors:
            print(f"{file.path}:{line}: {_CONTROLS.sub('?', cause)}", file=sys.stderr)
    for trouble in report.troubles:
        complain(trouble)
    counts = {key: value for key, value in format_report(report).items() if isinstance(value, int)}
    shown = [f"{value:,} {key}" for key, value in counts.items() if value or key in ("new", "failed")]
    say(f"{count(len(report.files), 'file')}: {', '.join(shown)}")


@contextmanager
def progress_bar(unit: str = " files") -> Iterator[Progress]:
    """Lend a progress callback that draws a bar on a terminal and nothing in a pipe."""
    from tqdm import tqdm

    with tqdm(unit=unit, disable=None, leave=False, file=sys.stderr) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield show

"""The operator's command that makes posts: collect a day out of live sources.

It is part of the command line in `cli`.
"""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot import output
from bot.digest.plural import count
from bot.operating import AS_JSON
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.collecting.collection import Outcome

COUNTING = ("huggingface", "hackernews", "bluesky")
NAMES = ("arxiv", *COUNTING)
FIRST_DAY = date(1991, 8, 14)  # of arXiv


def _parse_names(context: click.Context, option: click.Parameter, text: str) -> tuple[str, ...]:
    """Read names of sources with commas between; one that counts has to be among them."""
    names = tuple(dict.fromkeys(name.strip().lower() for name in text.split(",") if name.strip()))
    if unknown := [name for name in names if name not in NAMES]:
        raise click.BadParameter(f"there is no source {unknown[0]!r}; there are {', '.join(NAMES)}")
    if not set(names) & set(COUNTING):
        raise click.BadParameter(f"papers are ranked by what is counted: name {', '.join(COUNTING[:-1])} or bluesky")
    return names


@click.command()
@click.option(
    "--date",
    "moment",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="The evening (US Eastern) of arXiv's announcement; the newest whose 24 hours are over unless you say.",
)
@click.option(
    "--sources",
    "names",
    callback=_parse_names,
    default=",".join(NAMES),
    show_default=True,
    metavar="NAMES",
    help="What is asked, with commas between.",
)
@click.option(
    "--output",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where the file goes; POSTS_SOURCE if that is a folder, else `posts` beside the database.",
)
@click.option("--overwrite", is_flag=True, help="Replace a file, or a stored day, that was not made here.")
@AS_JSON
@click.pass_obj
def collect(
    settings: Settings,
    moment: datetime | None,
    names: tuple[str, ...],
    folder: Path | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Make the day's post out of live sources: YYYY-MM-DD---Hot-Papers.md.

    It has the papers that arXiv announced in the seven days up to DATE and that are hot now, without those of earlier
    posts. A day is scored once, 24 hours after its announcement at 20:00 US Eastern; asked again, it is the same post.
    A source that fails, or is not to be asked, is named in the post, which is made from the others; exit code 1 means
    that there is none.
    On days without an announcement (weekends, arXiv's holidays) there is no post, and no error.
    """
    from bot.app import collect_day

    day = moment.date() if moment else None
    if day and day < FIRST_DAY:
        raise click.BadParameter(f"arXiv's first day was {FIRST_DAY}", param_hint="--date")
    outcome = asyncio.run(collect_day(settings, day, names, folder, overwrite, output.remark))
    if as_json:
        output.print_json(format_outcome(outcome))
        return
    for note in outcome.notes:
        output.remark(note)
    output.say(render_outcome(outcome))


def format_outcome(outcome: Outcome) -> dict[str, Any]:
    """Return what came of a day as a JSON object."""
    papers = outcome.post.papers if outcome.post else ()
    return {
        "day": outcome.day.isoformat(),
        "status": outcome.status,
        "path": str(outcome.path) if outcome.path else None,
        "reason": outcome.reason or None,
        "papers": [
            {"rank": paper.rank, "arxiv_id": paper.paper.arxiv_id, "title": paper.paper.title, "score": paper.score}
            for paper in papers
        ],
        "older": outcome.older,
        "missing": dict(outcome.missing),
        "incomplete": list(outcome.incomplete),
        "notes": list(outcome.notes),
    }


def render_outcome(outcome: Outcome) -> str:
    """Return what came of a day, for people."""
    if outcome.path is None or outcome.post is None:
        return f"No post for {outcome.day}: {outcome.reason}."
    papers = count(len(outcome.post.papers), "paper")
    older = f", {outcome.older} of them older" if outcome.older else ""
    lines = [f"{outcome.path}: {papers}{older}{'' if outcome.status == 'written' else ' (unchanged)'}"]
    lines += [f"made without {', '.join(outcome.missing)}"] if outcome.missing else []
    lines += [f"only a part could be read of {', '.join(outcome.incomplete)}"] if outcome.incomplete else []
    lines += [f"{outcome.reason}: there is no newer post"] if outcome.reason else []
    return "\n".join(lines)


COMMANDS: tuple[click.Command, ...] = (collect,)

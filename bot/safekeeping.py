"""The commands that keep the database safe: back it up while the bot runs, and put a backup in its place.

How a copy is made and put back is the storage's; parsing, asking and printing is done here.
"""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot import output
from bot.errors import UserError
from bot.operating import AS_JSON
from bot.settings import Settings

if TYPE_CHECKING:
    from storage.backup import Contents
    from storage.restore import Restored


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--overwrite", is_flag=True, help="Replace FILE if it is there.")
@AS_JSON
@click.pass_obj
def backup(settings: Settings, file: Path, overwrite: bool, as_json: bool) -> None:
    """Copy the database to FILE, as it is at this moment; safe while the bot runs.

    FILE is complete and checked, or not written at all. It holds what the database does: keep it to yourself.
    """
    from storage.backup import back_up

    if not settings.database.exists():
        raise UserError(f"There is no database {settings.database} yet: `hotpapers ingest FOLDER` makes it.")
    began = time.monotonic()
    with output.progress_bar(" pages") as progress:
        contents = asyncio.run(back_up(settings.database, file, overwrite=overwrite, progress=progress))
    seconds = time.monotonic() - began
    if as_json:
        output.print_json({"file": str(file), "seconds": round(seconds, 3), **format_contents(contents)})
    else:
        output.say(f"Backed up {settings.database} to {file} in {seconds:.1f} s.\n{render_contents(contents)}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def restore(settings: Settings, file: Path, yes: bool) -> None:
    """Make the database what the backup FILE holds; stop the bot first.

    FILE is checked first, and the database that is there is kept under another name. What was sent after the backup
    is not in it: the bot looks into each channel before it sends there again, so that nothing comes twice.
    """
    from storage.backup import verify
    from storage.lock import hold_lock

    with hold_lock(settings.database):
        contents = verify(file)
        output.say(f"{file} holds:\n{render_contents(contents)}")
        if not yes and not _confirm(settings.database):
            output.say("Nothing was changed.")
            sys.exit(1)
        output.say(_render_restored(settings.database, _restore(settings, file)))


def _confirm(database: Path) -> bool:
    if not sys.stdin.isatty():
        raise UserError("Restoring replaces the database: say --yes where nobody can be asked.")
    what = "Make it" if not database.exists() else "Replace the database by it"
    return click.confirm(f"{what}, at {database}?")


def _restore(settings: Settings, file: Path) -> Restored:
    from bot.app import get_now
    from storage.restore import restore as put_back

    return asyncio.run(put_back(file, settings.database, get_now()))


def _render_restored(database: Path, done: Restored) -> str:
    lines = [f"{database} is now what the backup holds."]
    if done.kept:
        lines.append(f"What was there before: {done.kept}")
    if done.contents.subscriptions:
        lines.append(
            f"Before it sends a digest, the bot looks at what was sent since {_render_moment(done.check_since)}."
        )
    return "\n".join(lines)


def format_contents(contents: Contents) -> dict[str, object]:
    """Return what a backup holds as a JSON object; times are ISO text, null for none."""
    return {
        name: value.isoformat() if isinstance(value, date | datetime) else value
        for name, value in asdict(contents).items()
    }


def render_contents(contents: Contents) -> str:
    """Render what a backup holds as lines for people."""
    span = f" ({contents.first_day} to {contents.last_day})" if contents.days else ""
    return "\n".join(
        [
            f"size           {contents.size / 1e6:.1f} MB, schema {contents.schema}",
            f"days           {contents.days:,}{span}",
            f"papers         {contents.papers:,}",
            f"subscriptions  {contents.subscriptions:,}",
            f"last delivery  {_render_moment(contents.last_delivery)}",
            f"last change    {_render_moment(contents.known_at)}",
        ]
    )


def _render_moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "none"


COMMANDS: tuple[click.Command, ...] = (backup, restore)

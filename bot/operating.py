"""The operator's commands: run the bot, invite it, check it, show the page, look after the database.

They are part of the command line in `cli`, which also has the questions and chooses exit codes.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from typing import Any, TypeVar

import click

from bot import output
from bot.errors import ConfigError, UserError
from bot.settings import TOKEN_HELP, Settings
from storage.store import Store

T = TypeVar("T")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


@click.command("run")
@click.option("--or-preview", is_flag=True, help="Without DISCORD_TOKEN show the preview page instead.")
@click.pass_context
def run_(context: click.Context, or_preview: bool) -> None:
    """Run the bot on Discord, until Ctrl-C.

    Needs DISCORD_TOKEN; docs/setup.md says where it comes from. `hotpapers doctor` checks everything first.
    """
    from bot.app import run_bot
    from bot.logs import start_logging

    settings: Settings = context.obj
    if not settings.discord_token:
        if or_preview:
            context.invoke(preview)
            return
        raise ConfigError(
            f"DISCORD_TOKEN is not set: {TOKEN_HELP}, into .env. "
            "Without one, `hotpapers preview` shows everything in a browser."
        )
    start_logging(settings.log_level, settings.log_format, settings.secrets)
    asyncio.run(run_bot(settings, output.say))


@click.command()
@click.option("--threads/--no-threads", default=True, help="With the permissions that threads and forums need.")
@click.pass_obj
def invite(settings: Settings, threads: bool) -> None:
    """Print the link with which an admin invites the bot, with the permissions it needs and no more."""
    from bot.invite import find_application_id, render_invite

    if not settings.discord_token:
        raise ConfigError(
            f"DISCORD_TOKEN is not set, and the link needs the application's id, which is in it: {TOKEN_HELP}."
        )
    application_id = find_application_id(settings.discord_token)
    if application_id is None:
        raise ConfigError(f"DISCORD_TOKEN is none of Discord's: {TOKEN_HELP}.")
    output.say(render_invite(application_id, threads=threads))


@click.command()
@AS_JSON
@click.pass_obj
def doctor(settings: Settings, as_json: bool) -> None:
    """Check settings, token, commands, permissions, database, posts, disk and clock: a line each.

    Exit code 1 means that something is wrong; its line says what to do.
    """
    from bot.app import examine_all
    from bot.doctor import render_findings

    findings = asyncio.run(examine_all(settings))
    if as_json:
        output.print_json({"findings": [asdict(finding) for finding in findings]})
    else:
        output.say(render_findings(findings))
    sys.exit(1 if any(finding.is_ok is False for finding in findings) else 0)


@click.command()
@click.option("--host", help="Address to listen on (PREVIEW_HOST).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on, 0 for any free one (PREVIEW_PORT).")
@click.pass_obj
def preview(settings: Settings, host: str | None, port: int | None) -> None:
    """Show digests, /top and /search in a browser, as Discord will.

    Ingests POSTS_SOURCE first. Without posts of your own it shows the project's samples.
    """
    from bot.app import run_preview
    from bot.logs import start_logging

    start_logging(settings.log_level, settings.log_format, settings.secrets)
    settings = replace(
        settings,
        preview_host=host or settings.preview_host,
        preview_port=settings.preview_port if port is None else port,
    )
    with output.progress_bar() as progress:
        asyncio.run(run_preview(settings, output.say, output.print_report, progress))


@click.command()
@AS_JSON
@click.pass_obj
def status(settings: Settings, as_json: bool) -> None:
    """Say what is stored: days, papers, the last ingest, subscriptions; and how digests fared."""
    from bot.answers.status import find_status, render_status
    from bot.app import get_now

    def find(store: Store) -> Awaitable[dict[str, Any]]:
        return find_status(store, settings.database, settings.database.stat().st_size, get_now())

    found = run(settings, find)
    output.print_json(found) if as_json else output.say(render_status(found))


@click.command()
@AS_JSON
@click.pass_obj
def migrate(settings: Settings, as_json: bool) -> None:
    """Create the database or bring its schema up to date; every other command does so too when it must.

    An older database is backed up beside it first.
    """
    from storage.backup import find_kept

    async def work(store: Store) -> int:
        return await store.get_schema()

    existed, kept = settings.database.exists(), find_kept(settings.database)
    schema = run(settings, work, creates=True)
    if as_json:
        created = {"database": str(settings.database), "schema": schema, "created": not existed}
        output.print_json({**created, "backup": str(kept) if kept else None})
    else:
        output.say(f"{settings.database} {'is at' if existed else 'was created with'} schema {schema}.")
        if kept:
            output.say(f"As it was before: {kept}")


def run(settings: Settings, work: Callable[[Store], Awaitable[T]], *, creates: bool = False) -> T:
    """Open the store, do the work, close it; return what the work returned. Asking creates no database."""
    from bot.app import open_store

    if not creates and not settings.database.exists():
        raise UserError(f"There is no database {settings.database} yet: `hotpapers ingest FOLDER` makes it.")

    async def run_all() -> T:
        async with open_store(settings.database) as store:
            return await work(store)

    return asyncio.run(run_all())


COMMANDS: tuple[click.Command, ...] = (run_, invite, doctor, preview, status, migrate)

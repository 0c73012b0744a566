"""The command line: parses arguments, calls the answers, prints text or JSON, and chooses the exit code.

0 all went well · 1 something failed · 2 it was asked wrongly (an option, a setting, an unknown category)
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import click

from bot import __version__, delivering, making, output, safekeeping
from bot.digest.plural import count
from bot.errors import BotError, ConfigError, UserError
from bot.operating import AS_JSON, COMMANDS, run
from bot.settings import Settings
from bot.sources.address import LIVE, Address, AddressError, parse_address
from bot.sources.places import make_posts
from bot.sources.posts import Posts
from storage.errors import StorageError
from storage.store import Store

CATEGORY = click.option(
    "--category",
    "-c",
    "categories",
    multiple=True,
    metavar="C",
    help="An arXiv category or archive (cs.CV, stat); may be repeated.",
)
DAY_HELP = "2021-04-13, 2021-04, 2021, or back from the newest post: 30 days, 2w."


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="hotpapers")
@click.pass_context
def cli(context: click.Context) -> None:
    """Hot Papers: the arXiv papers people share most, from daily posts to a digest on Discord.

    Settings come from the environment and a .env file in this folder; .env.example explains them.
    """
    if not isinstance(context.obj, Settings):
        context.obj = Settings.from_env(Path.cwd())


@cli.command()
@click.argument("paths", nargs=-1, metavar="[PATH...]")
@AS_JSON
@click.pass_obj
def ingest(settings: Settings, paths: tuple[str, ...], as_json: bool) -> None:
    """Read daily posts into the database.

    PATH is a folder (its *.md files, subfolders too), a file, a git repository (https://…/x.git#content/posts), or -
    for standard input; without one it is POSTS_SOURCE. Files that did not change since they were last read are
    skipped. Exit code 1 means that a file, or a paper of one, could not be used.
    """
    from bot import app
    from bot import ingest as ingesting

    files = _find_places(settings, paths)

    async def work(store: Store) -> ingesting.Report:
        with output.progress_bar() as progress:
            report = await ingesting.ingest(store, files, app.get_now, progress)
        if "-" in paths:
            raw = await asyncio.to_thread(output.read_input)
            piped = await ingesting.ingest_text(store, raw, "-", app.get_now())
            report = ingesting.Report((*report.files, *piped.files), report.troubles)
        return report

    report = run(settings, work, creates=True)
    output.print_json(output.format_report(report)) if as_json else output.print_report(report)
    sys.exit(1 if report.has_failed else 0)


def _find_places(settings: Settings, paths: tuple[str, ...]) -> list[Posts]:
    """Return where the posts are that PATHs name, or POSTS_SOURCE."""
    try:
        addresses: list[Address | None] = [
            parse_address(path) for path in paths if path != "-" and path.lower() != LIVE
        ]
    except AddressError as error:
        raise click.BadParameter(str(error), param_hint="PATH") from None
    addresses += [Path(path) for path in paths if path.lower() == LIVE]
    for address in addresses:
        if isinstance(address, Path) and not address.exists():
            raise click.BadParameter(f"{address} does not exist", param_hint="PATH")
    if not paths:
        if settings.posts_source == LIVE:
            raise click.UsageError(
                "Missing argument 'PATH...': POSTS_SOURCE is live, and live posts are not read but made, by "
                "`hotpapers collect`, or by themselves by `hotpapers run`."
            )
        if settings.posts_source is None:
            raise click.UsageError("Missing argument 'PATH...': POSTS_SOURCE does not say where posts are, either.")
        addresses = [settings.posts_source]
    return [posts for address in addresses if (posts := make_posts(address, settings.database))]


@cli.command()
@click.argument("name", metavar="DATE|SLUG|latest")
@click.option("--markdown", is_flag=True, help="Print the post itself, in the format that ingest reads.")
@AS_JSON
@click.pass_obj
def day(settings: Settings, name: str, markdown: bool, as_json: bool) -> None:
    """Show one day's papers by rank."""
    from bot.answers import digests, records
    from bot.digest.post import format, make_post

    async def work(store: Store) -> Any:
        return await digests.find_edition(store, await digests.find_day(store, name))

    edition = run(settings, work)
    if markdown:
        output.print_raw(format(make_post(edition)))
    elif as_json:
        output.print_json(records.format_day(edition.day, edition.papers))
    else:
        output.print_papers(f"{edition.day.title} · {count(len(edition.papers), 'paper')}", edition.papers)


@cli.command()
@CATEGORY
@click.option(
    "--period",
    type=click.Choice(["day", "week", "month", "year", "all"]),
    default="week",
    show_default=True,
    help="How far back.",
)
@click.option("--until", metavar="DATE", default="", help="The last day; the newest post's unless you say.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=10, show_default=True, help="How many papers.")
@AS_JSON
@click.pass_obj
def top(settings: Settings, categories: tuple[str, ...], period: str, until: str, limit: int, as_json: bool) -> None:
    """Rank the papers of a period by how much they were shared.

    A period counts back from the newest ingested day, so that old archives work too.
    """
    from bot.answers import records
    from bot.answers.options import parse_categories, parse_day
    from bot.answers.top import TopQuery, find_newest, find_top

    async def work(store: Store) -> Any:
        newest = await find_newest(store)
        query = TopQuery(period, parse_day(until, newest) or newest, parse_categories(",".join(categories)))
        return await find_top(store, query, limit)

    found = run(settings, work)
    if as_json:
        output.print_json(
            {
                "first_day": found.first.isoformat(),
                "last_day": found.last.isoformat(),
                **({"ranked_by": "place within the day"} if found.is_mixed else {}),
                **records.format_papers(found.papers),
            }
        )
    else:
        how = "\nretweets and live counts don't compare: ranked by the place within each day" if found.is_mixed else ""
        output.print_papers(f"Top papers · {found.first} to {found.last}{how}", found.papers)


@cli.command()
@click.argument("words", nargs=-1, required=True)
@CATEGORY
@click.option("--since", metavar="DATE", default="", help=DAY_HELP)
@click.option("--until", metavar="DATE", default="", help="The last day, in the same forms.")
@click.option("--author", default="", help="Only papers by an author of this name.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=10, show_default=True, help="How many papers.")
@AS_JSON
@click.pass_obj
def search(
    settings: Settings,
    words: tuple[str, ...],
    categories: tuple[str, ...],
    since: str,
    until: str,
    author: str,
    limit: int,
    as_json: bool,
) -> None:
    """Find papers by WORDS in title, abstract or authors, best first; an arXiv id or link finds its paper."""
    from bot.answers import records
    from bot.answers.options import parse_categories, parse_day
    from bot.answers.search import SearchQuery, find_papers
    from bot.answers.top import find_newest

    async def work(store: Store) -> Any:
        newest = await find_newest(store)
        query = SearchQuery(
            " ".join(words),
            parse_categories(",".join(categories)),
            parse_day(since, newest),
            parse_day(until, newest),
            author,
        )
        return await find_papers(store, query, limit)

    papers, has_more = run(settings, work)
    if as_json:
        output.print_json({**records.format_papers(papers), "has_more": has_more})
    else:
        output.print_papers(f"Search · {' '.join(words)}", papers, "Nothing found. Try fewer or shorter words.")


@cli.command()
@CATEGORY
@click.option("--limit", type=click.IntRange(1, 50), default=10, show_default=True, help="How many papers at most.")
@click.option("--day", "name", default="latest", metavar="DATE|SLUG", help="Another day than the newest.")
@AS_JSON
@click.pass_obj
def digest(settings: Settings, categories: tuple[str, ...], limit: int, name: str, as_json: bool) -> None:
    """Show what a digest would post, without posting it.

    With --json this is the message as Discord gets it; a list of messages when it takes several.
    """
    from bot.answers import digests
    from bot.answers.options import parse_categories
    from bot.messages.digest import render_digest
    from bot.messages.summary import render_reason
    from bot.messages.terminal import render_digest_text
    from storage.models import Subscription, Target

    async def work(store: Store) -> Any:
        wanted = Subscription(Target("page", "terminal"), parse_categories(",".join(categories)), limit)
        return await digests.find_digest(store, wanted, (await digests.find_day(store, name)).day)

    chosen = run(settings, work)
    if not as_json:
        output.say(render_digest_text(chosen, width=output.get_width()))
        return
    payloads = [message.to_payload() for message in render_digest(chosen)]
    output.print_json(payloads[0] if len(payloads) == 1 else payloads or {"reason": render_reason(chosen)})


@cli.command()
@AS_JSON
@click.pass_obj
def categories(settings: Settings, as_json: bool) -> None:
    """List arXiv's categories, and how many stored papers each has."""
    from bot.digest.taxonomy import ARCHIVES, CATEGORIES, render_category

    async def work(store: Store) -> dict[str, int]:
        return await store.papers.category_counts()

    counts = run(settings, work) if settings.database.exists() else {}
    names = [*ARCHIVES, *(name for name in CATEGORIES if name not in ARCHIVES)]
    rows = [{"id": name, "name": render_category(name), "papers": counts.get(name, 0)} for name in sorted(names)]
    if as_json:
        output.print_json({"categories": rows})
    else:
        output.say("\n".join(f"{row['id']:<20} {row['papers']:>7,}  {row['name']}" for row in rows))


for command in (*COMMANDS, *making.COMMANDS, *delivering.COMMANDS, *safekeeping.COMMANDS):
    cli.add_command(command)


def main() -> None:
    """Run the command line; errors meant for people become one line, a closed pipe or Ctrl-C nothing."""
    try:
        cli.main(prog_name="hotpapers", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (ConfigError, UserError) as error:
        output.complain(str(error))
        sys.exit(2)
    except (BotError, StorageError) as error:
        output.complain(str(error))
        sys.exit(1)
    except (KeyboardInterrupt, click.Abort):
        sys.exit(130)
    except BrokenPipeError:
        # What reads our output is gone; leave nothing for the interpreter to flush at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)

"""All live sources on loopback, one server for them: what was announced, counted and posted is given by paper."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.settings import Settings
from tests.arxiv import build_answer, build_entry, build_feed, build_record
from tests.jetstream import AUTHOR, FakeJetstream, Plan, make_event, uri_of
from tests.web_server import Handler


@dataclass
class World:
    """What there is, by the paper's number in November 2026; `down` are paths that answer 403, `asked` all that was."""

    day: date
    announced: Iterable[int] = ()
    upvotes: dict[int, int] = field(default_factory=dict)
    points: dict[int, int] = field(default_factory=dict)
    likes: dict[int, int] = field(default_factory=dict)
    down: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    jetstream: FakeJetstream = field(default_factory=lambda: FakeJetstream(plans=[Plan(end="hang")] * 9))
    base: str = ""

    @property
    def made(self) -> datetime:
        """When everything is made: the morning after the announcement."""
        return datetime.combine(self.day + timedelta(days=1), datetime.min.time(), UTC) + timedelta(hours=9)

    def find_settings(self, folder: Path, **others: Any) -> Settings:
        """Return settings with these sources, and a database in a folder."""
        return Settings(database=folder / "bot.db", arxiv_categories=("cs.LG",), **self._find_bases(), **others)

    def find_env(self) -> dict[str, str]:
        """Return the environment with these sources."""
        return {"ARXIV_CATEGORIES": "cs.LG", **{name.upper(): url for name, url in self._find_bases().items()}}

    def _find_bases(self) -> dict[str, str]:
        return {
            "arxiv_rss_base": f"{self.base}/rss",
            "arxiv_api_base": f"{self.base}/api",
            "hf_api_base": f"{self.base}/hf",
            "hn_api_base": f"{self.base}/hn",
            "bluesky_api_base": f"{self.base}/xrpc",
            "jetstream_url": f"ws{self.base.removeprefix('http')}/subscribe",
        }

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer for whichever source is asked."""
        source = request.path.split("/")[1]
        self.asked.append(source)
        if source in self.down:
            return web.Response(status=403)
        if source == "subscribe":
            return await self.jetstream.answer(request)
        if source in ("rss", "api"):
            return web.Response(body=self._announce() if source == "rss" else self._describe(request))
        answers = {"hf": self._list_votes, "hn": self._list_stories, "xrpc": self._list_posts}
        return web.json_response(answers[source](request))

    def _announce(self) -> bytes:
        printed = self.day + timedelta(days=1)
        return build_feed([build_entry(name_paper(number), day=printed) for number in self.announced], printed)

    def _describe(self, request: web.Request) -> bytes:
        return build_answer([build_record(arxiv_id) for arxiv_id in request.query["id_list"].split(",")])

    def _list_votes(self, request: web.Request) -> list[dict[str, Any]]:
        votes = self.upvotes if request.query["date"] == self.made.date().isoformat() else {}
        return [
            {
                "paper": {
                    "id": name_paper(number),
                    "authors": [{"name": "Ada Example"}],
                    "submittedOnDailyAt": f"{self.made:%Y-%m-%dT%H:%M:%S.000Z}",
                    "title": f"About {name_paper(number)}",
                    "summary": "We train it.",
                    "upvotes": upvotes,
                }
            }
            for number, upvotes in votes.items()
        ]

    def _list_stories(self, request: web.Request) -> dict[str, Any]:
        return {
            "hits": [
                {
                    "objectID": str(49_000_000 + number),
                    "title": "A planner that learns",
                    "url": f"https://arxiv.org/abs/{name_paper(number)}",
                    "created_at_i": int(self.made.timestamp()),
                    "points": points,
                    "num_comments": 44,
                    "_tags": ["story"],
                }
                for number, points in self.points.items()
            ],
            "hitsPerPage": 1000,
        }

    def _list_posts(self, request: web.Request) -> dict[str, Any]:
        likes = {uri_of(f"3k{number}"): count for number, count in self.likes.items()}
        return {
            "posts": [
                {
                    "uri": uri,
                    "author": {"did": AUTHOR, "handle": "ada.example", "displayName": "Ada", "labels": []},
                    "record": {"text": "Read this", "createdAt": self.made.isoformat()},
                    "likeCount": likes[uri],
                    "repostCount": 2,
                    "quoteCount": 1,
                    "indexedAt": self.made.isoformat(),
                    "labels": [],
                }
                for uri in request.query.getall("uris")
            ]
        }

    def post(self) -> None:
        """Let those who like papers have posted about each, and others about something else much later."""
        made = f"{self.made:%Y-%m-%dT%H:%M:%S.000Z}"
        at = int(self.made.timestamp()) * 1_000_000
        self.jetstream.tell(*(make_event(f"3k{one}", at, name_paper(one), created=made) for one in self.likes))
        self.jetstream.tell(make_event("3kz", at + 10**12))


def name_paper(number: int) -> str:
    """Return a paper's id."""
    return f"2611.{number:05}"


@asynccontextmanager
async def run_world(world: World, answer: Handler | None = None) -> AsyncIterator[World]:
    """Let a world be reached, through a handler of a test's own if there is one."""
    app = web.Application()
    app.router.add_get("/{path:.*}", answer or world.answer)
    async with TestServer(app) as server:
        world.base = str(server.make_url("")).rstrip("/")
        world.post()
        yield world

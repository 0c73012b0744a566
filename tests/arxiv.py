"""arXiv for tests: feeds and answers built entry by entry, a server for them on loopback, and a reader of its own.

The reader goes over recordings with ElementTree and plain string work, so that it shares nothing with the program's.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.sources.wire import Wire

ATOM = "{http://www.w3.org/2005/Atom}"
DC = "{http://purl.org/dc/elements/1.1/}"
ARXIV = "{http://arxiv.org/schemas/atom}"
NAMESPACES = (
    'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"'
)


@dataclass(frozen=True)
class Read:
    """What the independent reader finds in one entry; `line` is the line of authors or the names joined."""

    arxiv_id: str
    version: int | None
    title: str
    abstract: str
    line: str
    categories: tuple[str, ...]
    kind: str


def read_independently(body: bytes) -> list[Read]:
    """Read a well-formed feed, Atom or RSS 2.0, announcements or an answer of the API."""
    root = ElementTree.fromstring(body)  # noqa: S314 - recordings and feeds of our own
    entries = root.findall(f"{ATOM}entry") or root.findall("channel/item")
    return [_read_entry(entry) for entry in entries]


def _read_entry(entry: ElementTree.Element) -> Read:
    address = _text(entry, f"{ATOM}id", "guid")
    name, _, version = re.split(r"oai:arXiv\.org:|/abs/", address)[-1].partition("v")
    summary = _text(entry, f"{ATOM}summary", "description")
    abstract = summary.split("Abstract: ", 1)[1] if "Announce Type:" in summary else summary
    said = summary.split("Announce Type: ", 1)[1].split(" ")[0] if "Announce Type:" in summary else ""
    names = [_clean(author.findtext(f"{ATOM}name")) for author in entry.findall(f"{ATOM}author")]
    terms = [one.get("term") or one.text or "" for one in [*entry.findall(f"{ATOM}category"), *entry.iter("category")]]
    return Read(
        name,
        int(version) if version else None,
        _text(entry, f"{ATOM}title", "title"),
        abstract,
        _text(entry, f"{DC}creator") or ", ".join(names),
        tuple(dict.fromkeys(terms)),
        _text(entry, f"{ARXIV}announce_type") or said,
    )


def _text(entry: ElementTree.Element, *names: str) -> str:
    found = (entry.find(name) for name in names)
    return next((_clean(one.text) for one in found if one is not None), "")


def _clean(text: str | None) -> str:
    return " ".join((text or "").split())


def split_line(line: str) -> list[str]:
    """Split a line of authors the slow way: comma by comma, counting parentheses."""
    names, depth, name = [], 0, ""
    for char in f"{line},":
        depth += (char == "(") - (char == ")")
        if char == "," and not depth:
            names.append(" ".join(name.split()))
            name = ""
        elif not depth and char != ")":
            name += char
    return [name for name in names if name]


def build_entry(
    arxiv_id: str,
    *,
    version: int = 1,
    kind: str | None = "new",
    categories: Iterable[str] = ("cs.LG",),
    title: str = "A small network",
    abstract: str = "We train it.",
    authors: str = "Ada Example, Bo Sample",
    day: date = date(2026, 3, 4),
    prefix: bool = True,
) -> str:
    """Write one announcement as arXiv's Atom feeds do."""
    full = f"{arxiv_id}v{version}"
    start = f"arXiv:{full} Announce Type: {kind} \nAbstract: " if prefix and kind else ""
    element = f"<arxiv:announce_type>{kind}</arxiv:announce_type>" if kind else ""
    tags = "".join(f'<category term="{one}"/>' for one in categories)
    return (
        f"<entry><id>oai:arXiv.org:{full}</id><title>{escape(title)}</title>"
        f'<link href="https://arxiv.org/abs/{arxiv_id}" rel="alternate" type="text/html"/>'
        f"<summary>{escape(start + abstract)}</summary>{tags}{element}"
        f"<published>{day}T00:00:00-05:00</published><dc:creator>{escape(authors)}</dc:creator></entry>"
    )


def build_feed(entries: Iterable[str] = (), day: date = date(2026, 3, 4), title: str = "cs.LG updates") -> bytes:
    """Write an Atom feed as arXiv builds it at midnight (US Eastern)."""
    head = f"<title>{title}</title><updated>{day}T05:00:10+00:00</updated>"
    return f'<?xml version="1.0"?><feed xmlns="{ATOM[1:-1]}" {NAMESPACES}>{head}{"".join(entries)}</feed>'.encode()


def build_record(
    arxiv_id: str, *, version: int = 1, comment: str = "", abstract: str = "We train it.", category: str = "cs.LG"
) -> str:
    """Write one paper as the query API does."""
    said = f"<arxiv:comment>{escape(comment)}</arxiv:comment>" if comment else ""
    return (
        f"<entry><id>http://arxiv.org/abs/{arxiv_id}v{version}</id><title>About {arxiv_id}</title>"
        f"<updated>2026-03-03T18:00:00Z</updated><published>2026-03-02T17:30:00Z</published>"
        f"<summary>  {escape(abstract)}\n</summary>{said}"
        f'<category term="stat.ML"/><category term="{category}"/><arxiv:primary_category term="{category}"/>'
        f'<link href="https://arxiv.org/pdf/{arxiv_id}v{version}" rel="related" type="application/pdf" title="pdf"/>'
        f"<author><name>Ada Example</name></author></entry>"
    )


def build_answer(records: Iterable[str], total: int | None = None) -> bytes:
    """Write an answer of the query API; `total` is what it says it has."""
    records = list(records)
    count = len(records) if total is None else total
    head = f"<title>arXiv Query</title><opensearch:totalResults>{count}</opensearch:totalResults>"
    return f'<?xml version="1.0"?><feed xmlns="{ATOM[1:-1]}" {NAMESPACES}>{head}{"".join(records)}</feed>'.encode()


def build_refusal(bad_id: str) -> bytes:
    """Write the query API's answer, of status 400, to an id that is none."""
    return build_answer(
        [
            f"<entry><id>https://arxiv.org/api/errors#incorrect_id_format_for_{bad_id}</id><title>Error</title>"
            f"<summary>incorrect id format for {bad_id}</summary></entry>"
        ]
    )


@dataclass
class Said:
    """What the server answers to one request."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Reply = Callable[[str, dict[str, str]], Said]


@dataclass
class Site:
    """arXiv on loopback: what it was asked (path or query, headers) and when it may be asked."""

    base: str
    wire: Wire
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)


@asynccontextmanager
async def run_site(reply: Reply) -> AsyncIterator[Site]:
    """Run a server that answers with `reply(what is asked, headers)`, and a client that does not really sleep."""

    async def answer(request: web.Request) -> web.Response:
        asked = request.query.get("id_list") or request.path.rpartition("/")[2]
        site.asked.append(asked)
        site.headers.append(dict(request.headers))
        said = reply(asked, dict(request.headers))
        return web.Response(body=said.body, status=said.status, headers=said.headers)

    async def sleep(seconds: float) -> None:
        site.slept.append(seconds)

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    async with TestServer(app) as server, Wire(contact="", sleep=sleep, now=lambda: datetime(2026, 3, 4)) as wire:
        site = Site(str(server.make_url("")).rstrip("/"), wire)
        yield site

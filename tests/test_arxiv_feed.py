"""arXiv's announcements: feeds read to the paper, asked for in groups, trusted as far as they are fresh and whole."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SourceError
from bot.sources.announced import RefusedError, parse_feed, parse_guid
from bot.sources.arxiv_feed import ARXIV_SECONDS, GROUP_SIZE, ArxivFeed, plan_groups
from bot.sources.feeds import MAX_BYTES, open_feed
from bot.sources.freshness import FeedMemory, Mark, Validator, format_memory, parse_memory, rank_identifier
from bot.sources.slips import mend_slips
from bot.sources.source import Reading
from bot.sources.wire import Pace
from tests.arxiv import Said, Site, build_entry, build_feed, read_independently, run_site, split_line

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday; its feeds are of Tuesday evening
TODAY, YESTERDAY = date(2026, 3, 4), date(2026, 3, 3)
ERRORS = ("gen_atom_error_badarchive", "gen_rss_error_badarchive", "gen_rss_error_badclass", "gen_rss_error_version")
WHOLE = (
    "zotero_arxiv_daily_cs", "gen_rich_atom_all", "gen_rich_atom_cond-mat", "gen_rich_rss_all", "gen_rich_rss_cs",
    "gen_rich_rss_hep-th", "gen_rich_rss_math", "allnewsai_weekend_empty", "gen_rss_empty_econ",
    "gen_rss_cs", "gen_rss_math", "gen_rss_math.NT", "gen_rss_multi", "gen_atom_math",
)  # fmt: skip


def read_recording(shared: Path, name: str) -> bytes:
    return (shared / "samples" / "arxiv_rss" / f"{name}.xml").read_bytes()


@pytest.mark.parametrize("name", WHOLE)
def test_a_recording_is_read_to_the_exact_papers(shared: Path, name: str) -> None:
    """Ids, versions, kinds, titles, abstracts, categories and authors are those an independent reader finds."""
    body = read_recording(shared, name)
    feed = parse_feed(body)
    entries = read_independently(body)
    assert feed.entry_count == len(entries)
    assert feed.notes == ()
    for one, entry in zip(feed.announcements, entries, strict=True):
        paper = one.paper
        assert (paper.arxiv_id, paper.version, one.kind) == (entry.arxiv_id, entry.version, entry.kind)
        assert (paper.title, paper.abstract, paper.categories) == (entry.title, entry.abstract, entry.categories)
        assert list(paper.authors) == split_line(entry.line)


def test_arxivs_own_guid_names_a_paper_whatever_its_month() -> None:
    """arXiv's generator is tested with ids of a 34th month; what is not called arXiv's has to look like an id."""
    entries = [build_entry("1234.56789", version=2), build_entry("2603.00001")]
    feed = parse_feed(build_feed(entries))
    assert [(one.paper.arxiv_id, one.paper.version) for one in feed.announcements] == [
        ("1234.56789", 2), ("2603.00001", 1)
    ]  # fmt: skip
    assert feed.announcements[0].paper.abstract == "We train it."
    assert parse_guid("oai:arXiv.org:1234.5657v1") == ("1234.5657", 1)
    assert parse_guid("1234.5657v1") is None
    plain = [entries[0].replace("oai:arXiv.org:", "").replace("arXiv:", ""), entries[1]]
    assert [one.paper.arxiv_id for one in parse_feed(build_feed(plain)).announcements] == ["2603.00001"]


@pytest.mark.parametrize("guid", ["math/0309136", "math.GT/0309136", "oai:arXiv.org:math.GT/0309136v1"])
@pytest.mark.parametrize("link", ["math/0309136", "math.GT/0309136"])
def test_a_subject_class_makes_no_other_paper(guid: str, link: str) -> None:
    """An old id is the same with its class and without, in the guid and in the link, and is kept without."""
    entry = build_entry("math/0309136", prefix=False)
    entry = entry.replace("oai:arXiv.org:math/0309136v1", guid).replace("/abs/math/0309136", f"/abs/{link}")
    feed = parse_feed(build_feed([entry]))
    assert [one.paper.arxiv_id for one in feed.announcements] == ["math/0309136"]
    assert feed.notes == ()


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_served_as_a_feed_is_an_error(shared: Path, name: str) -> None:
    """arXiv's reason is in the message, on one line, and what to check."""
    with pytest.raises(RefusedError, match=r"^arXiv's feed of x is refused by arXiv: (Bad|Uns).*; check ARXIV_"):
        parse_feed(read_recording(shared, name), "arXiv's feed of x")


def test_a_feed_of_another_shape_is_read_as_far_as_it_goes(shared: Path) -> None:
    """Without announce_type the description has it, without either the version; a title may be lacking."""
    feed = parse_feed(read_recording(shared, "allnewsai_cs_cl"))
    assert [(one.paper.arxiv_id, one.kind) for one in feed.announcements] == [
        ("2607.11111", "new"), ("2607.22222", "cross"), ("2203.01250", "replace-cross"), ("2607.33333", "new"),
        ("2607.44444", "new"),
    ]  # fmt: skip
    assert feed.announcements[0].paper.abstract.startswith("We study how sparse routing")
    assert feed.announcements[3].paper.abstract.startswith("Abstract only")
    assert feed.announcements[4].paper.title == ""
    assert feed.announcements[4].paper.abstract.startswith("This entry has no title")
    assert feed.notes[0] == "arXiv's feed: 1 without a title (2607.44444)"
    assert "taken from the version" in feed.notes[1]


def test_an_announcement_is_of_the_evening_before_its_feed() -> None:
    """A feed of Wednesday is of Tuesday's announcement, one served on a Saturday of Thursday's."""
    assert parse_feed(build_feed([build_entry("2603.00001")])).announcements[0].announced_on == date(2026, 3, 3)
    saturday = date(2026, 3, 7)
    feed = parse_feed(build_feed([build_entry("2603.00001", day=saturday)], saturday))
    assert feed.announcements[0].announced_on == date(2026, 3, 5)


@pytest.mark.parametrize(
    "text",
    [
        "We prove $a<b$ and <b>not</b> bold",
        "for x<script>alert(1)</script> and y > z",
        "R&D, AT&T &amp; &lt;tags&gt; &#38; &nbsp;",
        "<p>a paragraph</p> see <a href='x'>here</a>",
        'Erd\\H{o}s, na\\"ive, 5 % of $\\mathcal{O}(n^2)$',
        "]]> and <![CDATA[ inside",
        "日本語 – “quotes” … é",
    ],
)
def test_text_is_what_arxiv_printed(text: str) -> None:
    """Signs of mathematics, entities and TeX are not cleaned, completed or taken for HTML."""
    paper = parse_feed(build_feed([build_entry("2603.00001", title=text, abstract=text)])).announcements[0].paper
    assert (paper.title, paper.abstract) == (" ".join(text.split()), " ".join(text.split()))


def test_a_paper_that_is_there_twice_counts_as_its_strongest_kind() -> None:
    """New is stronger than cross-listed, and the order stays."""
    feed = parse_feed(build_feed([
        build_entry("2603.00002", kind="cross"), build_entry("2603.00001"), build_entry("2603.00002", kind="new")
    ]))  # fmt: skip
    kinds = [(one.paper.arxiv_id, one.kind) for one in feed.announcements]
    assert kinds == [("2603.00002", "new"), ("2603.00001", "new")]


def test_withdrawn_replacements_are_named() -> None:
    """A new version that says that the paper was withdrawn makes it so."""
    entry = build_entry("2603.00001", kind="replace", version=2, abstract="This paper has been withdrawn by us.")
    assert parse_feed(build_feed([entry])).withdrawn == {"2603.00001"}


def test_odd_entries_are_left_out_with_a_few_notes() -> None:
    """What names two papers, or none, or an unknown kind is refused one by one; notes do not grow with them."""
    two = build_entry("2603.00001").replace("abs/2603.00001", "abs/2603.00009")
    odd = [two, build_entry("2603.00002", kind="absonly"), *[build_entry("nonsense")] * 9]
    feed = parse_feed(build_feed([*odd, build_entry("2603.00003")]))
    assert [one.paper.arxiv_id for one in feed.announcements] == ["2603.00003"]
    assert len(feed.notes) == 6
    assert "names 2603.00001 and links to 2603.00009" in feed.notes[0]
    assert "something unknown: absonly" in feed.notes[1]
    assert feed.notes[-1].endswith("6 more are left out")


def test_a_feed_whose_every_entry_is_useless_is_an_error() -> None:
    """Entries none of which can be used are no quiet day: the first cause is told; a feed without entries is one."""
    body = build_feed([build_entry("2603.00001", kind="absonly"), build_entry("nonsense")])
    with pytest.raises(SourceError, match="asked again") as raised:
        parse_feed(body, "arXiv's feed of cs.LG")
    cause = "entry 1 is left out, 2603.00001 is announced as something unknown: absonly"
    assert str(raised.value).startswith(f"arXiv's feed of cs.LG has nothing that can be read: {cause}; ")
    assert parse_feed(build_feed()).announcements == ()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("A\x0bB\x00C\x1fD\uffff", "ABCD"),
        ("R&D at AT&T", "R&D at AT&T"),
        ("a&nbsp;b &eacute; &mdash; &unheard;", "a b é — &unheard;"),
        ("&LT;i&GT; &lt;b&gt; &amp;amp; &#38;lt;", "<i> <b> &amp; &lt;"),
        ("A&#0;B&#xB;C&#xD800;D &#233; &#x00e9;", "ABCD é é"),
        ("a & b<![CDATA[ &nbsp; & <!-- &]]>", "a & b &nbsp; & <!-- &"),
        ("a & b<!-- & &nbsp; -->", "a & b"),
        ("&&; &#; &#x; &#xzz; &-x; &a b; &", "&&; &#; &#x; &#xzz; &-x; &a b; &"),
    ],
)
def test_small_slips_do_not_cost_a_feed(written: str, read: str) -> None:
    """A character that XML has not, a bare ampersand and an HTML entity are mended, and that is noted."""
    entry = build_entry("2603.00001", title="TITLE").replace("TITLE", written)
    feed = parse_feed(build_feed([entry, build_entry("2603.00002")]), "arXiv's feed of cs.LG")
    assert [one.paper.arxiv_id for one in feed.announcements] == ["2603.00001", "2603.00002"]
    assert feed.announcements[0].paper.title == read
    assert len(feed.notes) == 1
    assert re.fullmatch(r"arXiv's feed of cs\.LG was damaged in (one|\d+) places? and has been mended", feed.notes[0])


@given(st.text(st.characters(codec="utf-8")))
def test_what_is_well_formed_is_not_mended(text: str) -> None:
    """Any text that a feed can hold, once escaped, stays what it is."""
    legal = "".join(char for char in text if char.isprintable())
    comment = legal.replace("-", "")
    body = f"<rss version='2.0'><!--{comment} &--><a b={quoteattr(legal)}>{escape(legal)}&#233;</a></rss>"
    assert mend_slips(body) == (body, 0)


@pytest.mark.parametrize("part", ["&", "<![CDATA[", "<!--", "<?", "&#0", "&a", "&amp", "\x00", "<![CDATA[ & <!--"])
def test_slips_without_end_are_an_error_soon(part: str) -> None:
    """A megabyte of what could be mended is refused, and takes no longer for its length."""
    with pytest.raises(SourceError, match=r"damaged|not a feed"):
        parse_feed(b"<rss>" + part.encode() * (1_000_000 // len(part)))


BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><rss version="2.0"><channel/></rss>'


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        (BOMB, "document type"),
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><rss version="2.0"><channel/></rss>', "document type"),
        (b"<!DOCTYPE html><html><body>500 Internal Server Error</body></html>", "web page"),
        (b"<html><body>Sign in</body></html>", "web page"),
        (b"Rate exceeded.", "the server said: Rate exceeded"),
        (b"", "the server said: nothing"),
        (build_feed([build_entry("2603.00001")])[:-40], "cut off or damaged"),
        (BOMB.replace(b"<!DOC", b"<!D\x00OC").replace(b"channel/", b"a>& &nbsp;</a"), "document type"),
        (b"<rss version='2.0'><channel><title>a < b</title></channel></rss>", "cut off or damaged"),
        (build_feed([build_entry("2603.00001")]).decode().encode("utf-16-le"), "damaged in too many places"),
        (b"<opml version='2.0'><body/></opml>", "neither Atom nor RSS"),
        (b'<?xml version="1.0" encoding="utf-8"?><rss>\xff</rss>', "not text in utf-8"),
        (b'<?xml version="1.0" encoding="klingon"?><rss/>', "not text in klingon"),
        (b" " * (MAX_BYTES + 1), "larger than"),
        (b"<a>" * 5000, "cut off or damaged"),
    ],
)
def test_what_is_no_whole_feed_is_a_clear_error(body: bytes, cause: str) -> None:
    """Bombs, pages, plain words, half a feed and foreign encodings are named as what they are."""
    with pytest.raises(SourceError, match=cause) as raised:
        parse_feed(body, "arXiv's feed of cs.LG")
    assert str(raised.value).startswith("arXiv's feed of cs.LG ")
    assert "asked again" in str(raised.value)


def test_encodings_that_are_declared_are_read() -> None:
    """A feed may come in UTF-16 or Latin-1, if it says so."""
    text = build_feed([build_entry("2603.00001", title="Café")]).decode().replace('<?xml version="1.0"?>', "")
    for encoding in ("utf-16", "iso-8859-1", "utf-8-sig"):
        declared = "" if encoding.startswith("utf-") else f'<?xml version="1.0" encoding="{encoding}"?>'
        feed = parse_feed((declared + text).encode(encoding))
        assert feed.announcements[0].paper.title == "Café", encoding


def test_broken_feeds_never_crash(shared: Path) -> None:
    """Every feed of feedparser's own collection of broken ones is read or refused, and none names a paper."""
    paths = sorted((shared / "samples" / "feedparser").glob("*.xml"))
    assert len(paths) > 20
    for path in paths:
        try:
            assert parse_feed(path.read_bytes()).announcements == ()
        except SourceError as error:
            assert "asked again" in str(error), path


def test_every_cut_of_a_feed_is_an_error(shared: Path) -> None:
    """However early a connection broke off, no part of a feed passes for the whole."""
    body = read_recording(shared, "zotero_arxiv_daily_cs").rstrip()
    for end in range(1, len(body), 97):
        with pytest.raises(SourceError):
            open_feed(body[:end], "arXiv's feed")


def test_groups_are_small_and_the_busiest_are_alone() -> None:
    """An archive becomes its categories; none is asked for twice, and nothing odd gets into an address."""
    groups = plan_groups(["cs", "stat.ML", "cs.LG", "quant-ph"])
    names = [name for group in groups for name in group]
    assert ("cs.LG",) in groups
    assert ("cs.CL",) in groups
    assert max(map(len, groups)) == GROUP_SIZE
    assert len(names) == len(set(names)) > 40
    assert {"cs.RO", "stat.ML", "quant-ph"} <= set(names)
    assert "cs" not in names
    for odd in ("", "../x", "cs.LG+cs.CL", "cs.LG?x=1", "cs LG"):
        with pytest.raises(SourceError, match="ARXIV_CATEGORIES"):
            plan_groups([odd])


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("2603.00009", "2603.00010"), ("2512.99999", "2601.00001"), ("1412.9999", "1501.00001"),
        ("hep-th/9912001", "hep-th/0001001"), ("math.GT/0612001", "0704.0001"), ("nonsense", "2603.00001"),
    ],
)  # fmt: skip
def test_ids_have_the_order_arxiv_gave_them_in(older: str, newer: str) -> None:
    """Years, months and numbers count, also where the digits became more and over the turn of the century."""
    assert rank_identifier(older) < rank_identifier(newer)


async def read(site: Site, categories: Iterable[str], memory: FeedMemory | None = None) -> tuple[Reading, FeedMemory]:
    source = ArxivFeed(site.wire, site.base, categories, Pace(0), memory)
    return await source.read(TODAY, TODAY, NOW), source.memory


async def test_feeds_of_groups_become_one_reading() -> None:
    """A paper in several feeds is announced once, as new where it is new; papers and withdrawals are listed."""
    feeds = {
        "cs.LG": build_feed([
            build_entry("2603.00001"), build_entry("2603.00002", kind="cross", categories=["stat.ML"])
        ]),
        "stat.ML": build_feed([
            build_entry("2603.00002", categories=["stat.ML"]),
            build_entry("2501.00001", kind="replace", version=3, abstract="This paper has been withdrawn."),
        ]),
    }  # fmt: skip
    async with run_site(lambda asked, headers: Said(feeds[asked])) as site:
        reading, _ = await read(site, ["stat.ML", "cs.LG"])
    assert [(one.paper.arxiv_id, one.kind) for one in reading.announcements] == [
        ("2603.00001", "new"), ("2603.00002", "new"), ("2501.00001", "replace")
    ]  # fmt: skip
    assert [paper.arxiv_id for paper in reading.papers] == ["2603.00001", "2603.00002", "2501.00001"]
    assert reading.withdrawn == {"2501.00001"}
    assert reading.notes == ()
    assert site.asked == ["cs.LG", "stat.ML"]


async def test_only_the_days_asked_for_are_read() -> None:
    """A batch of another day is not passed on."""
    async with run_site(lambda asked, headers: Said(build_feed([build_entry("2603.00001")]))) as site:
        source = ArxivFeed(site.wire, site.base, ["cs.LG"], Pace(0))
        assert len((await source.read(YESTERDAY, YESTERDAY, NOW)).announcements) == 1
        assert len((await source.read(TODAY, TODAY, NOW)).announcements) == 1
        assert (await source.read(date(2026, 3, 5), date(2026, 3, 9), NOW)).announcements == ()


async def test_a_full_feed_is_asked_for_in_halves() -> None:
    """2,000 entries mean that new papers were cut off: the group is split to where it is whole, or that is said."""
    full = build_feed([build_entry(f"2603.{number:05}", kind="replace", version=2) for number in range(2000)])

    def reply(asked: str, headers: dict[str, str]) -> Said:
        return Said(full if "cs.RO" in asked else build_feed([build_entry("2603.09999", categories=["cs.SE"])]))

    async with run_site(reply) as site:
        reading, _ = await read(site, ["cs.SE", "cs.RO", "cs.HC"])
    assert site.asked == ["cs.SE+cs.RO+cs.HC", "cs.SE", "cs.RO+cs.HC", "cs.RO", "cs.HC"]
    assert len(reading.announcements) == 2001
    assert reading.notes == ("arXiv's feed of cs.RO is cut off at 2,000 entries, so new papers may be missing",)


async def test_a_category_that_does_not_exist_is_found_and_named(shared: Path) -> None:
    """arXiv refuses a whole group for one bad name: the others are read, the bad one is a note."""
    refusal = read_recording(shared, "gen_rss_error_badclass")

    def reply(asked: str, headers: dict[str, str]) -> Said:
        if "cs.ZZ" in asked:
            return Said(refusal, 400)
        return Said(build_feed([build_entry("2603.00001", categories=[asked.split("+")[0]])]))

    async with run_site(reply) as site:
        reading, _ = await read(site, ["cs.SE", "cs.ZZ", "cs.HC"])
    assert len(reading.announcements) == 1
    assert [note for note in reading.notes if "cs.ZZ" in note and "Bad subject class" in note] == list(reading.notes)


async def test_one_feed_that_fails_leaves_the_others() -> None:
    """A server error or a web page for one group is a note; when nothing is left it is the source that fails."""
    page = b"<!doctype html><html>Error</html>"

    def reply(asked: str, headers: dict[str, str]) -> Said:
        if asked == "cs.CL":
            return Said(page, 500)
        return Said(page) if asked == "cs.CV" else Said(build_feed([build_entry("2603.00001")]))

    async with run_site(reply) as site:
        reading, _ = await read(site, ["cs.LG", "cs.CL", "cs.CV"])
        assert len(reading.announcements) == 1
        assert len(reading.notes) == 2
        assert "500" in reading.notes[1]
        assert "web page" in reading.notes[0]
        with pytest.raises(SourceError, match="500"):
            await read(site, ["cs.CL"])


async def test_a_feed_of_useless_entries_is_asked_for_again() -> None:
    """It is a failure like any other: the reading is partial, nothing says that it was read, alone it is an error."""

    def reply(asked: str, headers: dict[str, str]) -> Said:
        entry = build_entry("2603.00001") if asked == "cs.LG" else build_entry("nonsense")
        return Said(build_feed([entry]), headers={"ETag": f'"{asked}"'})

    async with run_site(reply) as site:
        reading, memory = await read(site, ["cs.LG", "cs.CL"])
        assert [one.paper.arxiv_id for one in reading.announcements] == ["2603.00001"]
        assert reading.is_partial
        assert "arXiv's feed of cs.CL has nothing that can be read: entry 1" in " ".join(reading.notes)
        assert list(memory.validators) == ["cs.LG"]
        with pytest.raises(SourceError, match="nothing that can be read"):
            await read(site, ["cs.CL"])


async def test_a_server_that_is_down_is_not_asked_for_everything() -> None:
    """After three failures in a row the rest is left, and said to be."""
    async with run_site(lambda asked, headers: Said(b"down", 503)) as site:
        with pytest.raises(SourceError, match="503"):
            await read(site, ["cs"])
        assert len(set(site.asked)) == 3


async def test_what_has_not_changed_is_not_sent_again() -> None:
    """The etag and date of the last reading are given back; what is unchanged adds nothing, and is late a day on."""

    def reply(asked: str, headers: dict[str, str]) -> Said:
        sent = {"ETag": '"one"', "Last-Modified": "Wed, 04 Mar 2026 05:00:00 GMT"}
        if [headers.get("If-None-Match"), headers.get("If-Modified-Since")] == list(sent.values()):
            return Said(b"", 304)
        return Said(build_feed([build_entry("2603.00001")]), headers=sent)

    async with run_site(reply) as site:
        first, memory = await read(site, ["cs.LG"])
        again, kept = await read(site, ["cs.LG"], parse_memory(format_memory(memory)))
        source = ArxivFeed(site.wire, site.base, ["cs.LG"], Pace(0), memory)
        next_day = await source.read(date(2026, 3, 5), date(2026, 3, 5), datetime(2026, 3, 5, 12, tzinfo=UTC))
    assert len(first.announcements) == 1
    assert (again.announcements, again.notes) == ((), ())
    assert kept == memory == source.memory
    assert next_day.notes == ("arXiv's feed of cs.LG is still that of 2026-03-04",)


async def test_yesterdays_papers_under_todays_date_are_left_out() -> None:
    """A category whose new ids do not rise is noted and asked for again; the others of its feed are announced."""
    memory = FeedMemory({}, {
        "cs.SE": Mark(YESTERDAY, "2603.00500"), "cs.HC": Mark(YESTERDAY, "2603.00501", "2603.00100"),
    })  # fmt: skip
    stale = build_feed([
        build_entry("2603.00500", categories=["cs.SE"]), build_entry("2603.00499", categories=["cs.SE"]),
        build_entry("2603.00900", categories=["cs.HC"]), build_entry("2603.00498", categories=["cs.HC"]),
    ])  # fmt: skip
    async with run_site(lambda asked, headers: Said(stale, headers={"ETag": '"x"'})) as site:
        reading, kept = await read(site, ["cs.SE", "cs.HC"], memory)
    assert [(one.paper.arxiv_id, one.paper.categories) for one in reading.announcements] == [
        ("2603.00900", ("cs.HC",)), ("2603.00498", ("cs.HC",))
    ]  # fmt: skip
    assert len(reading.notes) == 1
    assert "cs.SE up to 2603.00500" in reading.notes[0]
    assert kept.marks["cs.SE"] == memory.marks["cs.SE"]
    assert kept.validators == {}
    assert kept.marks["cs.HC"] == Mark(TODAY, "2603.00900", "2603.00501")


async def test_when_all_is_old_the_source_fails_and_keeps_no_etag() -> None:
    """A whole batch repeated under a new date is an error that says so, and nothing is remembered of it."""
    old = build_feed([build_entry("2603.00400"), build_entry("2603.00500"), build_entry("2501.00001", kind="cross")])
    memory = FeedMemory({}, {"cs.LG": Mark(YESTERDAY, "2603.00500")})
    async with run_site(lambda asked, headers: Said(old, headers={"ETag": '"x"'})) as site:
        source = ArxivFeed(site.wire, site.base, ["cs.LG"], Pace(0), memory)
        with pytest.raises(SourceError, match=r"cs\.LG, dated 2026-03-04, repeats what was announced before"):
            await source.read(TODAY, TODAY, NOW)
    assert source.memory == memory


async def test_the_same_day_may_be_read_again_and_again() -> None:
    """A feed of the same day, grown or not, is held against the days before, never against itself."""
    feeds = [
        build_feed([build_entry("2603.00400", day=YESTERDAY)], YESTERDAY),
        build_feed([build_entry("2603.00500")]),
        build_feed([build_entry("2603.00500")]),
        build_feed([build_entry("2603.00500"), build_entry("2603.00510")]),
    ]
    memory: FeedMemory | None = None
    counts = []
    for feed in feeds:
        async with run_site(lambda asked, headers, feed=feed: Said(feed)) as site:
            reading, memory = await read(site, ["cs.LG"], memory)
        counts.append(len(reading.announcements))
    assert counts == [0, 1, 1, 2]  # yesterday's feed is of an evening before the days asked for
    assert memory
    assert memory.marks["cs.LG"] == Mark(TODAY, "2603.00510", "2603.00400")


async def test_a_feed_that_is_not_yet_built_is_noted() -> None:
    """Yesterday's feed with yesterday's date is no lie, but what is missing is said."""
    late = build_feed([build_entry("2603.00001", day=YESTERDAY)], YESTERDAY)
    async with run_site(lambda asked, headers: Said(late)) as site:
        reading, _ = await read(site, ["cs.LG"])
    assert "arXiv's feed of cs.LG is still that of 2026-03-03" in reading.notes


@pytest.mark.parametrize(
    ("now", "notes"),
    [
        (datetime(2026, 3, 7, 12, tzinfo=UTC), 0),  # Saturday
        (datetime(2026, 11, 27, 12, tzinfo=UTC), 0),  # the day after Thanksgiving
        (datetime(2026, 3, 4, 12, tzinfo=UTC), 1),
    ],
)
async def test_empty_feeds_are_right_on_weekends_and_holidays_only(now: datetime, notes: int) -> None:
    """On a day with an announcement, nothing at all is worth a note; otherwise it is as it should be."""
    empty = build_feed([], now.date())
    async with run_site(lambda asked, headers: Said(empty)) as site:
        reading = await ArxivFeed(site.wire, site.base, ["cs.LG"], Pace(0)).read(now.date(), now.date(), now)
    assert reading.announcements == ()
    assert len(reading.notes) == notes


async def test_requests_keep_arxivs_pace() -> None:
    """One pace serves all: between two requests are three seconds, those asked again included."""
    async with run_site(lambda asked, headers: Said(build_feed())) as site:
        await ArxivFeed(site.wire, site.base, ["cs.LG", "cs.CL", "cs.CV"], Pace(ARXIV_SECONDS)).read(TODAY, TODAY, NOW)
    assert [round(seconds) for seconds in site.slept] == [3, 3]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "null",
        '{"validators":{"a":[1]},"marks":{}}',
        '{"validators":{},"marks":{"a":["x","",""]}}',
        '{"validators":{"a":["","",7]},"marks":{}}',
    ],
)
def test_a_memory_that_cannot_be_read_is_none(text: str) -> None:
    """Junk means that everything is read anew, not that nothing is."""
    assert parse_memory(text) == FeedMemory()


@pytest.mark.parametrize("odd", ["8912.99999", "9912.99999", "2613.01801", "2605.00001"])
async def test_one_absurd_id_silences_nothing(odd: str) -> None:
    """An id of a month that is none or has not come is left out and noted, and the next day's papers are announced."""
    days = {TODAY: "2603.00001", date(2026, 3, 5): "2603.00002"}
    memory = FeedMemory()
    for day, arxiv_id in days.items():
        ids = [arxiv_id, odd] if day == TODAY else [arxiv_id]
        body = build_feed([build_entry(one, day=day) for one in ids], day)
        async with run_site(lambda asked, headers, body=body: Said(body)) as site:
            source = ArxivFeed(site.wire, site.base, ["cs.LG"], Pace(0), memory)
            reading = await source.read(day, day, datetime(day.year, day.month, day.day, 12, tzinfo=UTC))
        memory = source.memory
        assert [one.paper.arxiv_id for one in reading.announcements] == [arxiv_id]
        assert [odd in note for note in reading.notes] == [True] * (day == TODAY)
        assert not reading.is_partial
    assert memory.marks == {"cs.LG": Mark(date(2026, 3, 5), "2603.00002", "2603.00001")}


@pytest.mark.parametrize(
    ("day", "odd", "told"),
    [
        (date(2099, 11, 20), "2603.00001", r"is dated 2099-11-20, which has not come"),
        (date(2026, 3, 6), "2603.00001", r"is dated 2026-03-06, which has not come"),
        (TODAY, "2613.01801", r"has only ids of months that are none or have not come: 2613\.01801"),
    ],
)
async def test_a_feed_of_the_future_is_refused(day: date, odd: str, told: str) -> None:
    """One from later than tomorrow is an error that says so, and nothing is remembered of it."""
    body = build_feed([build_entry(odd, day=day)], day)
    async with run_site(lambda asked, headers: Said(body, headers={"ETag": '"x"'})) as site:
        source = ArxivFeed(site.wire, site.base, ["cs.LG"], Pace(0))
        with pytest.raises(SourceError, match=f"arXiv's feed of cs.LG {told}"):
            await source.read(TODAY, TODAY, NOW)
    assert source.memory == FeedMemory()


async def test_tomorrows_feed_is_read_on_the_last_evening_of_a_month() -> None:
    """A clock that is a few hours slow, or far west, loses nothing over the end of a month."""
    day = date(2026, 4, 1)
    body = build_feed([build_entry("2604.00001", day=day)], day)
    async with run_site(lambda asked, headers: Said(body)) as site:
        source = ArxivFeed(site.wire, site.base, ["cs.LG"], Pace(0))
        reading = await source.read(day, day, datetime(2026, 3, 31, 20, tzinfo=UTC))
    assert [one.paper.arxiv_id for one in reading.announcements] == ["2604.00001"]


@pytest.mark.parametrize(
    ("mark", "mended"),
    [
        (Mark(YESTERDAY, "8912.99999", "2603.00400"), Mark(TODAY, "2603.00500", "2603.00400")),
        (Mark(YESTERDAY, "2603.00400", "8912.99999"), Mark(TODAY, "2603.00500", "2603.00400")),
        (Mark(YESTERDAY, "8912.99999"), Mark(TODAY, "2603.00500")),
        (Mark(date(2099, 11, 20), "2603.00500"), Mark(TODAY, "2603.00500")),
    ],
)
async def test_a_memory_that_is_spoilt_already_heals(mark: Mark, mended: Mark) -> None:
    """Marks that an absurd id or date has left are forgotten, what is before them is not."""
    memory = FeedMemory({"cs.LG": Validator('"x"', "", date(2099, 11, 20))}, {"cs.LG": mark})
    async with run_site(lambda asked, headers: Said(build_feed([build_entry("2603.00500")]))) as site:
        reading, kept = await read(site, ["cs.LG"], memory)
    assert (len(reading.announcements), reading.notes) == (1, ())
    assert kept == FeedMemory({}, {"cs.LG": mended})

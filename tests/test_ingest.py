"""The promises of ingest: each day once and whole, nothing written twice, one bad file stops no other."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.digest.post import format, make_post, parse
from bot.errors import SourceError
from bot.ingest import Report, ingest, ingest_text
from storage.errors import RejectedError
from storage.models import Edition
from storage.store import Store
from tests import posts

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LONG_AGO = 1_600_000_000
SAMPLES = Path(__file__).parents[1] / "samples"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "posts").mkdir()
    return tmp_path / "posts"


def write(path: Path, text: str, mtime: float = LONG_AGO) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    os.utime(path, (mtime, mtime))
    return path


async def run(store: Store, *paths: Path) -> Report:
    return await ingest(store, paths, lambda: NOW)


def statuses(report: Report) -> dict[str, str]:
    return {Path(file.path).name: file.status for file in report.files}


async def read_all(store: Store) -> list[Edition]:
    return [Edition(day, tuple(await store.papers.of_day(day.day))) for day in await store.days.list()]


async def test_posts_become_days_with_their_papers(store: Store, folder: Path) -> None:
    """Every post below the folder is stored as its day, papers and mentions included."""
    write(folder / "a.md", posts.make_post(posts.make_entry()))
    write(folder / "deeper" / "b.md", posts.make_post(posts.make_entry(), day="2021-04-14"))
    report = await run(store, folder)
    assert statuses(report) == {"a.md": "new", "b.md": "new"}
    assert not report.has_failed
    (appearance,) = await store.papers.of_day(date(2021, 4, 13))
    assert (appearance.paper.title, appearance.mentions[0].handle, appearance.score) == ("A Title", "reader_1", 12)


async def test_the_second_time_nothing_is_written(store: Store, folder: Path) -> None:
    """Ingesting the same folder again changes no byte of what is stored, revisions included."""
    for path in SAMPLES.glob("2*.md"):
        shutil.copy2(path, folder)
        os.utime(folder / path.name, (LONG_AGO, LONG_AGO))
    await run(store, folder)
    before, records = await read_all(store), await store.files.list()
    report = await run(store, folder)
    assert set(statuses(report).values()) == {"unchanged"}
    assert (await read_all(store), await store.files.list()) == (before, records)
    assert all(edition.day.revision == 1 for edition in before)


async def test_a_stored_day_is_the_post_it_came_from(store: Store, folder: Path) -> None:
    """Formatting a stored day and parsing that gives the post that was ingested."""
    for path in sorted(SAMPLES.glob("2*.md")):
        post = parse(path.read_bytes().decode())
        await run(store, path)
        day = await store.days.get(post.day)
        assert day is not None
        edition = Edition(day, tuple(await store.papers.of_day(post.day)))
        assert parse(format(make_post(edition))) == post


async def test_a_changed_file_replaces_its_day(store: Store, folder: Path) -> None:
    """A corrected post gets the next revision; papers that left the day no longer appear in it."""
    path = write(folder / "a.md", posts.make_post(posts.make_entry(), posts.make_entry(2, arxiv_id="2104.00002")))
    await run(store, folder)
    write(path, posts.make_post(posts.make_entry(title="Corrected")), LONG_AGO + 60)
    assert statuses(await run(store, folder)) == {"a.md": "updated"}
    (paper,) = await store.papers.of_day(date(2021, 4, 13))
    day = await store.days.latest()
    assert day is not None
    assert (paper.paper.title, day.revision, day.paper_count) == ("Corrected", 2, 1)
    assert await store.papers.history("2104.00002") == []


async def test_a_damaged_reissue_removes_nothing(store: Store, folder: Path) -> None:
    """What a half-broken new issue of a post has lost stays as it was stored; the rest is updated."""
    second = posts.make_entry(2, "Second", "2104.00002")
    path = write(folder / "a.md", posts.make_post(posts.make_entry(), second))
    await run(store, folder)
    damaged = posts.make_post(posts.make_entry(title="Better"), second.replace("retweets: 10", "retweets: x"))
    write(path, damaged, LONG_AGO + 60)
    report = await run(store, folder)
    assert (statuses(report), report.has_failed) == ({"a.md": "partial"}, True)
    titles = [paper.paper.title for paper in await store.papers.of_day(date(2021, 4, 13))]
    assert titles == ["Better", "Second"]
    assert statuses(await run(store, folder)) == {"a.md": "partial"}
    day = await store.days.latest()
    assert day is not None and day.revision == 2


async def test_a_file_refused_whole_costs_nothing_stored(store: Store, folder: Path) -> None:
    """A re-issue that cannot be read leaves its day as it was, and is reported each time."""
    path = write(folder / "a.md", posts.make_post(posts.make_entry()))
    await run(store, folder)
    write(path, "---\nbroken: [\n---\n", LONG_AGO + 60)
    for _ in range(2):
        report = await run(store, folder)
        assert statuses(report) == {"a.md": "failed"}
        assert "bad YAML" in report.files[0].errors[0][1]
    assert len(await store.papers.of_day(date(2021, 4, 13))) == 1


async def test_one_failing_file_stops_no_other(store: Store, folder: Path) -> None:
    """Good files beside bad ones are stored; each bad one is reported with its cause."""
    write(folder / "a.md", "no post")
    (folder / "b.md").write_bytes(b"\xff\xfe\x00binary")
    (folder / "c.md").symlink_to(folder / "nowhere.md")
    os.mkfifo(folder / "d.md")
    write(folder / "e.md", posts.make_post(posts.make_entry()))
    report = await run(store, folder)
    assert statuses(report) == {"a.md": "failed", "b.md": "failed", "c.md": "failed", "d.md": "failed", "e.md": "new"}
    assert all(file.errors for file in report.files if file.status == "failed")


async def test_only_posts_inside_the_folder_are_read(store: Store, folder: Path, tmp_path: Path) -> None:
    """Other endings, hidden files and links that lead outside are left alone."""
    text = posts.make_post(posts.make_entry())
    for name in ("a.md-e", ".hidden.md", ".git/b.md", "c.txt"):
        write(folder / name, text)
    outside = write(tmp_path / "outside" / "d.md", text)
    (folder / "d.md").symlink_to(outside)
    (folder / "e").symlink_to(outside.parent)
    assert (await run(store, folder)).files == ()


async def test_a_folder_that_is_not_there_is_an_error(store: Store, tmp_path: Path) -> None:
    """A wrong path is said to be wrong instead of counting as empty."""
    with pytest.raises(SourceError, match="nowhere"):
        await run(store, tmp_path / "nowhere")


@pytest.mark.parametrize("late_first", [True, False])
async def test_the_later_of_two_posts_of_a_day_wins(store: Store, folder: Path, late_first: bool) -> None:
    """Whichever is read first, the later front-matter date is used, the other reported, and polling settles."""
    late = posts.make_post(posts.make_entry(title="Late"), date="2021-04-14T12:00:00.Z")
    early = posts.make_post(posts.make_entry(title="Early"), date="2021-04-14T11:00:00.Z")
    write(folder / "a.md", late if late_first else early)
    write(folder / "b.md", early if late_first else late)
    report = await run(store, folder)
    assert any("used" in cause for file in report.files for _, cause in file.errors)
    before = await read_all(store)
    assert before[0].papers[0].paper.title == "Late"
    await run(store, folder)
    assert await read_all(store) == before


async def test_a_good_and_a_garbled_copy_are_the_same(store: Store, folder: Path) -> None:
    """A copy damaged by a wrong charset changes nothing, and is reported as repaired."""
    good = posts.make_post(posts.make_entry(authors="Petar Veličković"))
    write(folder / "a.md", good)
    write(folder / "b.md", good.encode().decode("mac_roman"))
    report = await run(store, folder)
    assert (statuses(report), report.repaired) == ({"a.md": "new", "b.md": "unchanged"}, 1)


async def test_drafts_are_counted_and_not_stored(store: Store, folder: Path) -> None:
    """A draft is no day yet, on the first scan as on the next."""
    write(folder / "a.md", posts.make_post(posts.make_entry()).replace("draft: false", "draft: true"))
    for _ in range(2):
        assert statuses(await run(store, folder)) == {"a.md": "draft"}
    assert await store.days.latest() is None


async def test_a_change_that_keeps_the_time_is_seen_when_it_was_just_read(store: Store, folder: Path) -> None:
    """A file written within two seconds of being read is compared by content the next time."""
    just_now = NOW.timestamp() - 1
    path = write(folder / "a.md", posts.make_post(posts.make_entry(title="Aaa")), just_now)
    await run(store, folder)
    write(path, posts.make_post(posts.make_entry(title="Bbb")), just_now)
    assert statuses(await run(store, folder)) == {"a.md": "updated"}


async def test_a_new_time_with_the_same_content_is_no_change(store: Store, folder: Path) -> None:
    """A touched file is read again, and its day keeps its revision."""
    path = write(folder / "a.md", posts.make_post(posts.make_entry()))
    await run(store, folder)
    os.utime(path, (LONG_AGO + 5, LONG_AGO + 5))
    assert statuses(await run(store, folder)) == {"a.md": "unchanged"}
    day = await store.days.latest()
    assert day is not None and day.revision == 1


async def test_a_paper_that_returns_keeps_both_days(store: Store, folder: Path) -> None:
    """A paper seen on two days has two appearances with the counts of each."""
    write(folder / "a.md", posts.make_post(posts.make_entry()))
    again = posts.make_entry(3, title="A New Title", counts="retweets: 90, favorites: 9 (04/15/2021 11:53:41)")
    write(folder / "b.md", posts.make_post(again, day="2021-04-14"))
    await run(store, folder)
    newest, oldest = await store.papers.history("2104.04767")
    assert (newest.score, newest.paper.title, oldest.score, oldest.paper.title) == (99, "A New Title", 12, "A Title")


async def test_standard_input_is_a_file_without_memory(store: Store) -> None:
    """A piped post is stored like any other, and refused like any other."""
    good = await ingest_text(store, posts.make_post(posts.make_entry()).encode(), "-", NOW)
    bad = await ingest_text(store, b"\x00", "-", NOW)
    assert [report.files[0].status for report in (good, bad)] == ["new", "failed"]
    assert await store.files.list() == {}


async def test_progress_reaches_the_end(store: Store, folder: Path) -> None:
    """Progress counts up to the number of files."""
    for number in range(1, 4):
        write(folder / f"{number}.md", posts.make_post(posts.make_entry(), day=f"2021-04-1{number}"))
    seen: list[tuple[int, int]] = []
    await ingest(store, [folder], lambda: NOW, lambda done, total: seen.append((done, total)))
    assert seen[-1] == (3, 3)


def test_an_ingest_that_is_killed_is_completed_by_the_next(tmp_path: Path) -> None:
    """Killed at random moments, a real process loses and doubles nothing: the days end as if never disturbed."""
    folder, chance = tmp_path / "posts", random.Random(7)
    for month in range(1, 13):
        for day in range(1, 21):
            entries = [
                posts.make_entry(rank, f"Paper {month} {day} {rank}", f"21{month:02d}.{day:02d}{rank:03d}")
                for rank in range(1, 6)
            ]
            name = f"2021-{month:02d}-{day:02d}"
            write(folder / f"{name}.md", posts.make_post(*entries, day=name))
    env = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path}/killed.db"}
    command = [sys.executable, "-m", "bot", "ingest", "--json", str(folder)]
    for _ in range(12):
        process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.2, 1.2))
        process.send_signal(signal.SIGKILL)
        process.wait()
    subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL)
    listing = [sys.executable, "-m", "bot", "status", "--json"]
    status = subprocess.run(listing, env=env, check=True, capture_output=True, text=True).stdout
    assert '"days": 240' in status
    assert '"papers": 1200' in status


@pytest.mark.parametrize("names", [("a.md", "b.md"), ("b.md", "a.md")])
async def test_a_whole_post_beats_a_damaged_one_of_the_same_time(
    store: Store, folder: Path, names: tuple[str, str]
) -> None:
    """Of two copies made at one time the whole one is used, whichever is read first."""
    entries = [posts.make_entry(), posts.make_entry(2, "Second", "2104.00002")]
    write(folder / names[0], posts.make_post(*entries))
    write(folder / names[1], posts.make_post(entries[0], entries[1].replace("retweets: 10", "retweets: x")))
    for _ in range(2):
        await run(store, folder)
        day = await store.days.latest()
        assert day is not None
        assert (Path(day.source).name, day.is_partial, day.paper_count) == (names[0], False, 2)


async def test_what_the_database_cannot_hold_is_a_failed_file(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A day that the store will not have makes its file fail, with the store's reason."""
    write(folder / "a.md", posts.make_post(posts.make_entry()))

    async def refuse(editions: list[Edition], *_: object) -> list[RejectedError]:
        return [RejectedError("2021-04-13 cannot be stored: odd") for _ in editions]

    monkeypatch.setattr(store.days, "put", refuse)
    report = await run(store, folder)
    assert (statuses(report), report.has_failed) == ({"a.md": "failed"}, True)
    assert report.files[0].errors == ((1, "2021-04-13 cannot be stored: odd"),)


async def test_odd_values_of_unknown_keys_do_no_harm(store: Store, folder: Path) -> None:
    """Whatever YAML can say under a key we do not know, the post is stored."""
    odd = "mood: {2021-04-13: [1, .nan, 2021-04-14], 5: !!binary aGk=}"
    write(folder / "a.md", posts.make_post(posts.make_entry(), extra=odd))
    assert statuses(await run(store, folder)) == {"a.md": "new"}


async def test_two_ingests_at_once_store_each_day_once(store: Store, folder: Path) -> None:
    """Two runs over the same posts at the same time leave every day at its first revision."""
    for number in range(10, 29):
        write(folder / f"{number}.md", posts.make_post(posts.make_entry(), day=f"2021-04-{number}"))
    await asyncio.gather(run(store, folder), run(store, folder))
    assert {day.revision for day in await store.days.list()} == {1}

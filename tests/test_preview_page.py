"""The preview page in a real browser: what a newcomer sees and does."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from discord import ButtonStyle, SelectOption, ui
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from bot.answers.desk import Desk
from bot.answers.page import PageDigests
from bot.answers.router import Answers
from bot.messages.message import Message
from bot.preview.server import create_app, start
from bot.showing import Showing
from storage.store import Store
from tests.builders import INDEX, make_days
from tests.fakes import NOW, Clock, FakeAnswers, make_digest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH; on Debian: apt-get install chromium"),
]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One headless Chromium for all tests here."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


Contexts = dict[str, BrowserContext]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def contexts() -> Contexts:
    """The browser contexts opened so far, by their options: opening one takes longer than a test."""
    return {}


@dataclass
class Site:
    """A page open on a server of its own; `complaints` are what the browser had against it."""

    page: Page
    answers: FakeAnswers
    url: str
    complaints: list[str] = field(default_factory=list)


Open = Callable[..., Awaitable[Site]]


@pytest_asyncio.fixture(loop_scope="module")
async def open_site(browser: Browser, contexts: Contexts) -> AsyncIterator[Open]:
    """Open the page over some answers; at the end, the browser must have had no complaint about it."""
    sites: list[tuple[Site, Any]] = []

    async def open_one(
        answers: FakeAnswers | None = None, *, path: str = "", width: int = 1280, **options: Any
    ) -> Site:
        answers = answers or FakeAnswers()
        app = create_app(answers, clock=lambda: NOW, notice="Showing the sample posts.")
        runner, port = await start(app, "127.0.0.1", 0)
        key = str(options)
        if key not in contexts:
            contexts[key] = await browser.new_context(timezone_id="UTC", locale="en-US", **options)
        page = await contexts[key].new_page()
        await page.set_viewport_size({"width": width, "height": 800})
        page.set_default_timeout(5000)
        site = Site(page, answers, f"http://127.0.0.1:{port}/")
        watch(site)
        sites.append((site, runner))
        await page.goto(site.url + path)
        return site

    yield open_one
    for site, runner in sites:
        await site.page.close()
        await runner.cleanup()
        assert site.complaints == []


def watch(site: Site) -> None:
    """Note every console message, error, policy violation and request that leaves the page's own origin."""

    def note_request(address: str) -> None:
        if not address.startswith(site.url):
            site.complaints.append(f"asked {address}")

    def note_console(kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            site.complaints.append(text)

    site.page.on("request", lambda request: note_request(request.url))
    site.page.on("console", lambda message: note_console(message.type, message.text))
    site.page.on("pageerror", lambda error: site.complaints.append(str(error)))


# ── A page with digests of its own ──


@dataclass
class Room:
    """A page over a real store, to which digests are sent by a clock that goes on when it is told to."""

    site: Site
    store: Store
    clock: Clock
    showing: Showing


OpenRoom = Callable[..., Awaitable[Room]]


@pytest_asyncio.fixture(loop_scope="module")
async def open_room(browser: Browser, contexts: Contexts, tmp_path: Path) -> AsyncIterator[OpenRoom]:
    """Open the page over two days of papers; at the end, the browser must have had no complaint about it."""
    async with AsyncExitStack() as stack:

        async def open_one(*, width: int = 1280, **options: Any) -> Room:
            # A full minute a short while ago: the scheduler's own clock is the real one.
            clock = Clock(datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=5))
            database = tmp_path / "papers.db"
            store = await stack.enter_async_context(await Store.open(database, INDEX))
            await store.days.put(make_days(2), [], clock())
            showing = await stack.enter_async_context(Showing(store, database, None, clock, send_seconds=0.1))
            desk = Desk(store)
            find_trouble = lambda: showing.trouble  # noqa: E731
            digests = PageDigests(desk)
            app = create_app(Answers(desk), clock=clock, digests=digests, find_trouble=find_trouble)
            runner, port = await start(app, "127.0.0.1", 0)
            stack.push_async_callback(runner.cleanup)
            key = str(options)
            if key not in contexts:
                contexts[key] = await browser.new_context(timezone_id="UTC", locale="en-US", **options)
            page = await contexts[key].new_page()
            stack.push_async_callback(page.close)
            await page.set_viewport_size({"width": width, "height": 800})
            page.set_default_timeout(8000)
            site = Site(page, FakeAnswers(), f"http://127.0.0.1:{port}/")
            watch(site)
            rooms.append(site)
            await page.goto(site.url)
            await expect(page.locator("#schedule")).to_be_visible()
            return Room(site, store, clock, showing)

        rooms: list[Site] = []
        yield open_one
    for site in rooms:
        assert site.complaints == []


async def focused(page: Page) -> str:
    """Return the focused element's id, or its text."""
    return str(await page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))


# ── The channel ──


async def test_the_digest_shows_as_discord_shows_it(open_site: Open) -> None:
    """A newcomer sees today's digest: the bot's row, the headings, links and every button of the payload."""
    site = await open_site()
    message = site.page.locator("#digest .message")
    await expect(message).to_have_count(1)
    await expect(message.locator(".author")).to_have_text("Hot Papers")
    await expect(message.locator(".tag")).to_have_text("APP")
    await expect(message.locator(".h3")).to_have_text("Hot papers · Tue 13 Apr 2021")
    await expect(message.locator(".subtext")).to_have_count(12)
    link = message.locator(".markup a").first
    await expect(link).to_have_attribute("href", "https://arxiv.org/abs/2104.04767")
    await expect(link).to_have_attribute("target", "_blank")
    await expect(link).to_have_attribute("rel", "noopener noreferrer")
    labels = await message.locator(".row .button").all_text_contents()
    assert labels == [*map(str, range(1, 11)), "All 21 papers", "Get this by DM"]
    await expect(message.locator(".button.primary")).to_have_text("All 21 papers")
    await expect(site.page.locator("#notice")).to_have_text("Showing the sample posts.")


async def test_the_payload_on_show_is_what_discord_gets(open_site: Open) -> None:
    """The disclosure under a message holds its very JSON."""
    site = await open_site()
    await site.page.locator("#digest summary").click()
    shown = await site.page.locator("#digest .payload pre").text_content()
    assert json.loads(shown or "") == make_digest(date(2021, 4, 13)).to_payload()


async def test_parts_of_a_digest_read_as_one(open_site: Open) -> None:
    """A second part follows without another header, as Discord groups messages."""
    site = await open_site(FakeAnswers(extra={date(2021, 4, 13): Message(None, "**11** more")}))
    await expect(site.page.locator("#digest .message")).to_have_count(2)
    await expect(site.page.locator("#digest .byline:visible")).to_have_count(1)


async def test_an_empty_store_says_how_to_fill_it(open_site: Open) -> None:
    """With nothing ingested the page says what to run, and the commands still work."""
    site = await open_site(FakeAnswers(ingested=[]))
    await expect(site.page.locator("#empty")).to_contain_text("hotpapers ingest FOLDER")
    await expect(site.page.locator("#divider")).to_be_hidden()
    await expect(site.page.locator("#earlier")).to_be_disabled()


async def test_the_day_picker_works_by_keyboard_and_keeps_history(open_site: Open) -> None:
    """Earlier, later and the list show only ingested days; the address and the back button follow."""
    site = await open_site()
    page, heading = site.page, site.page.locator("#digest .h3")
    await expect(page.locator("#later")).to_be_disabled()
    await page.locator("#earlier").focus()
    await page.keyboard.press("Enter")
    await expect(heading).to_contain_text("12 Apr 2021")
    assert page.url.endswith("?day=2021-04-12")
    await expect(page.locator("#earlier")).to_be_disabled()
    await page.go_back()
    await expect(heading).to_contain_text("13 Apr 2021")
    await page.locator("#day").focus()
    await page.keyboard.press("ArrowDown")
    await expect(heading).to_contain_text("12 Apr 2021")
    await expect(page.locator("#status")).to_contain_text("12 Apr 2021")
    await page.reload()
    await expect(heading).to_contain_text("12 Apr 2021")


# ── Buttons ──


async def test_a_press_answers_privately_and_pages_in_place(open_site: Open) -> None:
    """A digest's button gives a private message; paging edits it and keeps the focus; dismissing removes it."""
    site = await open_site()
    page, private = site.page, site.page.locator("#answers .message")
    await page.get_by_role("button", name="All 21 papers").click()
    await expect(private).to_have_count(1)
    await expect(private.locator(".origin")).to_have_text("You pressed All 21 papers")
    await expect(private.locator(".private-note")).to_contain_text("Only you can see this")
    await private.get_by_role("button", name="Next").press("Enter")
    await expect(private.locator(".subtext").first).to_contain_text("page 2 of 3")
    await expect(private).to_have_count(1)
    assert await focused(page) == "Next"
    await private.get_by_role("button", name="Dismiss message").click()
    await expect(private).to_have_count(0)
    assert await focused(page) == "command"


async def test_a_pressed_button_is_busy_until_answered(open_site: Open) -> None:
    """While an answer is on its way the button shows it, and a second press sends nothing."""
    site = await open_site()
    button = site.page.get_by_role("button", name="Get this by DM")
    await button.click()
    await expect(button).to_have_class(re.compile("busy"))
    await button.click()
    site.answers.gate.set()
    await expect(site.page.locator("#answers .message")).to_have_count(1)
    await expect(button).not_to_have_class(re.compile("busy"))
    assert [asked[1] for asked in site.answers.asked] == ["slow"]


async def test_a_failed_press_says_so_and_can_be_tried_again(open_site: Open) -> None:
    """A failure is a sentence with a reference and a way to retry, never a trace."""
    site = await open_site()
    await site.page.get_by_role("button", name="1", exact=True).click()
    await site.page.locator("#answers .danger").click()
    failure = site.page.locator("#answers .failure")
    await expect(failure).to_contain_text("This interaction failed.")
    await expect(failure).to_contain_text("reference")
    await expect(failure).not_to_contain_text("private.db")
    await failure.get_by_role("button", name="Try again").click()
    await expect(failure).to_have_count(1)
    assert [asked[1] for asked in site.answers.asked].count("fail") == 2
    site.complaints[:] = [each for each in site.complaints if "status of 500" not in each]


# ── The command box ──


async def test_a_command_completes_and_runs_by_keyboard(open_site: Open) -> None:
    """Slash, arrows, Tab and Enter are enough to run /top for a week."""
    site = await open_site()
    page, box, offers = site.page, site.page.locator("#command"), site.page.locator("#completions li")
    await expect(page.locator("#digest .message")).to_have_count(1)
    await page.keyboard.press("/")
    assert await focused(page) == "command"
    await expect(offers).to_have_count(2)
    await page.keyboard.type("t")
    await page.keyboard.press("Tab")
    await expect(box).to_have_value("/top ")
    await expect(offers).to_have_count(2)
    await page.keyboard.press("ArrowUp")
    await expect(box).to_have_attribute("aria-activedescendant", "completion-1")
    await page.keyboard.press("Enter")
    await expect(box).to_have_value("/top period:")
    await page.keyboard.type("we")
    await expect(offers).to_have_count(1)
    await page.keyboard.press("Enter")
    await expect(box).to_have_value("/top period:week ")
    await page.keyboard.press("Escape")
    await expect(box).to_have_attribute("aria-expanded", "false")
    await page.keyboard.press("Enter")
    answer = page.locator("#answers .message")
    await expect(answer.locator(".h3")).to_have_text("Top of the week")
    await expect(answer.locator(".origin")).to_have_text("You used /top period:week")
    await expect(page.locator("#status")).to_contain_text("Only you can see it")


async def test_values_complete_from_the_answers(open_site: Open) -> None:
    """Options that complete ask the server; a chosen title goes in whole, quoted."""
    site = await open_site()
    page, box = site.page, site.page.locator("#command")
    await box.press_sequentially("/top category:cs.CL per")
    await page.keyboard.press("Tab")
    await expect(box).to_have_value("/top category:cs.CL period:")
    await box.fill("")
    await box.press_sequentially("/search pebbles")
    await expect(page.locator("#completions li")).to_have_count(1)
    await page.keyboard.press("Tab")
    await expect(box).to_have_value('/search query:"Learning from Pebbles: Small Rocks, Big Slopes" ')
    await page.keyboard.press("Escape")
    await page.keyboard.press("Enter")
    await expect(page.locator("#answers .h3")).to_contain_text("Learning from Pebbles")


async def test_enter_sends_free_words_despite_suggestions(open_site: Open) -> None:
    """Suggestions never swallow a search: Enter sends what was typed."""
    site = await open_site()
    await site.page.locator("#command").press_sequentially("/search learning")
    await expect(site.page.locator("#completions li").first).to_be_visible()
    await site.page.keyboard.press("Enter")
    await expect(site.page.locator("#answers .h3")).to_have_text("Results for learning")


async def test_a_wrong_command_is_kept_to_be_corrected(open_site: Open) -> None:
    """A refused line stays in the box, with the server's advice read out beside it."""
    site = await open_site()
    box = site.page.locator("#command")
    await box.fill("/serch nets")
    await box.press("Enter")
    await expect(site.page.get_by_role("alert")).to_contain_text("Did you mean /search?")
    await expect(box).to_have_value("/serch nets")
    await expect(box).to_have_attribute("aria-invalid", "true")
    await expect(site.page.locator("#answers .message")).to_have_count(0)
    site.complaints[:] = [each for each in site.complaints if "status of 400" not in each]


async def test_a_command_to_try_is_a_click_away(open_site: Open) -> None:
    """Someone who knows no command can press one: it runs, or waits for the words it needs."""
    site = await open_site()
    await site.page.locator(".chip", has_text="/top").click()
    await expect(site.page.locator("#answers .h3")).to_have_text("Top of the day")
    await site.page.locator(".chip", has_text="/search").click()
    await expect(site.page.locator("#command")).to_have_value("/search query:")
    assert await focused(site.page) == "command"


async def test_a_failed_command_can_be_tried_again(open_site: Open) -> None:
    """When the server fails, the waiting message says so and offers a retry."""
    site = await open_site()
    box = site.page.locator("#command")
    await box.fill("/search boom")
    await box.press("Enter")
    await expect(site.page.locator("#answers .failure")).to_contain_text("Something went wrong")
    await expect(site.page.get_by_role("button", name="Try again")).to_be_visible()
    site.complaints[:] = [each for each in site.complaints if "status of 500" not in each]


# ── Search as you type ──


async def test_search_follows_the_typing(open_site: Open) -> None:
    """Results follow the last words typed, asked once after a pause; Escape closes the panel."""
    site = await open_site()
    page, field_ = site.page, site.page.locator("#search")
    await field_.press_sequentially("slow")
    await page.wait_for_timeout(250)
    await field_.press_sequentially("er style", delay=10)
    heading = page.locator("#results .h3")
    await expect(heading).to_have_text("Results for slower style")
    await expect(page.locator("#suggestions button")).to_have_count(0)
    site.answers.gate.set()
    await page.wait_for_timeout(100)
    await expect(heading).to_have_text("Results for slower style")
    assert len([asked for asked in site.answers.asked if asked[0] == "search"]) <= 3
    await page.locator("#results").get_by_role("button", name="Details").first.click()
    await expect(page.locator("#answers .message")).to_have_count(1)
    await field_.press("Escape")
    await expect(page.locator("#results-panel")).to_be_hidden()
    assert await focused(page) == "search"


async def test_a_suggestion_is_a_search_of_its_own(open_site: Open) -> None:
    """Half a word finds titles that hold it; choosing one runs /search for it in the channel."""
    site = await open_site()
    await site.page.locator("#search").fill("pebb")
    await site.page.get_by_role("button", name="Learning from Pebbles").click()
    await expect(site.page.locator("#answers .h3")).to_have_text(
        "Results for Learning from Pebbles: Small Rocks, Big Slopes"
    )


# ── Digests on the page ──


async def test_a_digest_arrives_while_one_looks(open_room: OpenRoom) -> None:
    """Subscribing needs a press only: the next full minute is offered, counted down to, and the digest is there."""
    room = await open_room()
    page, clock = room.site.page, room.clock
    await expect(page.locator("#schedule-next")).to_have_text("Subscribe, and one arrives here on schedule.")
    await page.locator("#schedule-summary").press("Enter")
    await expect(page.locator("#time")).to_have_value(f"{clock() + timedelta(minutes=1):%H:%M}")
    await expect(page.locator("#timezone")).to_have_value("UTC")
    await page.get_by_role("button", name="Subscribe").press("Enter")
    await expect(page.locator("#schedule-next")).to_have_text(re.compile(r"^Next digest in (60|59|58|57) s$"))
    await expect(page.locator(".standing")).to_contain_text("all of arXiv")
    await expect(page.locator("#status")).to_contain_text("Subscribed. Next digest in")
    await expect(page.locator("#schedule-form")).to_be_hidden()
    assert await focused(page) == "schedule-summary"
    clock.advance(seconds=30)
    await expect(page.locator("#schedule-next")).to_have_text(re.compile(r"^Next digest in (30|2\d) s$"))
    await expect(page.locator("#arrived .message")).to_have_count(0)
    clock.advance(seconds=30)
    arrived = page.locator("#arrived .message")
    await expect(arrived).to_have_count(1)
    await expect(arrived.locator(".markup a")).to_have_count(5)
    await expect(page.locator("#status")).to_have_text("A digest arrived.")
    await expect(page.locator(".standing-next")).to_contain_text("Waiting for the next post: no new post since")
    await arrived.get_by_role("button", name="1", exact=True).click()
    await expect(page.locator("#answers .message")).to_contain_text("Study 1 of 4")
    await page.reload()
    await expect(arrived).to_have_count(1)


async def test_the_newest_digest_is_on_top_and_the_others_stay_as_they_are(open_room: OpenRoom) -> None:
    """A later arrival takes its place above, and what was opened in an earlier one stays open."""
    room = await open_room()
    page = room.site.page
    for count in (1, 2):
        await page.locator("#schedule-summary").click()
        await page.locator("#count").fill("2")
        await page.get_by_role("button", name="Subscribe").click()
        await expect(page.locator(".standing")).to_have_count(count)
        room.clock.advance(minutes=1)
        await expect(page.locator("#arrived .message")).to_have_count(count)
        if count == 1:
            await page.locator("#arrived summary").click()
    newest, oldest = page.locator("#arrived .message").nth(0), page.locator("#arrived .message").nth(1)
    await expect(newest).to_contain_text("Study 1 of 2")
    await expect(oldest).to_contain_text("Study 1 of 4")
    await expect(oldest.locator("pre")).to_be_visible()


async def test_a_wrong_field_is_shown_where_it_is(open_room: OpenRoom) -> None:
    """The server's words stand under the field they are about, which has the focus; corrected, the form is taken."""
    room = await open_room()
    page = room.site.page
    await page.locator("#schedule-summary").click()
    for name, typed, advice in (
        ("categories", "cs.XX", "cs.XX"),
        ("time", "teatime", "not a time of day"),
        ("timezone", "Atlantis", "no time zone"),
    ):
        right = await page.locator(f"#{name}").input_value()
        await page.locator(f"#{name}").fill(typed)
        await page.keyboard.press("Tab")  # suggestions would cover the button, sooner or later
        await page.get_by_role("button", name="Subscribe").click()
        await expect(page.locator(f"#{name}-error")).to_contain_text(advice)
        await expect(page.locator(f"#{name}")).to_have_attribute("aria-invalid", "true")
        assert await focused(page) == name
        await page.locator(f"#{name}").fill(right)
    for day in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"):
        await page.get_by_role("checkbox", name=day).uncheck()
    await page.get_by_role("button", name="Subscribe").click()
    await expect(page.locator("#weekdays-error")).to_contain_text("at least one day")
    await expect(page.locator(".field-error:not(:empty)")).to_have_count(1)
    await page.get_by_role("checkbox", name="Sun").check()
    await page.get_by_role("button", name="Subscribe").click()
    await expect(page.locator(".standing")).to_have_count(1)
    room.site.complaints[:] = [each for each in room.site.complaints if "status of 400" not in each]


async def test_the_forms_fields_complete(open_room: OpenRoom) -> None:
    """Categories, hours and zones are suggested while one types, and taken with the arrow and Enter or a press."""
    room = await open_room()
    page = room.site.page
    await page.locator("#schedule-summary").click()
    await page.locator("#categories").press_sequentially("cs.CV, stat.m")
    await expect(page.locator("#categories-choices li").first).to_contain_text("cs.CV, stat.")
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("#categories")).to_have_attribute("aria-activedescendant", "categories-choices-0")
    await page.keyboard.press("Enter")
    await expect(page.locator("#categories")).to_have_value(re.compile(r"^cs\.CV, stat\.M"))
    await expect(page.locator("#categories-choices")).to_be_hidden()
    await page.locator("#timezone").fill("berl")
    await page.locator("#timezone-choices li", has_text="Europe/Berlin").click()
    await expect(page.locator("#timezone")).to_have_value("Europe/Berlin")
    await expect(page.locator("#time")).not_to_have_value(f"{room.clock() + timedelta(minutes=1):%H:%M}")
    await page.locator("#time").fill("21")
    await expect(page.locator("#time-choices li").first).to_have_text("21:00")
    await page.keyboard.press("Escape")
    await expect(page.locator("#time-choices")).to_be_hidden()
    await page.keyboard.press("Enter")
    await expect(page.locator(".standing")).to_contain_text("21:00 (Europe/Berlin")


async def test_why_and_stop_are_beside_each_digest(open_room: OpenRoom) -> None:
    """Why? answers privately, Stop takes the digest away and leaves what arrived."""
    room = await open_room()
    page = room.site.page
    await page.locator("#schedule-summary").click()
    await page.get_by_role("button", name="Subscribe").click()
    await page.get_by_role("button", name="Why?").click()
    await expect(page.locator("#answers .message")).to_contain_text("Why your digest came, or did not")
    room.clock.advance(minutes=1)
    await expect(page.locator("#arrived .message")).to_have_count(1)
    await page.get_by_role("button", name="Stop", exact=True).click()
    await expect(page.locator(".standing")).to_have_count(0)
    assert await focused(page) == "schedule-summary"
    await expect(page.locator("#arrived .message")).to_have_count(1)
    assert await room.store.subscriptions.list() == []


async def test_the_page_says_who_sends_and_when_nobody_answers(open_room: OpenRoom) -> None:
    """Where another preview sends the digests the page says so; a server that does not answer is said as well."""
    room = await open_room()
    page = room.site.page
    await expect(page.locator("#schedule-trouble")).to_be_hidden()
    room.showing.trouble = "Another preview sends."
    await expect(page.locator("#schedule-trouble")).to_have_text("Another preview sends.")
    await page.context.set_offline(True)
    await expect(page.locator("#schedule-next")).to_contain_text("does not answer")
    await page.context.set_offline(False)
    await expect(page.locator("#schedule-next")).to_contain_text("Subscribe")
    room.site.complaints[:] = [each for each in room.site.complaints if "ERR_INTERNET_DISCONNECTED" not in each]


async def test_a_post_that_comes_is_shown_while_the_page_is_open(open_room: OpenRoom) -> None:
    """The day picker and the channel follow the posts; who looks at an earlier day stays there."""
    room = await open_room()
    page, heading = room.site.page, room.site.page.locator("#digest .h3")
    await expect(heading).to_contain_text("14 Apr 2021")
    room.clock.advance(seconds=1)
    await room.store.days.put(make_days(3)[2:], [], room.clock())
    await expect(heading).to_contain_text("15 Apr 2021")
    await page.locator("#earlier").click()
    await expect(heading).to_contain_text("14 Apr 2021")
    room.clock.advance(seconds=1)
    await room.store.days.put(make_days(4)[3:], [], room.clock())
    await expect(page.locator("#day option")).to_have_count(4)
    await expect(heading).to_contain_text("14 Apr 2021")
    await expect(page.locator("#later")).to_be_enabled()


@pytest.mark.parametrize("width", [320, 390, 1280])
async def test_the_form_fits_every_width(open_room: OpenRoom, width: int) -> None:
    """On a phone and a desktop the form, its suggestions and what is subscribed need no sideways scrolling."""
    room = await open_room(width=width)
    page = room.site.page
    await page.locator("#schedule-summary").click()
    await page.get_by_role("button", name="Subscribe").click()
    await expect(page.locator(".standing")).to_have_count(1)
    await page.locator("#schedule-summary").click()
    await page.locator("#timezone").fill("a")
    await expect(page.locator("#timezone-choices li").first).to_be_visible()
    wide = """() => [...document.querySelectorAll("body, main, .schedule, .schedule-form, .field, .standing")]
      .filter((node) => node.scrollWidth > node.clientWidth + 1 && !node.querySelector(".choices:not([hidden])"))
      .map((node) => node.className || node.tagName)"""
    assert await page.evaluate(wide) == []
    box = await page.locator("#timezone-choices").bounding_box()
    assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width


@pytest.mark.parametrize("scheme", ["dark", "light"])
async def test_the_schedule_is_readable(open_room: OpenRoom, scheme: str) -> None:
    """The form, its errors and what is subscribed have the contrast that all text here has."""
    room = await open_room(color_scheme=scheme, reduced_motion="reduce")
    page = room.site.page
    room.showing.trouble = "Another preview sends."
    await page.locator("#schedule-summary").click()
    await page.get_by_role("button", name="Subscribe").click()
    await expect(page.locator(".standing")).to_have_count(1)
    await page.locator("#schedule-summary").click()
    await page.locator("#timezone").fill("Atlantis")
    await page.get_by_role("button", name="Subscribe").click()
    await expect(page.locator("#timezone-error")).not_to_be_empty()
    await page.locator("#categories").press_sequentially("cs")
    await expect(page.locator("#categories-choices li").first).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("#schedule-trouble")).to_be_visible()
    assert await page.evaluate(CONTRAST) == []
    room.site.complaints[:] = [each for each in room.site.complaints if "status of 400" not in each]


# ── Components and markdown ──


def make_gallery() -> Message:
    """Return a message with every component that has a look of its own."""
    box = ui.Container(ui.TextDisplay("# Big\nwords"), accent_colour=0x00FF00, spoiler=True)
    view = ui.LayoutView(timeout=None).add_item(box)
    styles = [ButtonStyle.primary, ButtonStyle.secondary, ButtonStyle.success, ButtonStyle.danger]
    row = ui.ActionRow[Any]()
    for style in styles:
        row.add_item(ui.Button(label=style.name, emoji="🔥", style=style, custom_id=style.name))
    row.add_item(ui.Button(label="go", url="https://arxiv.org/"))
    view.add_item(row)
    view.add_item(ui.ActionRow(ui.Button(label="off", disabled=True, custom_id="off")))
    options = [SelectOption(label="One"), SelectOption(label="Two", default=True)]
    view.add_item(ui.ActionRow(ui.Select(custom_id="s", options=options)))
    picture = ui.Thumbnail[Any]("https://elsewhere.test/a.png", description="A graph")
    view.add_item(ui.Section(ui.TextDisplay("beside"), accessory=picture))
    return Message(view.add_item(ui.Separator(visible=False)))


async def test_every_component_has_its_look(open_site: Open) -> None:
    """All button styles, menus, sections, separators, accents and spoilers show; pictures are never fetched."""
    site = await open_site(FakeAnswers(extra={date(2021, 4, 13): make_gallery()}))
    message = site.page.locator("#digest .message").nth(1)
    for style in ("primary", "secondary", "success", "danger"):
        await expect(message.locator(f"button.{style}", has_text=style)).to_contain_text("🔥")
    await expect(message.locator("a.link")).to_have_attribute("href", "https://arxiv.org/")
    await expect(message.get_by_role("button", name="off")).to_be_disabled()
    await expect(message.locator("select")).to_have_value("Two")
    await expect(message.locator(".section .media")).to_have_attribute("aria-label", "A graph")
    await expect(message.locator(".separator")).to_have_attribute("data-divider", "false")
    await expect(message.locator(".unknown")).to_have_count(0)
    await message.get_by_role("button", name="Spoiler").click()
    shadow = await message.locator(".container").evaluate("node => getComputedStyle(node).boxShadow")
    assert "rgb(0, 255, 0)" in shadow


def link(href: str, text: str) -> str:
    """Return a link as the page makes it."""
    return f'<a href="{href}" target="_blank" rel="noopener noreferrer" title="{href}">{text}</a>'


def pill(source: str, text: str) -> str:
    """Return a mention as the page makes it."""
    escaped = source.replace("<", "&lt;").replace(">", "&gt;")
    return f'<span class="mention" title="{escaped}">{text}</span>'


A = "https://a.test/"
H3 = '<div class="h3" role="heading" aria-level="5">{}</div>'
SUB = '<small class="subtext">{}</small>'
EPOCH = '<time class="timestamp" datetime="1970-01-01T00:00:00.000Z" title="Thursday, January 1, 1970 at 12:00 AM">'
COVER = (
    '<span class="spoiler" role="button" tabindex="0" aria-label="Spoiler: show">'
    '<span class="spoiler-content" inert="">{}</span></span>'
)
MARKDOWN = [
    ("plain", "plain"),
    ("**b** *i* _i_ __u__ ~~s~~", "<strong>b</strong> <em>i</em> <em>i</em> <u>u</u> <s>s</s>"),
    ("***x***", "<em><strong>x</strong></em>"),
    ("**a *b* c**", "<strong>a <em>b</em> c</strong>"),
    ("__*x*__", "<u><em>x</em></u>"),
    ("snake_case_name and 2 * 3 * 4", "snake_case_name and 2 * 3 * 4"),
    ("Neural A* Search, B* too", "Neural A* Search, B* too"),
    ("A*-search, B*-search", "A<em>-search, B</em>-search"),
    ("**open", "**open"),
    ("### T", H3.format("T")),
    ("# T ##\nx", '<div class="h1" role="heading" aria-level="3">T</div>x'),
    ("#### T", "#### T"),
    ("#T", "#T"),
    ("a # T", "a # T"),
    ("-# sub **b**\nx", SUB.format("sub <strong>b</strong>") + "x"),
    ("-# a\n-# b", SUB.format("a") + SUB.format("b")),
    ("-#no", "-#no"),
    ("> q\n> r\nx", "<blockquote>q\nr</blockquote>x"),
    (">>> q\nr", "<blockquote>q\nr</blockquote>"),
    (">no", "&gt;no"),
    ("- a\n- b\n  - c", "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>"),
    ("3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'),
    ("-no", "-no"),
    ("`a*b*`", "<code>a*b*</code>"),
    ("`` a`b ``", "<code> a`b </code>"),
    ("```py\nx *y*\n```", '<pre tabindex="0"><code>x *y*</code></pre>'),
    (r"\*a\* \# \[x](y)", "*a* # [x](y)"),
    ("# \\# x", '<div class="h1" role="heading" aria-level="3"># x</div>'),
    (r"\a \\", "\\a \\"),
    (f"[t]({A})", link(A, "t")),
    (f"[t](<{A}>)", link(A, "t")),
    (f"[a [b] **c**]({A})", link(A, "a [b] <strong>c</strong>")),
    (f"[A\\* b\\*]({A})", link(A, "A\\* b\\*")),
    (f"[see https://b.test]({A})", f"[see https://b.test]({link(A, A)})"),
    (f"[<@1> <t:0>]({A})", link(A, "&lt;@1&gt; &lt;t:0&gt;")),
    ("[t](javascript:alert(1))", "[t](javascript:alert(1))"),
    ("[t](data:text/html,x)", "[t](data:text/html,x)"),
    ("[t](//a.test)", "[t](//a.test)"),
    ("[t]()", "[t]()"),
    (f"{A}x, ({A}y).", f"{link(A + 'x', A + 'x')}, ({link(A + 'y', A + 'y')})."),
    (f"<{A}>", link(A, A)),
    ("<javascript:alert(1)>", "&lt;javascript:alert(1)&gt;"),
    ("<b onclick=x>hi</b><img src=x onerror=y>", "&lt;b onclick=x&gt;hi&lt;/b&gt;&lt;img src=x onerror=y&gt;"),
    ("<@123> <#5>", f"{pill('<@123>', '@unknown-user')} {pill('<#5>', '#unknown')}"),
    ("<@&4>", pill("<@&amp;4>", "@unknown-role")),
    ("</top week:12>", pill("</top week:12>", "/top week")),
    ("<id:browse> <:fire:12>", f"{pill('<id:browse>', '#browse')} {pill('<:fire:12>', ':fire:')}"),
    ("<mail@a.test>", pill("<mail@a.test>", "mail@a.test")),
    ("@everyone", pill("@everyone", "@everyone")),
    ("<t:0:d> <t:x>", f"{EPOCH}1/1/70</time> &lt;t:x&gt;"),
    ("<t:99999999999999999>", "&lt;t:99999999999999999&gt;"),
    ("||x||", COVER.format("x")),
    ("  a\n\nb  ", "a\n\nb"),
]  # fmt: skip
RENDER = """async (texts) => {
  const { renderMarkdown } = await import("/static/markup.js");
  return texts.map((text) => {
    const box = document.createElement("div");
    box.append(renderMarkdown(text));
    return box.innerHTML;
  });
}"""


async def test_markdown_renders_as_discord_renders_it(open_site: Open) -> None:
    """Each piece of Discord's markdown gives its elements; what could act without being safe shows as such."""
    site = await open_site()
    rendered = await site.page.evaluate(RENDER, [text for text, _ in MARKDOWN])
    assert dict(zip([text for text, _ in MARKDOWN], rendered, strict=True)) == dict(MARKDOWN)


async def test_hostile_markdown_is_read_quickly(open_site: Open) -> None:
    """4,000 characters made to upset a parser take under half a second each and end as elements we know."""
    site = await open_site()
    seeds = ["*", "_", "**a", "[", "[a](", "||", "`", "~~a", "> ", "- ", "\n  - a", "\\", "<t:", "# ", "(", "a_"]
    texts = [(seed * 4000)[:4000] for seed in [*seeds, "*a **b __c ~~d ||e ", "[[a](https://a.test/(", "- a\n "]]
    slowest = await site.page.evaluate(
        """async (texts) => {
          const { renderMarkdown } = await import("/static/markup.js");
          return Math.max(...texts.map((text) => {
            const began = performance.now();
            renderMarkdown(text);
            return performance.now() - began;
          }));
        }""",
        texts,
    )
    assert slowest < 500


async def test_hostile_text_stays_text(open_site: Open) -> None:
    """Markup, scripts and addresses from strangers never become elements or links of the page."""
    hostile = '<script>document.title="owned"</script><img src=x onerror="document.title=1">[x](javascript:alert(1))'
    site = await open_site(FakeAnswers(extra={date(2021, 4, 13): Message(None, hostile)}))
    message = site.page.locator("#digest .message").nth(1)
    await expect(message.locator(".content")).to_have_text(hostile)
    await expect(message.locator("script, .content img, .content a")).to_have_count(0)
    assert "owned" not in await site.page.title()


# ── Looks ──


async def test_the_theme_follows_the_system_until_chosen(open_site: Open) -> None:
    """Dark or light comes from the system; the button switches and the browser remembers."""
    site = await open_site(color_scheme="dark")
    page = site.page
    background = "getComputedStyle(document.body).backgroundColor"
    dark = await page.evaluate(background)
    await page.get_by_role("button", name="Switch to light theme").click()
    light = await page.evaluate(background)
    assert dark != light
    await page.reload()
    assert await page.evaluate(background) == light
    await expect(page.get_by_role("button", name="Switch to dark theme")).to_be_visible()
    assert await page.context.cookies() == []


@pytest.mark.parametrize("width", [320, 390, 1280])
async def test_nothing_runs_off_the_side(open_site: Open, width: int) -> None:
    """At phone and desktop width nothing needs sideways scrolling, and five digit buttons share a row."""
    site = await open_site(FakeAnswers(extra={date(2021, 4, 13): Message(None, "x" * 1999)}), width=width)
    page = site.page
    await page.get_by_role("button", name="All 21 papers").click()
    await page.locator("#search").fill("style")
    await expect(page.locator("#results .message")).to_have_count(1)
    wide = """() => [...document.querySelectorAll("body, main, .message, .container, .topbar, .results-panel")]
      .filter((node) => node.scrollWidth > node.clientWidth + 1).map((node) => node.className || node.tagName)"""
    assert await page.evaluate(wide) == []
    await page.locator("#search").press("Escape")
    tops = (
        await page.locator("#digest .row")
        .first.locator(".button")
        .evaluate_all("nodes => [...new Set(nodes.map((node) => node.getBoundingClientRect().top))].length")
    )
    assert tops == 1 or width < 390


CONTRAST = """() => {
  const rgb = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const color = rgb(getComputedStyle(at).backgroundColor);
      if (color.length === 3) return color;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
    if (!own || !node.checkVisibility() || node.closest(":disabled, .heard, .skip")) continue;
    const [a, b] = [light(rgb(getComputedStyle(node).color)), light(behind(node))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) poor.push(`${node.className || node.tagName} ${ratio.toFixed(2)}: ${node.textContent}`);
  }
  return poor;
}"""


@pytest.mark.parametrize("scheme", ["dark", "light"])
async def test_every_text_is_readable(open_site: Open, scheme: str) -> None:
    """Text has at least 4.5:1 contrast with what is behind it (WCAG 2.1 AA), in both themes."""
    parts = {date(2021, 4, 13): Message(None, "`code` <@1> <t:0> https://a.test/ > q\n> quote\n```x```")}
    site = await open_site(FakeAnswers(extra=parts), color_scheme=scheme, reduced_motion="reduce")
    page = site.page
    for name in ("All 21 papers", "1"):
        await page.get_by_role("button", name=name, exact=True).click()
    await page.locator("#answers .danger").click()
    await expect(page.locator(".failure")).to_be_visible()
    await page.locator("#search").fill("style")
    await expect(page.locator("#results .message")).to_have_count(1)
    await page.locator("#command").press_sequentially("/t")
    await page.mouse.move(1, 1)
    await page.wait_for_timeout(200)
    assert await page.evaluate(CONTRAST) == []
    site.complaints[:] = [each for each in site.complaints if "status of 500" not in each]


async def test_the_keyboard_reaches_everything(open_site: Open) -> None:
    """The first Tab offers to skip to the command box, and every stop has a name and a visible focus."""
    site = await open_site()
    page = site.page
    await expect(page.locator("#digest .message")).to_have_count(1)
    await page.keyboard.press("Tab")
    assert await focused(page) == "Skip to the command box"
    await page.keyboard.press("Enter")
    assert await focused(page) == "command"
    await page.evaluate("document.activeElement.blur()")
    await page.locator(".skip").focus()
    seen = []
    for _ in range(40):
        await page.keyboard.press("Tab")
        stop = await page.evaluate(
            """() => { const node = document.activeElement; const style = getComputedStyle(node);
              const frame = node.closest(".command-line") ? "framed" : style.outlineStyle;
              return [node.id || node.tagName, node.getAttribute("aria-label") || node.textContent.trim(), frame]; }"""
        )
        if stop[0] == "BODY":
            break
        seen.append(stop)
    assert [stop for stop in seen if not stop[1] or stop[2] == "none"] == []
    assert {"earlier", "day", "search", "theme", "channel", "command"} - {stop[0] for stop in seen} == set()
    assert {"10", "All 21 papers"} <= {stop[1] for stop in seen}


async def test_motion_stops_for_those_who_ask(open_site: Open) -> None:
    """With reduced motion nothing is animated, not even waiting."""
    site = await open_site(reduced_motion="reduce")
    await site.page.get_by_role("button", name="Get this by DM").click()
    busy = site.page.locator(".busy")
    assert await busy.evaluate('node => getComputedStyle(node, "::after").animationName') == "none"
    site.answers.gate.set()
    await expect(site.page.locator("#answers .message")).to_have_count(1)

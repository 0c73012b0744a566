"""The doctor's questions to Discord: token ─► clock · intents · commands · permissions in each digest's channel.

They are asked through a Probe, and no more of them once nobody answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.answers.access import find_missing
from bot.answers.offers import COMMANDS, SHOW_PAPERS
from bot.answers.venue import VIEW, Channel
from bot.errors import BotError
from bot.findings import Finding
from bot.settings import TOKEN_HELP, Settings
from storage.models import Subscription

CHANNELS_CHECKED = 50
CLOCK_SECONDS = 5.0  # a Date header has whole seconds, and its way takes time
# https://discord.com/developers/docs/resources/application#application-object-application-flags; each has two bits,
# the second for applications in fewer than 100 servers.
PRIVILEGED = {"Presence": 1 << 12 | 1 << 13, "Server Members": 1 << 14 | 1 << 15, "Message Content": 1 << 18 | 1 << 19}


@dataclass(frozen=True, slots=True)
class Application:
    """The application a token is of; `flags` are Discord's, `answered_at` is the time by Discord's clock."""

    id: str
    name: str
    flags: int = 0
    answered_at: datetime | None = None


class ProbeError(BotError):
    """Discord could not be asked, or refused; `status` is its HTTP status, None where there was no answer."""

    def __init__(self, cause: str, status: int | None = None) -> None:
        super().__init__(cause)
        self.status = status


class Probe(Protocol):
    """Asks Discord as the bot; every question may raise ProbeError."""

    async def get_application(self) -> Application:
        """Return the application the token is of."""
        ...

    async def list_commands(self, application_id: str, guild_id: int | None) -> frozenset[str]:
        """Return the names of the commands installed everywhere, or in one server."""
        ...

    async def get_channel_permissions(self, channel_id: str) -> frozenset[str]:
        """Return what the bot may do in a channel, by the names of `bot.answers.venue`."""
        ...


async def examine_discord(
    settings: Settings, probe: Probe | None, subscriptions: Sequence[Subscription], clock: Callable[[], datetime]
) -> list[Finding]:
    """Check what only Discord knows."""
    if probe is None or not settings.discord_token:
        return [Finding("token", False, "DISCORD_TOKEN is not set", f"{TOKEN_HELP}, into .env")]
    try:
        application = await probe.get_application()
    except ProbeError as error:
        rest = Finding("discord", None, "clock, intents, commands and channels were not checked")
        return [_explain_token(error, settings), rest]
    now = clock()
    return [
        Finding("token", True, f"of {application.name} ({application.id})"),
        check_clock(application.answered_at, now),
        check_intents(application.flags),
        await check_commands(probe, application.id, settings.discord_guild_id),
        *await check_channels(probe, subscriptions),
    ]


def _explain_token(error: ProbeError, settings: Settings) -> Finding:
    if error.status == 401:
        return Finding("token", False, "Discord refuses it", f"{TOKEN_HELP}, into .env")
    what_to_do = "see https://discordstatus.com, the network, HTTPS_PROXY and DISCORD_API_BASE"
    return Finding("token", False, f"not checked: {settings.discord_api_base}: {error}", what_to_do)


def check_clock(theirs: datetime | None, ours: datetime) -> Finding:
    """Compare this machine's clock with Discord's, which tells whole seconds."""
    if theirs is None:
        return Finding("clock", None, "Discord did not say what time it is")
    off = (ours - theirs).total_seconds()
    if abs(off) <= CLOCK_SECONDS:
        return Finding("clock", True, f"within {CLOCK_SECONDS:g} s of Discord's")
    detail = f"{abs(off):,.0f} s {'ahead of' if off > 0 else 'behind'} Discord's"
    return Finding("clock", False, detail, "set it, and let it be kept by NTP (timedatectl set-ntp true)")


def check_intents(flags: int) -> Finding:
    """Check the privileged intents: none is needed."""
    extra = [name for name, bits in PRIVILEGED.items() if flags & bits]
    if extra:
        return Finding("intents", True, f"none needed; allowed without need: {', '.join(extra)}")
    return Finding("intents", True, "no privileged one is needed")


async def check_commands(probe: Probe, application_id: str, guild_id: int | None) -> Finding:
    """Compare the installed commands with those there are."""
    try:
        installed = await probe.list_commands(application_id, guild_id)
    except ProbeError as error:
        if guild_id is not None and error.status in (403, 404):
            return Finding("commands", False, f"the bot is not in server {guild_id}", "see DISCORD_GUILD_ID")
        return Finding("commands", False, f"not checked: {error}", "try again")
    wanted = {command.name.split()[0] for command in COMMANDS} | {SHOW_PAPERS}
    problems = [
        f"{word}: {', '.join(sorted(names))}"
        for word, names in (("missing", wanted - installed), ("not ours", installed - wanted))
        if names
    ]
    if problems:
        return Finding("commands", False, "; ".join(problems), "`hotpapers run` installs them when it starts")
    return Finding("commands", True, f"{len(installed)} installed")


async def check_channels(probe: Probe, subscriptions: Sequence[Subscription]) -> list[Finding]:
    """Check what the bot may do in the channels of digests that are not paused, CHANNELS_CHECKED at most."""
    by_channel: dict[str, list[Subscription]] = {}
    for one in subscriptions:
        if one.target.kind == "channel" and not one.is_paused:
            by_channel.setdefault(one.target.id, []).append(one)
    if not by_channel:
        return [Finding("channels", None, "no channel has a digest")]
    findings: list[Finding] = []
    for channel_id, digests in list(by_channel.items())[:CHANNELS_CHECKED]:
        findings.append(await _check_channel(probe, channel_id, digests))
        if findings[-1].is_ok is None:  # nobody answers: no use in asking for the others
            break
    left = len(by_channel) - len(findings)
    if left:
        findings.append(Finding("channels", None, f"{left:,} more were not checked"))
    return findings


async def _check_channel(probe: Probe, channel_id: str, digests: Sequence[Subscription]) -> Finding:
    name = f"channel {channel_id}"
    try:
        allowed = await probe.get_channel_permissions(channel_id)
    except ProbeError as error:
        if error.status == 404:
            return Finding(name, False, "it was deleted", "/digest list there moves or removes its digests")
        if error.status == 403:
            return Finding(name, False, "the bot can't see it", f"allow it {VIEW} there, or invite it again")
        return Finding(name, None, f"not checked: {error}")
    lacking = (
        find_missing(one, Channel(channel_id, one.guild_id or "", "", one.channel_kind, allowed)) for one in digests
    )
    missing = dict.fromkeys(name for names in lacking for name in names)
    if missing:
        return Finding(name, False, f"missing: {', '.join(missing)}", "Edit Channel, Permissions, the bot's role")
    return Finding(name, True, "the bot may do all it needs")

"""The promises of settings: the environment wins over .env, and a wrong value is named with what is accepted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.digest.taxonomy import CATEGORIES
from bot.errors import ConfigError
from bot.settings import Settings, find_proxy
from bot.sources.address import Repository

ROOT = Path(__file__).parents[1]
TOKEN = "MTAwMDAwMDAwMDAwMDAwMDAwMA.GabcDE.very-secret-part_of-it"  # noqa: S105 - made up
COUNTS = {
    "MAX_CATEGORIES": "1000",
    "MAX_DIGESTS_PER_CHANNEL": "100",
    "MAX_SAVED_PAPERS": "100000",
    "REQUESTS_PER_MINUTE": "100000",
    "POLL_SECONDS": "86400",
    "KEEP_SERVER_DAYS": "3650",
    "KEEP_RECORDS_DAYS": "3650",
    "INVALID_REQUESTS_LIMIT": "9000",
    "SENDS_PER_SECOND": "50",
}
SERVICES = {
    "ARXIV_RSS_BASE": "http://127.0.0.1:1/rss",
    "ARXIV_API_BASE": "http://127.0.0.1:1/api",
    "HF_API_BASE": "http://127.0.0.1:1/hf",
    "HN_API_BASE": "http://127.0.0.1:1/hn",
    "BLUESKY_API_BASE": "http://127.0.0.1:1/xrpc",
    "JETSTREAM_URL": "ws://127.0.0.1:1/subscribe",
}
NAMES = (
    *("POSTS_PUSH", "ARXIV_CATEGORIES", *SERVICES),
    *("DATABASE_URL", "POSTS_SOURCE", "PREVIEW_HOST", "PREVIEW_PORT", "LOG_LEVEL", "LOG_FORMAT", "HEALTH_PORT"),
    *("DISCORD_TOKEN", "DISCORD_API_BASE", "DISCORD_GUILD_ID", *COUNTS),
)
PROXIES = [name for upper in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY") for name in (upper, upper.lower())]
BASE = "https://discord.com/api/v10"
HOSTS = ("..", "a" * 64, "a b/c", "h%00x/", "-x/", "x-/", "a..b")


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*NAMES, *PROXIES):
        monkeypatch.delenv(name, raising=False)


def test_nothing_set_gives_the_defaults(tmp_path: Path) -> None:
    """Without environment and .env everything has a usable default."""
    assert Settings.from_env(tmp_path) == Settings()


def test_the_example_shows_every_setting_with_its_default(tmp_path: Path) -> None:
    """Copying .env.example changes nothing, and no setting is missing from it."""
    example = (ROOT / ".env.example").read_text()
    (tmp_path / ".env").write_text(example)
    assert Settings.from_env(tmp_path) == Settings()
    assert sorted(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE)) == sorted(NAMES)
    for name, value in re.findall(r"^([A-Z_]+)=(.+)$", example, re.MULTILINE):
        if name in (*COUNTS, *SERVICES):
            assert value == str(getattr(Settings(), name.lower()))


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that is set in both places has the environment's value."""
    (tmp_path / ".env").write_text("PREVIEW_PORT=1234\nPOSTS_SOURCE=posts\nLOG_LEVEL=debug\n")
    monkeypatch.setenv("PREVIEW_PORT", "4321")
    settings = Settings.from_env(tmp_path)
    assert (settings.preview_port, settings.posts_source, settings.log_level) == (4321, Path("posts"), "DEBUG")


def test_set_to_nothing_is_not_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty variable means the default."""
    for name in NAMES:
        monkeypatch.setenv(name, "")
    assert Settings.from_env(tmp_path) == Settings()


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("DATABASE_URL", "postgres://db/x", "sqlite:///"),
        ("DATABASE_URL", "sqlite:///:memory:", "sqlite:///"),
        ("PREVIEW_PORT", "http", "0 to 65535"),
        ("PREVIEW_PORT", "65536", "0 to 65535"),
        ("PREVIEW_PORT", "-1", "0 to 65535"),
        ("PREVIEW_PORT", "8²", "0 to 65535"),
        ("HEALTH_PORT", "65536", "0 to 65535 (0: off)"),
        ("LOG_LEVEL", "loud", "DEBUG, INFO, WARNING, ERROR"),
        ("LOG_FORMAT", "xml", "text, json"),
        ("DISCORD_API_BASE", "discord.com/api/v10", "http or https URL"),
        ("DISCORD_API_BASE", "ftp://discord.com/api/v10", "http or https URL"),
        ("DISCORD_API_BASE", "https:///api/v10", "http or https URL"),
        ("DISCORD_API_BASE", "https://discord.com:port/api/v10", "http or https URL"),
        ("DISCORD_API_BASE", "https://discord.com/api", "/api/vN"),
        ("DISCORD_API_BASE", "https://discord.com/api/v10?x=1", "/api/vN"),
        ("DISCORD_GUILD_ID", "my server", "a server's number"),
        ("DISCORD_GUILD_ID", "0", "a server's number"),
        ("DISCORD_GUILD_ID", "9" * 20, "a server's number"),
        ("MAX_CATEGORIES", "0", "1 to 1000"),
        ("SENDS_PER_SECOND", "51", "a whole number of messages, 1 to 50"),
        ("POLL_SECONDS", "1.5", "a whole number of seconds"),
        ("KEEP_SERVER_DAYS", "-1", "0 to 3650"),
        ("KEEP_RECORDS_DAYS", "29", "30 to 3650"),
        ("INVALID_REQUESTS_LIMIT", "10000", "50 to 9000"),
        ("REQUESTS_PER_MINUTE", "many", "requests"),
        ("POSTS_SOURCE", "ext::sh -c 'touch x'", "remote helpers"),
        ("POSTS_SOURCE", "git://example.org/x.git", "https, http, ssh or file"),
        ("POSTS_SOURCE", "https://example.org/x.git#../up", "inside of the repository"),
        ("POSTS_SOURCE", "https://example.org/x.git?token=x#posts", "no ?"),
        ("POSTS_PUSH", "https://", "a host and a path"),
        ("ARXIV_CATEGORIES", "cs.LG,cs.XX", "cs.XX"),
        ("ARXIV_CATEGORIES", ",", "there is no category in it"),
        ("ARXIV_RSS_BASE", "rss.arxiv.org", "https or http URL"),
        ("HF_API_BASE", "https://huggingface.co/api?x=1", "https or http URL"),
        ("HN_API_BASE", "https://user:pass@example.org", "https or http URL"),
        ("HN_API_BASE", "https://user:pass@example.org", "user or password"),
        ("HN_API_BASE", "http://example.org:0/", "its port"),
        ("HN_API_BASE", "http://example.org:99999/", "its port"),
        ("HN_API_BASE", "http://example.org#x", "a ? or #"),
        *(("HN_API_BASE", f"http://{host}", "its host") for host in HOSTS),
        ("HN_API_BASE", "http://[::1", "it is no URL"),
        ("HN_API_BASE", "http://", "and a host"),
        ("JETSTREAM_URL", "wss://-x/", "its host"),
        ("JETSTREAM_URL", "https://example.org/subscribe", "a wss or ws URL"),
    ],
)
def test_a_wrong_value_is_named(
    name: str, value: str, accepted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says which variable is wrong and what it may be."""
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=f"^{name} is not valid.*{re.escape(accepted)}"):
        Settings.from_env(tmp_path)


def test_database_paths_may_be_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three slashes are relative to the working folder, four absolute."""
    monkeypatch.setenv("DATABASE_URL", "sqlite:////var/lib/x.db")
    assert Settings.from_env(tmp_path).database == Path("/var/lib/x.db")
    monkeypatch.setenv("DATABASE_URL", "sqlite:///x.db")
    assert Settings.from_env(tmp_path).database == Path("x.db")


@pytest.mark.parametrize(("name", "value"), COUNTS.items())
def test_every_bound_can_be_set(name: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each number reaches the field of its name, up to the largest that is accepted and no further."""
    monkeypatch.setenv(name, value)
    assert getattr(Settings.from_env(tmp_path), name.lower()) == int(value)
    monkeypatch.setenv(name, str(int(value) + 1))
    with pytest.raises(ConfigError, match=name):
        Settings.from_env(tmp_path)


def test_discord_may_be_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address is kept without a slash at its end; the development server is a number."""
    monkeypatch.setenv("DISCORD_API_BASE", "http://127.0.0.1:8000/api/v9/")
    monkeypatch.setenv("DISCORD_GUILD_ID", "81384788765712384")
    settings = Settings.from_env(tmp_path)
    assert (settings.discord_api_base, settings.discord_guild_id) == ("http://127.0.0.1:8000/api/v9", 81384788765712384)


def test_a_token_is_never_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the token nor a proxy's password is in the settings as text; both are among the secrets to hide."""
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    monkeypatch.setenv("HTTPS_PROXY", "http://ada:love-lace@proxy:3128")
    settings = Settings.from_env(tmp_path)
    assert settings.discord_token == TOKEN
    assert TOKEN not in f"{settings} {settings!r}"
    assert "love-lace" not in f"{settings!r}"
    assert set(settings.secrets) == {TOKEN, "love-lace"}


@pytest.mark.parametrize(
    "value",
    [
        f"Bot {TOKEN}",
        TOKEN.replace(".", ""),
        f"{TOKEN}.more",
        TOKEN.replace("G", " "),
        "MTAw..x",
        "your-token-hére.a.b",
    ],
)
def test_what_can_be_no_token_is_refused_without_repeating_it(
    value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says where to get a token, and nothing of the one that was given."""
    monkeypatch.setenv("DISCORD_TOKEN", value)
    with pytest.raises(ConfigError, match=r"^DISCORD_TOKEN is not valid.*https://discord.com/developers") as caught:
        Settings.from_env(tmp_path)
    assert not any(part in str(caught.value) for part in re.split(r"[. ]", value) if len(part) > 3)


@pytest.mark.parametrize(
    ("env", "url", "proxy"),
    [
        ({}, BASE, None),
        ({"HTTPS_PROXY": "http://p:1"}, BASE, "http://p:1"),
        ({"https_proxy": "http://lower:1", "HTTPS_PROXY": "http://upper:1"}, BASE, "http://lower:1"),
        ({"HTTP_PROXY": "http://p:1"}, BASE, None),
        ({"HTTP_PROXY": "http://p:1"}, "http://discord.test/api/v10", "http://p:1"),
        ({"ALL_PROXY": "http://all:1"}, BASE, "http://all:1"),
        ({"ALL_PROXY": "socks5://all:1", "HTTPS_PROXY": "p:3128"}, BASE, "http://p:3128"),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "example.org, .discord.com"}, BASE, None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "example.org, api.discord.com"}, BASE, "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "example.org,discord.com"}, BASE, None),
        ({"HTTPS_PROXY": "http://p:1", "no_proxy": ".com"}, BASE, None),
        ({"HTTPS_PROXY": "http://p:1", "no_proxy": "*"}, BASE, None),
        ({"HTTPS_PROXY": "http://p:1", "no_proxy": "cord.com"}, BASE, "http://p:1"),
        ({"HTTP_PROXY": "http://p:1", "no_proxy": "d.test:81"}, "http://d.test:81/api/v10", None),
        ({"HTTP_PROXY": "http://p:1"}, "http://127.0.0.1:8000/api/v10", None),
        ({"HTTP_PROXY": "http://p:1"}, "http://localhost:8000/api/v10", None),
    ],
)
def test_the_usual_proxy_variables_are_read(env: dict[str, str], url: str, proxy: str | None) -> None:
    """By the address's scheme, lower case first, all but what NO_PROXY names and this machine itself."""
    assert find_proxy(env, url) == proxy


def test_a_proxy_that_can_not_be_used_matters_to_the_bot_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a token the variable is named, its password not repeated; without one nothing is wrong."""
    monkeypatch.setenv("ALL_PROXY", "socks5://ada:love-lace@proxy:1080")
    assert Settings.from_env(tmp_path).discord_proxy is None
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    with pytest.raises(ConfigError, match=r"^ALL_PROXY is not valid.*SOCKS") as caught:
        Settings.from_env(tmp_path)
    assert "love-lace" not in str(caught.value)


@pytest.mark.parametrize("host", ["localhost:9", "[::1]:80", "10.0.0.1", "a_b.example.org.", "bücher.example", "xn--a"])
def test_a_service_may_have_any_name_that_a_host_has(
    host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names, addresses, ports, other alphabets."""
    monkeypatch.setenv("HN_API_BASE", f"http://{host}")
    assert Settings.from_env(tmp_path).hn_api_base == f"http://{host}"


@pytest.mark.parametrize(("name", "value"), SERVICES.items())
def test_every_live_source_may_be_elsewhere(
    name: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each address reaches the field of its name, without a slash at its end."""
    monkeypatch.setenv(name, f"{value}/")
    assert getattr(Settings.from_env(tmp_path), name.lower()) == value


def test_blueskys_address_is_complete_without_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether /xrpc is said or not, the field has it."""
    monkeypatch.setenv("BLUESKY_API_BASE", "https://api.example.org/")
    assert Settings.from_env(tmp_path).bluesky_api_base == "https://api.example.org/xrpc"


def test_an_archive_is_all_of_its_categories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Categories are read in any case and each once; arXiv is never asked for a whole archive."""
    monkeypatch.setenv("ARXIV_CATEGORIES", "CS.lg, stat quant-ph, stat.ML")
    found = Settings.from_env(tmp_path).arxiv_categories
    assert sorted(found) == [
        "cs.LG",
        "math.ST",
        "quant-ph",
        *(f"stat.{name}" for name in ("AP", "CO", "ME", "ML", "OT")),
    ]
    assert set(Settings().arxiv_categories) <= set(CATEGORIES)


def test_a_repositorys_password_is_never_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither password nor a token alone is in the settings as text; both are among the secrets to hide."""
    monkeypatch.setenv("POSTS_SOURCE", "https://ada:love%2Dlace@example.org/site.git#content/posts")
    monkeypatch.setenv("POSTS_PUSH", "https://ghp_secret@example.org/site.git")
    settings = Settings.from_env(tmp_path)
    assert str(settings.posts_source) == "https://example.org/site.git#content/posts"
    assert isinstance(settings.posts_source, Repository) and settings.posts_source.password == "love-lace"  # noqa: S105
    assert set(settings.secrets) == {"love-lace", "ghp_secret"}
    shown = f"{settings} {settings!r} {settings.posts_source} {settings.posts_push}"
    assert not any(secret in shown for secret in ("love", "ghp_secret", "ada"))

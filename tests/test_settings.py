"""The promises of settings: the environment wins over .env, and a wrong value is named with what is accepted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.errors import ConfigError
from bot.settings import Settings

ROOT = Path(__file__).parents[1]
NAMES = ("DATABASE_URL", "POSTS_SOURCE", "PREVIEW_HOST", "PREVIEW_PORT", "LOG_LEVEL", "LOG_FORMAT")


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def test_nothing_set_gives_the_defaults(tmp_path: Path) -> None:
    """Without environment and .env everything has a usable default."""
    assert Settings.from_env(tmp_path) == Settings()


def test_the_example_shows_every_setting_with_its_default(tmp_path: Path) -> None:
    """Copying .env.example changes nothing, and no setting is missing from it."""
    example = (ROOT / ".env.example").read_text()
    (tmp_path / ".env").write_text(example)
    assert Settings.from_env(tmp_path) == Settings()
    assert set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE)) == set(NAMES)


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
        ("LOG_LEVEL", "loud", "DEBUG, INFO, WARNING, ERROR"),
        ("LOG_FORMAT", "xml", "text, json"),
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

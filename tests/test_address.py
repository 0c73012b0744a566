"""The promises of addresses: a folder stays a folder, a repository is told from it, and a trick is neither."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.sources.address import LIVE, AddressError, Repository, parse_address, parse_repository


@pytest.mark.parametrize(
    ("text", "url", "folder", "scheme", "shown"),
    [
        ("https://example.org/x.git#content/posts", "https://example.org/x.git", "content/posts", "https", None),
        ("https://u:p%40ss@example.org:8443/x", "https://example.org:8443/x", "", "https", "https://example.org:8443/x"),
        ("http://[::1]:8000/x.git#/a//./b/", "http://[::1]:8000/x.git", "a/b", "http", "http://[::1]:8000/x.git#a/b"),
        ("ssh://git@e.org:22/x.git#a%20b", "ssh://git@e.org:22/x.git", "a b", "ssh", "ssh://e.org:22/x.git#a b"),
        ("git@e.org:team/x.git#posts", "git@e.org:team/x.git", "posts", "ssh", "e.org:team/x.git#posts"),
        ("git@example.org:/srv/x.git", "git@example.org:/srv/x.git", "", "ssh", "example.org:/srv/x.git"),
        ("file:///srv/my%20posts.git#p", "/srv/my posts.git", "p", "file", "/srv/my posts.git#p"),
        ("/srv/site#content", "/srv/site", "content", "file", "/srv/site#content"),
        ("/srv/x@y/site.git", "/srv/x@y/site.git", "", "file", "/srv/x@y/site.git"),
    ],
)  # fmt: skip
def test_repositories_are_read(text: str, url: str, folder: str, scheme: str, shown: str | None) -> None:
    """Each spelling gives what git is asked for, the folder, and an address that people may see."""
    found = parse_address(text)
    assert isinstance(found, Repository)
    assert (found.url, found.folder, found.scheme, str(found)) == (url, folder, scheme, shown or text)


def test_credentials_are_kept_apart() -> None:
    """User and password are decoded, and in nothing that is printed or given to a process."""
    found = parse_repository("https://ada:p%40ss@example.org/x.git")
    assert (found.username, found.password, found.url) == ("ada", "p@ss", "https://example.org/x.git")
    assert "ada" not in f"{found!r}" and "p@ss" not in f"{found!r}"


@pytest.mark.parametrize("text", ["posts", "./live", "/srv/posts", "C:\\posts", "user@home", "a/b.md"])
def test_paths_stay_paths(text: str) -> None:
    """What was a folder before repositories were known is one still."""
    assert parse_address(text) == Path(text)


def test_what_is_there_decides(tmp_path: Path) -> None:
    """A folder with a # in its name, or with .git at its end, is a folder when it is there and no repository."""
    for name in ("posts#1", "posts.git", "a::b"):
        (tmp_path / name).mkdir()
        assert parse_address(str(tmp_path / name)) == tmp_path / name
    (tmp_path / "posts.git" / "HEAD").write_text("ref: refs/heads/main\n")
    assert parse_address(str(tmp_path / "posts.git")) == Repository(str(tmp_path / "posts.git"))
    assert [parse_address(text) for text in ("live", "LIVE", "Live")] == [LIVE] * 3
    assert parse_address("./live") == Path("live")
    (tmp_path / "a:b@c").mkdir()
    assert parse_address(str(tmp_path / "a:b@c")) == tmp_path / "a:b@c"


@pytest.mark.parametrize(
    "text",
    [
        "ext::sh -c 'touch /tmp/owned'",
        "ext::sh -c 'touch /tmp/owned'#posts",
        "fd::17",
        "git://example.org/x.git",
        "ftp://example.org/x.git",
        "ssh://-oProxyCommand=touch/x.git",
        "ssh://-oProxyCommand=touch@example.org/x.git",
        "ssh://ada:secret@example.org/x.git",
        "https://example.org:port/x.git",
        "https://example.org",
        "https:///x.git",
        "https://example.org/x.git?token=secret",
        "https://a%0ab:secret@example.org/x.git",
        "https://example.org/x\n.git",
        "file://host/x.git",
        "https://example.org/x.git#a/../../b",
        "https://example.org/x.git#a%00b",
        "~nobody-of-this-name/x.git",
        "#posts",
        "user:secret@host:x.git",
        "user:secret@host:x.git#posts",
        "user:se/cret@host/x",
        "user:secret@host",
        ":secret@host:x.git",
        "user:sec@secret@host:x.git",
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(text: str) -> None:
    """Programs in disguise, options in disguise and half addresses are refused; a secret is not in the error."""
    with pytest.raises(AddressError) as caught:
        parse_address(text)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("text", ["user:secret@host:x.git", "user:secret@host:x.git#posts", ":secret@host:x"])
def test_no_repository_has_a_password_in_its_path(text: str) -> None:
    """It would be printed: what ssh does not take is refused where posts are pushed to, too."""
    with pytest.raises(AddressError, match="ssh takes a key") as caught:
        parse_repository(text)
    assert "secret" not in str(caught.value)

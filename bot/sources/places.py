"""Chooses what reads the posts of an address, on this machine or elsewhere."""

from __future__ import annotations

from pathlib import Path

from bot.sources.address import Address, Repository
from bot.sources.folder import Folder
from bot.sources.posts import Posts


def make_posts(address: Address | None, database: Path) -> Posts | None:
    """Return the posts at an address; None for live ones, which are made and not read, and for no address.

    What has to be kept of a place that is elsewhere is kept beside the database.
    """
    if isinstance(address, Path):
        return Folder(address)
    if isinstance(address, Repository):
        from bot.sources.git import GitPosts  # who has a folder needs none of it

        return GitPosts(address, database)
    return None

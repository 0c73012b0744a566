"""Knows the accounts on Bluesky that repeat arXiv's feeds: they post every paper, so that their posts say nothing.

There are more than a hundred, most of them for one category. Any of these makes an account one of them:

    DID or handle in the tables below · over MOST_PAPERS_A_DAY papers on one day · self-label "bot" (bluesky_labels)

The engagement that their posts find is not counted; that of everyone else's post of the same paper is.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date
from functools import cache

from bot.digest.taxonomy import CATEGORIES
from bot.sources.source import Item

# Distinct papers of one author on one day (UTC). People who read for others share up to about ten; the listings of
# a category with more than this a day are what a mirror posts, the smaller ones are known by their names.
MOST_PAPERS_A_DAY = 15

KNOWN_DIDS = {
    "did:plc:32r7scd5hucgv552zjfuaigc": "astroarxiv.bsky.social",
    "did:plc:3mbqqo3dxddhl7nwqmghsn6a": "cslg-bot.bsky.social",
    "did:plc:6kndbdnawzpis5y33gpacfop": "cscl-bot.bsky.social",
    "did:plc:df4dbsajjtvbbjn5poliesvs": "csai-bot.bsky.social",
    "did:plc:fvxadjtvukbhdaslbiih3r2p": "arxiv-cs-cv.bsky.social",
    "did:plc:igqxxdun347dblo3n7xwq6ur": "arxiv-quant-ph.bsky.social",
    "did:plc:jf3oraummcsfodflx5w5pouf": "arxiv-cs-cl.bsky.social",
    "did:plc:kat7wkkgmmdffwp7bnbee7he": "krxiv-quant-ph.bsky.social",
    "did:plc:melooq3pgxglmzuttf2wr5es": "quantph-bot.bsky.social",
    "did:plc:npq7o2en235kjxtvwp6lhfr2": "condmatmtrlsci-bot.bsky.social",
    "did:plc:s42g7pgvrcqcbpk4mkqp64oh": "krxiv-astro-ph.bsky.social",
    "did:plc:traxg4jscmm3n3usqi76dsk2": "cscv-bot.bsky.social",
    "did:plc:ukfr73piivinx5ljl4avafg4": "csir-bot.bsky.social",
    "did:plc:uxjdkwlgj5ptelt2x4e3zrzr": "krxiv-cond-mat.bsky.social",
}
"""Mirrors by their identity, which stays when the handle changes; the handle is the one they had in 2026."""

KNOWN_HANDLES = frozenset({"astroarxiv.bsky.social", "paperposterbot.bsky.social"})
"""Mirrors whose handle has none of the forms of `_FORMS`."""

# The first part of a handle. Beside these, bXiv runs a bot for each category, named by it without its signs: csai-bot,
# mathag-bot, condmatquantgas-bt (which "-bot" would have made too long).
_FORMS = re.compile(r"(?:arxiv|krxiv)-[a-z0-9-]+|[a-z0-9-]*arxiv[a-z0-9-]*bot")
_BRIDGED = ".mastoxiv.page.ap.brid.gy"  # an instance of Mastodon that is made of mirrors only, seen over a bridge


def is_mirror(did: str, handle: str = "") -> bool:
    """Tell whether an account is known to repeat arXiv's feeds, by its DID or by its handle (in lower case)."""
    if did in KNOWN_DIDS or handle in KNOWN_HANDLES or handle.endswith(_BRIDGED):
        return True
    first = handle.partition(".")[0]
    return bool(_FORMS.fullmatch(first)) or handle in _find_category_bots()


def find_busy_authors(posts: Iterable[Item]) -> frozenset[str]:
    """Return the authors of more than MOST_PAPERS_A_DAY distinct papers on any one day (UTC) of these posts."""
    papers: defaultdict[tuple[str, date], set[str]] = defaultdict(set)
    for post in posts:
        day = (post.created_at or post.observed_at).astimezone(UTC).date()
        papers[post.author, day].update(post.arxiv_ids)
    return frozenset(author for (author, _), found in papers.items() if len(found) > MOST_PAPERS_A_DAY)


@cache
def _find_category_bots() -> frozenset[str]:
    ids = [id for one in CATEGORIES.values() for id in (one.id, *one.aliases)]
    names = {re.sub(r"[^a-z0-9]", "", id.lower()) for id in ids}
    return frozenset(f"{name}{end}.bsky.social" for name in names for end in ("-bot", "-bt"))

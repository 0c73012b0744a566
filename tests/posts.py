"""Builds the text of daily posts for tests, whole or damaged in one chosen way."""

from __future__ import annotations

SCRIPT = '<script async src="https://platform.twitter.com/widgets.js" charset="utf-8"></script>'
QUOTE = (
    '<blockquote class="twitter-tweet"><p lang="en" dir="ltr">Worth reading &amp; sharing<br>twice</p>'
    "&mdash; Reader (one) (@reader_1) "
    '<a href="https://twitter.com/reader_1/status/1381786189611593731?ref_src=twsrc%5Etfw">April 13, 2021</a>'
    f"</blockquote>\n{SCRIPT}"
)


def make_entry(
    rank: object = 1,
    title: str = "A Title",
    arxiv_id: str = "2104.04767",
    *,
    authors: str = "Ada Lovelace, Grace Hopper",
    counts: str = "retweets: 10, favorites: 2 (04/14/2021 11:53:41)",
    links: str | None = None,
    categories: str = "[cs.CV](https://arxiv.org/list/cs.CV/recent)",
    abstract: str = "We study things.",
    quotes: tuple[str, ...] = (QUOTE,),
) -> str:
    """Return one paper's markdown; every part can be replaced by a damaged one."""
    links = links or f"[abs](https://arxiv.org/abs/{arxiv_id}) | [pdf](https://arxiv.org/pdf/{arxiv_id})"
    head = f"# {rank}. {title}\n\n{authors}\n\n- {counts}\n\n- links: {links}\n- {categories}\n\n{abstract}"
    return "\n\n".join([head, *quotes])


def make_post(*entries: str, day: str = "2021-04-13", date: str = "2021-04-14T11:53:41.Z", extra: str = "") -> str:
    """Return a whole post of some entries; `extra` is more lines of front matter."""
    header = (
        f'---\ntitle: Hot Papers {day}\ndate: {date}\ntemplate: "post"\ndraft: false\n'
        f'slug: "hot-papers-{day}"\ncategory: "arXiv"\ntags:\n  - "arXiv"\n  - "Twitter"\n'
        f'description: "Hot papers {day}"\nsocialImage: "/media/flying-marine.jpg"\n{extra}\n---\n\n'
    )
    return header + "\n\n\n\n\n".join(entries) + "\n\n\n\n"

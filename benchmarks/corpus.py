"""Makes up a stream of editions of any size, to measure with: the same seed gives the same papers.

Word frequencies follow Zipf's law, as text does, engagement a heavy tail, as sharing does. Days are made one by
one, so three million papers need no more memory than a day's.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate, product
from random import Random

from storage.models import Appearance, Day, Edition, Mention, Paper

PER_DAY = 50
FIRST_DAY = date(2007, 4, 2)
VOCABULARY = 60_000  # words that texts share; every paper also has a few of its own
_STREAM = 2_000_000  # draws made once; a text is a random stretch of them

CATEGORIES = (
    *("cs.LG", "cs.CV", "cs.CL", "cs.AI", "stat.ML", "cs.RO", "eess.IV", "cs.NE", "math.ST", "quant-ph", "cs.CR"),
    *("cs.IT", "physics.soc-ph", "cs.SD", "hep-th", "astro-ph.CO", "cs.HC", "q-bio.NC", "cond-mat.mtrl-sci"),
    *("cs.DS", "math.OC", "cs.SE", "gr-qc", "econ.GN", "math.AG"),
)
_SYLLABLES = [start + end for start, end in product([*"bdfgklmnprstvz", "tr", "st"], [*"aeiou", "ai", "on", "er"])]


class Corpus:
    """Words, names and counts drawn from one seed."""

    def __init__(self, seed: int = 0) -> None:
        self._random = Random(seed)
        self.words = self._make_words(VOCABULARY)
        self._stream = self._draw(self.words, _STREAM)
        self._names = self._draw([word.capitalize() for word in self.words[:4000]], 200_000)
        self._topics = self._draw(CATEGORIES, 100_000)

    def _make_words(self, count: int) -> list[str]:
        words: dict[str, None] = {}
        while len(words) < count:
            words["".join(self._random.choices(_SYLLABLES, k=self._random.randint(2, 4)))] = None
        return list(words)

    def _draw(self, words: list[str] | tuple[str, ...], count: int) -> list[str]:
        """Draw with replacement, the n-th word with a weight of 1 / n."""
        weights = list(accumulate(1 / n for n in range(1, len(words) + 1)))
        return self._random.choices(words, cum_weights=weights, k=count)

    def _cut(self, stream: list[str], count: int) -> list[str]:
        start = self._random.randrange(len(stream) - count)
        return stream[start : start + count]

    def editions(self, papers: int, per_day: int = PER_DAY, first_day: date = FIRST_DAY) -> Iterator[Edition]:
        """Yield days, oldest first, until there are so many papers; one place in 20 goes to a paper's return."""
        known: list[Paper] = []
        made = 0
        while made < papers:
            printed = []
            for _ in range(min(per_day, papers - made)):
                made += 1
                printed.append(self._make_paper(made))
            returning = self._random.sample(known, min(len(known), per_day // 20))
            known = printed  # papers come back on the next day, as they do
            yield self._make_edition(first_day, [*printed, *returning])
            first_day += timedelta(days=1)

    def _make_edition(self, day: date, papers: list[Paper]) -> Edition:
        moment = datetime.combine(day, time(12), UTC)
        counted = sorted(
            ((self._draw_count(), self._random.randrange(40), p) for p in papers), key=lambda c: -c[0] - c[1]
        )
        appearances = tuple(
            Appearance(
                paper=paper,
                day=day,
                rank=rank,
                observed_at=moment,
                engagement=(("retweets", shared), ("favorites", liked)),
                score=float(shared + liked),
                mentions=self._make_mentions(day),
            )
            for rank, (shared, liked, paper) in enumerate(counted, 1)
        )
        name = f"hot-papers-{day}"
        return Edition(Day(day, day, name, name, moment, "corpus", name, len(appearances)), appearances)

    def _draw_count(self) -> int:
        return min(int(20 * self._random.paretovariate(0.9)), 2_000_000)

    def _make_paper(self, number: int) -> Paper:
        own = [f"{self._random.choice(self.words)}{number % 977}" for _ in range(2)]
        body = self._cut(self._stream, self._random.randint(60, 180))
        return Paper(
            arxiv_id=f"{7 + number // 1_000_000:02d}{1 + number % 12:02d}.{number // 12 % 100_000:05d}",
            version=None,
            title=" ".join(self._cut(self._stream, self._random.randint(5, 13))).capitalize(),
            authors=tuple(" ".join(self._cut(self._names, 2)) for _ in range(self._random.randint(1, 7))),
            categories=tuple(dict.fromkeys(self._cut(self._topics, self._random.randint(1, 3)))),
            abstract=" ".join([*body, *own]) + ".",
        )

    def _make_mentions(self, day: date) -> tuple[Mention, ...]:
        texts = (" ".join(self._cut(self._stream, 25)) for _ in range(self._random.randint(0, 2)))
        return tuple(Mention("A Reader", "reader", f"https://example.org/{day}", day, "en", text) for text in texts)

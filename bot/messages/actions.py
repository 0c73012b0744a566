"""What pressing a button, choosing in a select or sending a form does, as plain values.

How a value becomes a custom id is `custom_id`'s work, what comes of it the router's. A subscription's id in an
action is no permission: who may act on it is checked when it is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class OpenPaper:
    """Show one paper's details, as it stood on `day` if that is known."""

    arxiv_id: str
    day: date | None = None


@dataclass(frozen=True, slots=True)
class OpenDay:
    """Show one day's whole ranking, in an answer of its own."""

    day: date


@dataclass(frozen=True, slots=True)
class DayPage:
    """Turn an answer that shows a day's ranking to another page (from 1)."""

    day: date
    page: int


@dataclass(frozen=True, slots=True)
class GetByDM:
    """Send the member who presses it the papers of these categories every day; of all of arXiv for none."""

    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GetSameByDM:
    """Like `GetByDM`, for more categories than an id holds: those of this subscription."""

    subscription_id: int


@dataclass(frozen=True, slots=True)
class TopPage:
    """Show a page (from 1) of a ranking over a period; `key` says which, see `SearchPage`."""

    key: str
    page: int = 1


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Show a page (from 1) of a search; `key` (1–60 of A-Z a-z 0-9 _ . , = + -) finds its query and filters."""

    key: str
    page: int = 1


@dataclass(frozen=True, slots=True)
class Save:
    """Keep a paper in the list of the member who presses it."""

    arxiv_id: str


@dataclass(frozen=True, slots=True)
class Unsave:
    """Take a paper out of that list."""

    arxiv_id: str


@dataclass(frozen=True, slots=True)
class SavedPage:
    """Turn an answer that shows the saved papers to another page (from 1)."""

    page: int = 1


@dataclass(frozen=True, slots=True)
class RemoveSaved:
    """Take the papers chosen in a select (arXiv ids) out of the saved ones, and show page `page` again."""

    page: int = 1


@dataclass(frozen=True, slots=True)
class ExportSaved:
    """Give the saved papers as a BibTeX file."""


@dataclass(frozen=True, slots=True)
class Share:
    """Show to everyone what `action` shows."""

    action: QuestionAction


@dataclass(frozen=True, slots=True)
class OpenCopy:
    """Show what `action` shows in a private answer of one's own."""

    action: QuestionAction


@dataclass(frozen=True, slots=True)
class RemoveShared:
    """Delete the shared message the button is on; `member` is the id of who shared it."""

    member: int


@dataclass(frozen=True, slots=True)
class OpenDigest:
    """Show a subscription's settings, in the answer the button is on."""

    subscription_id: int


@dataclass(frozen=True, slots=True)
class ChangeDigest:
    """Set one of a subscription's settings: to `value`, or to what was chosen in a select or typed in a form."""

    subscription_id: int
    setting: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class AskDigest:
    """Open the form in which one of a subscription's settings is typed; it is sent as a `ChangeDigest`."""

    subscription_id: int
    setting: str


@dataclass(frozen=True, slots=True)
class CopyDigest:
    """Add the same digest to the channels chosen in a select."""

    subscription_id: int


@dataclass(frozen=True, slots=True)
class PauseDigest:
    """Pause a subscription, in its settings."""

    subscription_id: int


@dataclass(frozen=True, slots=True)
class ResumeDigest:
    """Let a paused subscription go on, in its settings."""

    subscription_id: int


@dataclass(frozen=True, slots=True)
class StopDigest:
    """Pause a member's digest from a digest itself: at once, with a way back in the answer."""

    subscription_id: int


@dataclass(frozen=True, slots=True)
class RemoveDigest:
    """Remove a subscription; ask first unless `is_sure`."""

    subscription_id: int
    is_sure: bool = False


@dataclass(frozen=True, slots=True)
class PreviewDigest:
    """Show privately what a subscription would be sent."""

    subscription_id: int


@dataclass(frozen=True, slots=True)
class SendDigest:
    """Send a subscription's digest now; once per `request` (1–16 letters and digits), however often pressed."""

    subscription_id: int
    request: str


@dataclass(frozen=True, slots=True)
class OpenWhy:
    """Say why a subscription's last digest came, or did not."""

    subscription_id: int


@dataclass(frozen=True, slots=True)
class DigestsPage:
    """Turn the list of a server's digests to another page (from 1)."""

    page: int = 1


@dataclass(frozen=True, slots=True)
class DeleteData:
    """Delete everything kept of the member who presses it; ask first unless `is_sure`."""

    is_sure: bool = False


QuestionAction = OpenPaper | OpenDay | DayPage | TopPage | SearchPage
SavedAction = Save | Unsave | SavedPage | RemoveSaved | ExportSaved
DigestAction = (  # what acts on one subscription
    OpenDigest
    | ChangeDigest
    | AskDigest
    | CopyDigest
    | PauseDigest
    | ResumeDigest
    | StopDigest
    | RemoveDigest
    | PreviewDigest
    | SendDigest
    | OpenWhy
)
Action = (
    QuestionAction
    | SavedAction
    | DigestAction
    | GetByDM
    | GetSameByDM
    | Share
    | OpenCopy
    | RemoveShared
    | DigestsPage
    | DeleteData
)

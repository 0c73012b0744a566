"""The spaces between the pieces of rendered LaTeX: around words such as log, and around signs such as ≤.

TeX spaces formulas by what a piece is; here each piece carries its kind and `join_pieces` sets the few spaces
plain text needs. What the pieces say is `markup`'s and `expansion`'s work.
"""

from __future__ import annotations

OPENINGS = ("", "(", "[", "{", ",")  # after these a sign such as ± or ∼ belongs to what follows


class Rendered(str):
    """A token that is finished text already: a formula among prose."""

    __slots__ = ()


class Piece(str):
    """A piece of output whose kind decides the spaces around it; a bare string is plain."""

    __slots__ = ()
    kind = ""


class Space(Piece):
    """White space of the source."""

    __slots__ = ()
    kind = "space"


class Word(Piece):
    """A function's name or text in a formula: letters beside it need a space."""

    __slots__ = ()
    kind = "word"


class Relation(Piece):
    """A sign between two things."""

    __slots__ = ()
    kind = "relation"


class Script(Piece):
    """A superscript or subscript, which belongs to what it follows."""

    __slots__ = ()
    kind = "script"


def join_pieces(pieces: list[str]) -> str:
    """Return the pieces as one text, with a space where a word or relation would touch what TeX sets apart."""
    out: list[str] = []
    last, pending = "", ""  # the last character written; what the piece before says about the space after it
    for at, piece in enumerate(pieces):
        if not piece:
            continue
        kind = piece.kind if isinstance(piece, Piece) else ""
        if pending == "prefix" and kind == "space":
            continue
        if (kind or pending) and is_apart(kind, last, piece, pending, pieces[at + 1 : at + 2]):
            out.append(" ")
        out.append(piece)
        if kind != "script":
            pending = "prefix" if kind == "relation" and last in OPENINGS else "word" if kind == "word" else ""
        last = piece[-1]
    return "".join(out)


def is_apart(kind: str, last: str, piece: str, pending: str, following: list[str]) -> bool:
    """Tell whether a space belongs between the character `last` and this piece."""
    if kind == "relation":
        return bool(following) and following[0].isspace() and not last.isspace() and last not in OPENINGS
    if kind == "word" and (last.isalnum() or last in (")", "]", "}")):
        return True
    return pending == "word" and kind != "script" and (piece[0].isalnum() or piece[0] in "√∛")

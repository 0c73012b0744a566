"""Says in plain words what git complained of, and what to do; git's own words only where there are no better ones."""

from __future__ import annotations

import re

MOST_QUOTED = 200
_ANSWERS = (
    (r"dubious ownership", "it belongs to another user of this machine"),
    (
        r"Host key verification failed",
        "its ssh host key is not known: add it to known_hosts (ssh-keyscan) of this user",
    ),
    (
        r"Permission denied \(|Authentication failed|could not read (Username|Password)|error: 40[13]|HTTP 40[13]",
        "it refuses access: check the user and token in the address, or the ssh key",
    ),
    (r"Could not resolve (host|proxy)|Name or service not known|Temporary failure in name", "its host can't be found"),
    (r"Connection refused|Failed to connect|Couldn't connect|No route to host", "its host can't be reached"),
    (r"timed out|Operation too slow|Timeout", "it did not answer in time"),
    (
        r"SSL (certificate|connect|peer)|certificate (verif|problem|has expired)|gnutls_handshake",
        "its TLS certificate is not valid",
    ),
    (
        r"does not appear to be a git repository|repository .*not found|not found: did you run|No such file or dir",
        "there is no repository at that address, or none that may be read",
    ),
    (r"transport '[^']*' not allowed", "it is reached in a way that is not allowed"),
    (r"No space left on device|Disk quota exceeded", "the disk is full"),
    (r"early EOF|hung up unexpectedly|RPC failed|unexpected disconnect", "the connection broke off"),
    (r"protected branch|hook declined|GH\d{3}:", "its rules refuse this push"),
    (
        r"cannot add to the index|both as a file and as a directory",
        "a file is where the folder after the # should be: choose another folder",
    ),
    (r"refusing to update checked out branch", "its branch is checked out there: push to a bare repository"),
)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]+")
_USERINFO = re.compile(r"(\w://)[^/\s@'\"]+@")


def explain(said: str) -> str:
    """Return why git failed, as half a sentence, from all that it wrote to its standard error."""
    for pattern, meaning in _ANSWERS:
        if re.search(pattern, said, re.IGNORECASE):
            return meaning
    lines = [clean(line) for line in re.split(r"[\r\n]+", said) if line.strip()]
    fatal = [line for line in lines if line.startswith(("fatal:", "error:"))]
    return f"git says: {(fatal or lines)[0]}" if lines else "git failed and does not say why"


def clean(text: str) -> str:
    """Return a line of strangers' words without what a terminal would obey and without users of URLs, cut short."""
    return _CONTROLS.sub(" ", _USERINFO.sub(r"\1", text)).strip()[:MOST_QUOTED]

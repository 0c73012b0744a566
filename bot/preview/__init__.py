"""The local page: shows the very payloads Discord would get, with no account and no network."""

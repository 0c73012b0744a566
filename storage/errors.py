"""What can go wrong with the database file, each with a message that says what to do."""


class StorageError(Exception):
    """Something about the database that its user has to know of."""


class CorruptError(StorageError):
    """The file is not a healthy database of ours; it was left untouched."""


class NewerSchemaError(StorageError):
    """The file was written by a newer version of this program."""


class LockedError(StorageError):
    """Another process holds what only one may hold."""


class RejectedError(StorageError):
    """A value that the database cannot hold as it is; nothing of it was stored."""


class SlowError(StorageError):
    """A question that would take longer to answer than anyone waits; nothing is wrong with the database."""

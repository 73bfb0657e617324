"""What can go wrong with knowledge. Every message is one sentence: what was wrong, what was expected, what to do.

KnowledgeError
    FileRefused        one file cannot be read; the others can
        UnknownFormat
        BrokenFile
        EncryptedFile
        EmptyFile
    UnknownDocument    the index holds no document of that id
    IndexMissing       there is no index in the folder
    IndexBroken        there is one, and it cannot be opened
    IndexBusy          another process is writing it
    IndexUnwritable    the folder cannot be written
    EmbedderMismatch   its vectors are another embedder's
    EmbedderRefused    no embedder can be opened under a name
"""

from __future__ import annotations


class KnowledgeError(Exception):
    """Anything that the knowledge package refuses; its text is fit to be shown to a person."""


class FileRefused(KnowledgeError):
    """One file cannot be read. The text names the file."""


class UnknownFormat(FileRefused):
    """No loader knows the file's suffix."""


class BrokenFile(FileRefused):
    """The file is not what its suffix says, or is damaged."""


class EncryptedFile(FileRefused):
    """The file wants a password."""


class EmptyFile(FileRefused):
    """The file holds no text."""


class UnknownDocument(KnowledgeError):
    """The index holds no document of that id."""


class IndexMissing(KnowledgeError):
    """There is no index in the folder."""


class IndexBroken(KnowledgeError):
    """The folder's index cannot be opened."""


class IndexBusy(KnowledgeError):
    """Another process is writing the index."""


class IndexUnwritable(KnowledgeError):
    """The folder cannot be made or written."""


class EmbedderMismatch(KnowledgeError):
    """The index holds the vectors of another embedder."""


class EmbedderRefused(KnowledgeError):
    """No embedder can be opened under the name."""

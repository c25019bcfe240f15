"""The errors a user can meet.

Every message is the whole story in one line: what is wrong, where (file, line,
column or argument), and what to do about it. The command line prints the message
and nothing else. What a message repeats of the input is cut short and made printable
here, so that no input breaks the line. Not for programming mistakes, which stay
ordinary exceptions.
"""

from __future__ import annotations

import re

_SHOWN = 80
_LONGEST_MESSAGE = 4_000
# A quoted passage, or a word too long for a path: neither is read to its end.
_LONG = re.compile(r"'[^']{160,}'|\"[^\"]{160,}\"|[^\s'\"]{500,}")


def shown(text: str, length: int = _SHOWN) -> str:
    r"""Return a text of the input as messages repeat it.

    Parameters
    ----------
    text : str
    length : int
        Most characters that are kept.

    Returns
    -------
    str
        One line, what cannot be printed as its code; a longer text is cut and its length stands behind.

    Examples
    --------
    >>> print(shown("p.F61\x1bdel\nand more", 25))
    p.F61\x1bdel and more
    >>> print(shown("A" * 5_000, 10))
    AAAAAAA... (5,000 characters)
    """
    # Cut first: a text may be megabytes long.
    flat = _printable(" ".join(text[: 4 * length].split()))
    if len(flat) <= length and len(text) <= 4 * length:
        return flat
    return f"{flat[: length - 3]}... ({len(text):,} characters)"


def one_line(message: str) -> str:
    r"""Return a message as one printable line, long passages of the input in it cut as by `shown`.

    Examples
    --------
    >>> print(one_line("no column 'a\x07\nb'"))
    no column 'a\x07 b'
    >>> len(one_line(f"no format {'x' * 9_000!r}"))
    111
    """
    flat = _printable(" ".join(message[: 100 * _LONGEST_MESSAGE].split()))
    return shown(_LONG.sub(lambda match: _cut(match[0]), flat), _LONGEST_MESSAGE)


def _cut(passage: str) -> str:
    quote = passage[0] if passage[0] in "'\"" else ""
    return f"{quote}{shown(passage.strip(quote or None))}{quote}"


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


class EpitopeError(Exception):
    """Base of every error that is the input's fault, not the program's.

    Its text is one printable line, whatever of the input is in it. Several messages, one for
    each row, may be given as arguments and are joined.
    """

    def __str__(self) -> str:
        """Return the message in one line."""
        return "; ".join(one_line(str(message)) for message in self.args)


class TargetError(EpitopeError):
    """A target file is malformed or contradicts itself."""


class StructureError(EpitopeError):
    """A structure cannot be read, or does not show what is asked of it."""


class TargetMismatchError(StructureError):
    """A structure does not hold the target that was looked for."""


class VariantError(EpitopeError):
    """A variant cannot be understood, or contradicts the reference sequence."""


class TableError(EpitopeError):
    """A VCF, table or junction file cannot be read."""


class OutputError(EpitopeError):
    """A result cannot be written where it was asked for."""


class RendererError(OutputError):
    """A program that draws the molecule failed."""


class RendererWarning(UserWarning):
    """The molecule is drawn by another program than the best one; the one line says why."""


class MissingDependencyError(EpitopeError):
    """An optional dependency is needed and not installed."""


class SchedulerError(EpitopeError):
    """A cluster cannot be reached, has nobody to work, or went away."""

"""Texts as people copy them: put right before they are parsed, and cut short in messages.

Knows no target and no notation beyond where one name ends and a label begins.
"""

from __future__ import annotations

import re

from epitope.errors import VariantError, shown

LONGEST = 100_000
"""Characters of the longest variant that is read; no change of one gene's product needs as many."""

# What word processors, web pages and PDFs put in place of the characters of a name.
_TYPOGRAPHY = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d", "-")
    | dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", "")
    | dict.fromkeys("\u2192\u203a\uff1e", ">")
    | dict.fromkeys("\u2217\uff0a", "*")
    | dict.fromkeys("\u2018\u2019\u201c\u201d\u00b4", "'")
    | {"\u2206": "Δ", "\uff1a": ":", "\uff08": "(", "\uff09": ")"}
)
_DASHED_RANGE = re.compile(r"[cngr]\.\s*\(?(?P<first>[0-9]+)[\u2010-\u2015\u2212\ufe63\uff0d](?P<last>[0-9]+)", re.I)
_THOUSANDS = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")
# Separators are bounded and names stop at one, so that no text makes this slow.
_LABELLED = re.compile(
    r"(?P<dna>(?:[^:\s]+:)?\s?[cng]\.[^()\[\]]*?)[\s,;/|(]{1,4}(?P<label>(?:[^:\s(),;/|]+:)?p\.[^\[\]]++)"
    r"|(?P<first_label>(?:[^:\s]+:)?p\.[^\s\[\]]+?)[\s,;/|(]{1,4}"
    r"(?P<dna_behind>(?:[^:\s(),;/|]+:)?[cng]\.[^()\[\]]++)\)?",
    re.IGNORECASE,
)


def cleaned(text: str) -> str:
    """Return a text without what copying has added: quotes, closing points, typographic dashes, invisible characters.

    Raises
    ------
    VariantError
        If it is longer than `LONGEST`, or a long dash between two positions could be a range or a step
        into an intron.

    Examples
    --------
    >>> cleaned("\u201cp.Phe61\u00addel\u201d,")
    'p.Phe61del'
    """
    if len(text) > LONGEST:
        raise VariantError(f"{shown(text)}: {len(text):,} characters, more than the {LONGEST:,} that are read")
    if not text.isascii():
        dashed = _DASHED_RANGE.search(text)
        if dashed is not None and int(dashed["first"]) < int(dashed["last"]):
            raise VariantError(
                f"{shown(text)}: a dash between two positions; write {dashed['first']}_{dashed['last']} for the range"
            )
        text = text.translate(_TYPOGRAPHY)
    if "," in text:
        text = _THOUSANDS.sub("", text)
    if "&" in text:
        text = text.replace("&gt;", ">")
    if "->" in text:
        text = text.replace("->", ">")
    # One blank for many: no pattern has to look at runs of them.
    return " ".join(text.split()).strip(" '\",;").removesuffix(".").strip()


def split_label(text: str) -> tuple[str, str]:
    """Return a DNA description and the protein label that stands beside it in one text, "" if there is none.

    Examples
    --------
    >>> split_label("NM_000000.1(GENE):c.488G>T (p.Arg163Leu)")
    ('NM_000000.1(GENE):c.488G>T', 'p.Arg163Leu')
    """
    if "p." not in text or "[" in text or "]" in text or not ("c." in text or "g." in text or "n." in text):
        return text, ""
    match = _LABELLED.fullmatch(cleaned(text))
    if match is None:
        return text, ""
    label = (match["label"] or match["first_label"]).strip()
    if label.count(")") > label.count("("):
        label = label.removesuffix(")").strip()
    return (match["dna"] or match["dna_behind"]).strip(), label

"""From context to HTML: the template, its styles and scripts, and what the browser may do.

Values are escaped by the template engine; data for the scripts go in as JSON in which no
tag can begin. A content security policy allows the page's own scripts by their hash and
nothing from the network. Not for deciding what is on the page; see
`epitope.show.report.context`.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import TYPE_CHECKING, Any

from epitope.show.palette import VERDICT_COLOURS
from epitope.show.viewer import HOW_TO_GET, ViewerScript

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_TEMPLATES = "epitope.show.report"


def render_page(
    template: str,
    context: Mapping[str, Any],
    data: Mapping[str, Any],
    viewer: ViewerScript | None,
    *,
    scripts: Sequence[str] = (),
    styles: Sequence[str] = (),
) -> str:
    """Return a page with a molecule as HTML.

    Parameters
    ----------
    template : str
        File beside this one.
    context : mapping
        What the template shows; every value is escaped unless it is `markupsafe.Markup`.
    data : mapping
        What the scripts need, plain values only; see `epitope.show.report.molecule.molecule_data`.
    viewer : ViewerScript or None
        The viewer script to put inside.
    scripts, styles : sequence of str
        Files beside the template, after those of the molecule.
    """
    from markupsafe import Markup

    texts = [*([viewer.text] if viewer else []), *map(asset, ("molecule.js", *scripts))]
    return fill(
        template,
        texts,
        styles=("report.css", *styles),
        **context,
        verdict_colours={v.name.lower().replace("_", "-"): c for v, c in VERDICT_COLOURS.items()},
        layers=[(name, _titled(layer["word"]), LAYER_KEYS[name]) for name, layer in data["layers"].items()],
        viewer=viewer,
        how_to_get=HOW_TO_GET,
        data=Markup(embedded_json(data)),  # nosec B704  # no tag can begin in it
        policy=content_security_policy(texts),
    )


LAYER_KEYS = {"binder": "b", "loops": "o", "contacts": "c", "disulfides": "d", "surface": "s"}
"""The key that shows or hides each layer of the molecule."""


def _titled(word: str) -> str:
    """Return a word with a capital in front, the rest as it is."""
    return word[:1].upper() + word[1:]


def fill(template: str, scripts: Sequence[str], *, styles: Sequence[str], **context: Any) -> str:
    """Return a template as HTML, with its scripts and styles inside.

    Parameters
    ----------
    template : str
        File beside this one.
    scripts : sequence of str
        Text of the scripts, in order.
    styles : sequence of str
        Files beside the template.
    **context
        What the template shows.
    """
    import jinja2
    from markupsafe import Markup

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(_TEMPLATES, "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template(template).render(
        **context,
        style=Markup("\n".join(map(asset, styles))),  # nosec B704  # files of the package
        scripts=[Markup(_safe_script(text)) for text in scripts],  # nosec B704  # pinned, or of the package
    )


def embedded_json(data: Mapping[str, Any]) -> str:
    r"""Return JSON that is safe inside a ``<script>`` element.

    Examples
    --------
    >>> embedded_json({"a": "</script><script>alert(1)"})
    '{"a":"\\u003c/script\\u003e\\u003cscript\\u003ealert(1)"}'
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def content_security_policy(scripts: Sequence[str], *, form_action: str = "'none'") -> str:
    """Return a policy that runs these scripts only and lets nothing but a form reach the network."""
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in scripts
    )
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data: blob:; "
        f"worker-src blob:; base-uri 'none'; form-action {form_action}"
    )


def policy_of(page: str) -> str:
    """Return the policy that stands in a page, to be sent as a header with it.

    Examples
    --------
    >>> policy_of('<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;">')
    "default-src 'none'"
    """
    return html.unescape(page.partition('http-equiv="Content-Security-Policy" content="')[2].partition('"')[0])


def data_uri(content: bytes, kind: str) -> str:
    """Return bytes as a ``data:`` address for an image."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


PAGE_DPI = 200
"""Resolution of images inside the page; files for print are made by ``epitope figure``."""


def small_png(drawn: Figure) -> str:
    """Return a figure as the address of a PNG of 128 colours, a fifth of the bytes of a full one."""
    import io

    from PIL import Image

    from epitope.show.figures import figure_bytes

    out = io.BytesIO()
    with Image.open(io.BytesIO(figure_bytes(drawn, "png", dpi=PAGE_DPI))) as image:
        image.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return data_uri(out.getvalue(), "image/png")


def asset(name: str) -> str:
    """Return a file that lies beside the template."""
    return resources.files(_TEMPLATES).joinpath("templates", name).read_text(encoding="utf-8")


def _safe_script(text: str) -> str:
    """Return a script that can stand in a ``<script>`` element; ours and the pinned one can."""
    if "</script" in text.lower() or "<!--" in text:
        raise ValueError("a script that ends its own element cannot be put into a page")
    return text

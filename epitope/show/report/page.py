"""From context to HTML: the template, its styles and scripts, and what the browser may do.

Values are escaped by the template engine; data for the scripts go in as JSON in which no
tag can begin. A content security policy allows the page's own scripts by their hash and
nothing from the network. Not for deciding what is on the page; see
`epitope.show.report.context`.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

from epitope.show.viewer import ViewerScript

_TEMPLATES = "epitope.show.report"


def render_page(context: Mapping[str, Any], data: Mapping[str, Any], viewer: ViewerScript | None) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    context : mapping
        What the template shows; every value is escaped unless it is `markupsafe.Markup`.
    data : mapping
        What the scripts need, plain values only.
    viewer : ViewerScript or None
        The viewer script to put inside.
    """
    from markupsafe import Markup

    scripts = [asset("report.js")] + ([viewer.text] if viewer else [])
    return fill(
        "report.html.j2",
        scripts,
        styles=["report.css"],
        **context,
        viewer=Markup(_safe_script(viewer.text)) if viewer else "",
        viewer_origin=viewer.origin if viewer else "",
        data=Markup(embedded_json(data)),
        policy=content_security_policy(scripts),
    )


def fill(template: str, scripts: Sequence[str], *, styles: Sequence[str], **context: Any) -> str:
    """Return a template as HTML, with the first of its scripts and its styles inside.

    Parameters
    ----------
    template : str
        File beside this one.
    scripts : sequence of str
        Text of the scripts, the page's own first.
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
        style=Markup("\n".join(map(asset, styles))),
        script=Markup(_safe_script(scripts[0])),
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


def data_uri(content: bytes, kind: str) -> str:
    """Return bytes as a ``data:`` address for an image."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def asset(name: str) -> str:
    """Return a file that lies beside the template."""
    return resources.files(_TEMPLATES).joinpath("templates", name).read_text(encoding="utf-8")


def _safe_script(text: str) -> str:
    """Return a script that can stand in a ``<script>`` element; ours and the pinned one can."""
    if "</script" in text.lower() or "<!--" in text:
        raise ValueError("a script that ends its own element cannot be put into a page")
    return text

"""The command that opens a page on this machine."""

from __future__ import annotations

from typing import Annotated

import typer

from epitope.cli.app import app
from epitope.cli.common import Antibody, Antigen, Chains, Structure, TargetFile, ViewerScript, loaded_structure


@app.command(epilog="Example: epitope serve")
def serve(
    port: Annotated[
        int, typer.Option(metavar="N", min=0, max=65535, help="Port to listen on; 0 takes a free one.")
    ] = 8719,
    open_browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")] = True,
    viewer_script: ViewerScript = "auto",
    structure: Structure = None,
    chains: Chains = None,
    antigen: Antigen = None,
    antibody: Antibody = None,
    target: TargetFile = None,
) -> None:
    """Open a page in the browser to type variants into; it answers on this machine only."""
    from epitope.web.serve import serve as run

    loaded = loaded_structure(structure, target, sides=chains, antigen=antigen, antibody=antibody)

    def say(address: str) -> None:
        typer.echo(f"{address}\nOpen this address in a browser. Ctrl-C ends it.")

    run(loaded, port=port, viewer_script=viewer_script, open_browser=open_browser, say=say)

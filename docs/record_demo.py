"""Draw docs/images/demo.svg from a real run: `python docs/record_demo.py`.

The run is `excudit demo --crash-at publish.datacite --exit`; the picture shows what it printed. No
font and nothing else is fetched when the picture is shown.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

PICTURE = Path(__file__).parent / "images" / "demo.svg"
COMMAND = ("demo", "--crash-at", "publish.datacite", "--exit")
WIDTH = 92
HERE = re.compile(r"\S*/sandbox/samples/shelf-transect")


def run() -> str:
    """What the demo printed, in a fresh folder."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "excudit.cli", *COMMAND],
            cwd=folder,
            env={"COLUMNS": str(WIDTH), "PATH": "", "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
    return HERE.sub("a sample folder", done.stdout).strip()


def coloured(line: str) -> Text:
    """A line as the terminal shows it."""
    text = Text(line)
    text.highlight_regex(r"✔", "bold green")
    text.highlight_regex(r"^  \d\d:\d\d:\d\d|\(\d+\.\d+ s\)$", "dim")
    text.highlight_regex(r"The worker died.*", "bold red")
    text.highlight_regex(r"^PUBLISHED.*|1 DOI", "bold cyan")
    return text


def main() -> None:
    """Run, draw, write."""
    console = Console(record=True, width=WIDTH, file=io.StringIO())
    console.print(Text(f"$ excudit {' '.join(COMMAND)}", style="bold"))
    for line in run().splitlines():
        console.print(coloured(line))
    no_fonts = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    drawn = console.export_svg(title="excudit", theme=DIMMED_MONOKAI, code_format=no_fonts)
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(re.sub(r"[ \t]+$", "", drawn, flags=re.MULTILINE), encoding="utf-8")


if __name__ == "__main__":
    main()

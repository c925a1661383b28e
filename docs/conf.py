"""How the documentation is built: Markdown by MyST, pages by Furo, reference by our extension."""

from __future__ import annotations

import sys
from pathlib import Path

from excudit import __version__

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "excudit"
author = "The excudit founders"
project_copyright = author
release = version = __version__

extensions = ["myst_parser", "reference"]
exclude_patterns = ["_build", "reference/_generated", "examples"]
myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = "excudit"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_copy_source = False
nitpicky = True
smartquotes = False

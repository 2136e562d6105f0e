"""The site of docs/: `make docs` builds it into site/ without a network.

A reader's browser loads nothing from elsewhere, and site/index.html can be opened as a file.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

project = html_title = "energy-grid"
extensions = ["myst_parser", "scripts._docs.site"]
exclude_patterns = ["conf.py"]

myst_heading_anchors = 4

html_theme = "furo"
html_static_path = ["assets"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_use_index = False
html_domain_indices = False

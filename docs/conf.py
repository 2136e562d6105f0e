"""The site of docs/: `make docs` builds it into site/ without a network.

A reader's browser loads nothing from elsewhere, and site/index.html can be opened as a file.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

project = html_title = "energy-grid"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "scripts._docs.site"]
exclude_patterns = ["conf.py"]

myst_heading_anchors = 4

# Backticks in docstrings mean code, as they do in Markdown.
default_role = "code"
autodoc_default_options = {"members": True}
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
add_module_names = False
toc_object_entries = False

html_theme = "furo"
html_static_path = ["assets"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_use_index = False
html_domain_indices = False

"""Writes the pages of docs/ that follow from the sources: `make docs`."""

from __future__ import annotations

from scripts._docs.pages import DOCS, generated


def main() -> None:
    """Write each page that has changed."""
    for path, text in generated().items():
        file = DOCS / path
        if not file.exists() or file.read_text() != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            print(file.relative_to(DOCS.parent))


if __name__ == "__main__":
    main()

"""Every document that is written from the code: `python -m tools.documents` writes them, a test compares them."""

from pathlib import Path

from tools import diagrams, event_table, openapi

ROOT = Path(__file__).parents[1]


def documents() -> dict[Path, str]:
    """Return the text of each generated document by its path from the repository's root."""
    return openapi.pages() | event_table.pages() | diagrams.pages()


def write() -> None:
    """Write every document over the committed one."""
    for path, text in documents().items():
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(text)


if __name__ == "__main__":
    write()

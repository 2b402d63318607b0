"""What the catalogue offers everybody to read beside its entries: routes only."""

from services.catalog.words import Words, words
from services.shared import http

router = http.make_router()


@router.get("/catalog/vocabulary")
def read_vocabulary() -> Words:
    """Read every code list, the texts that can be cited, the duties that can be named, the clocks and the calendar."""
    return words()

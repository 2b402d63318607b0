"""What the catalogue offers everybody to read beside its entries: routes only."""

from services.catalog import views
from services.shared import http
from services.shared.reference import duties, legal_instruments, vocabulary

router = http.make_router()


@router.get("/catalog/vocabulary")
def read_vocabulary() -> views.Words:
    """Read every code list, the texts that can be cited, and the duties that can be named."""
    lists = {name: getattr(vocabulary(), name) for name in type(vocabulary()).model_fields}
    return views.Words(**lists, legal_instruments=tuple(legal_instruments().values()), duties=tuple(duties().values()))

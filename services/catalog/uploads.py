"""How a file is sent to the bucket of files, and why one that was sent is not read."""

from services.shared.model import Model


class Upload(Model):
    """A form to send a file with: POST `fields` and then the file, as `file`, to `url` (multipart/form-data).

    It takes exactly the file that was announced, for `expires_in` seconds.
    """

    url: str
    fields: dict[str, str]
    expires_in: int


class Unfit(Exception):
    """A file that is not read; `faults` are all the reasons that were seen, zh / en."""

    def __init__(self, *faults: str) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults

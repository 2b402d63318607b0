"""How a file is sent to the bucket of files. A value only."""

from services.shared.model import Model


class Upload(Model):
    """A form to send a file with: POST `fields` and then the file, as `file`, to `url` (multipart/form-data).

    It takes exactly the file that was announced, for `expires_in` seconds.
    """

    url: str
    fields: dict[str, str]
    expires_in: int

"""The base of every value in the house: frozen, and closed to fields nobody declared."""

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A frozen value; an unknown field is refused (HTTP conventions: unknown fields refused)."""

    # A function uses few of the models that it imports: each is built when it is first used.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

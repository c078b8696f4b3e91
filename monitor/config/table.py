"""What every table of the configuration file has in common, and the two marks a key may carry.

Owns the refusal of unknown keys. Refuses naming any: `model`, `tariffs` and `finances` do.
"""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict

LATER: Final = "has no effect in this version"
HIDDEN: Final = "never shown"


class Model(BaseModel):
    """What every table of the file has in common."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=False)

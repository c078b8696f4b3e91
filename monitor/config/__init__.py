"""The configuration: one TOML file in, a frozen `Config` out, or every flaw in it at once.

Owns the way from text to contract: `model` says what each value may be, `wording` says what is wrong in the file's own terms, `build`
checks what hangs together and reads what the file names (secrets, the agents file). `read_plan` and `read_contract_plan` read the plans the
configuration names. Refuses keeping anything: a reload loads anew, and a bad file leaves the old `Config` where it was. Pydantic stays in here.
Next: `app` wires the daemon from it.
"""

from __future__ import annotations

import os
import time
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from monitor.config.build import Build
from monitor.config.credentials import Needed
from monitor.config.files import UnreadableError, read_text
from monitor.config.model import File
from monitor.config.plan_files import read_contract_plan, read_plan
from monitor.config.settings import (
    Config,
    LogSettings,
    MqttSettings,
    PbxSettings,
    PlanSettings,
    Secret,
    StateSettings,
    StoreSettings,
    TokenSettings,
    WebSettings,
)
from monitor.config.signed import with_signed
from monitor.config.wording import flaws
from monitor.errors import ConfigError, Flaw

__all__ = [
    "Config",
    "LogSettings",
    "MqttSettings",
    "Needed",
    "PbxSettings",
    "PlanSettings",
    "Secret",
    "StateSettings",
    "StoreSettings",
    "TokenSettings",
    "WebSettings",
    "load",
    "read_contract_plan",
    "read_plan",
]


def load(
    file: Path | str, environment: Mapping[str, str] | None = None, today: date | None = None, *, new_plan: bool = False, needed: Needed = Needed.ALL
) -> Config:
    """The configuration in a file; ConfigError names everything wrong with it.

    `environment` is the daemon's own unless given (secrets may be in it); `today`, the day the agents file is read for, the site's. With
    `new_plan` the plan file is about to be written, or of no account, and need not be there. `needed` says whose secrets are read.
    """
    path = Path(file)
    name = str(file)
    try:
        document = tomllib.loads(read_text(path), parse_float=Decimal)
    except UnreadableError as error:
        problem, _, remedy = str(error).partition("; ")
        raise ConfigError(name, [Flaw(problem, remedy)]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(name, [Flaw(f"is not TOML: {str(error)[0].lower()}{str(error)[1:]}", "texts need quotes, keys need =")]) from None
    except (RecursionError, ValueError):  # what Python itself refuses to read
        raise ConfigError(name, [Flaw("is nested too deeply, or has a number of too many digits", "write it shorter")]) from None
    try:
        source = File.model_validate(document)
    except ValidationError as error:
        raise ConfigError(name, flaws(error, document)) from None
    day = today or datetime.fromtimestamp(time.time(), ZoneInfo(source.site.timezone)).date()
    build = Build(path, source, os.environ if environment is None else environment, day, new_plan, needed)
    config = build.config()
    if build.flaws:
        raise ConfigError(name, build.flaws)
    return with_signed(config)

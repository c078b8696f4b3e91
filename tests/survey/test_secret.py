"""The secret comes from a file, the environment or a question, and is in no message."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.errors import BadOption
from monitor.survey.secret import secret_of


def test_from_a_file_it_stays_there(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("s3cret\n")
    given = secret_of("u", file, None, {})
    assert (given.secret.reveal(), given.file) == ("s3cret", file)
    assert "s3cret" not in repr(given)


def test_from_the_environment_or_a_question_it_has_to_be_kept() -> None:
    given = secret_of("u", None, "X", {"X": "s3cret"})
    assert (given.secret.reveal(), given.file) == ("s3cret", None)
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        return "typed"

    given = secret_of("floorwatch on pbx:5038", None, None, {}, ask=ask)
    assert (given.secret.reveal(), given.file, asked) == ("typed", None, ["Secret of floorwatch on pbx:5038: "])


def nothing(_: str) -> str:
    raise EOFError


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("none", None), r"^--secret-file none: there is no such file; create it or correct the path$"),
        ((None, "X"), r"^--secret-env X: is not in the environment; set it or use --secret-file$"),
        ((None, "EMPTY"), r"^--secret-env EMPTY: is empty; put the secret on its one line$"),
        (("none", "X"), r"given twice"),
        ((None, None), r"^the secret of u is missing, and there is no terminal to ask on; give --secret-file F or --secret-env NAME$"),
    ],
)
def test_what_cannot_be_had_is_one_line(arguments: tuple[str | None, str | None], message: str) -> None:
    file, variable = arguments
    with pytest.raises(BadOption, match=message):
        secret_of("u", None if file is None else Path(file), variable, {"EMPTY": " "})


def test_no_answer_is_no_secret() -> None:
    for ask in (nothing, lambda _: "  "):
        with pytest.raises(BadOption, match="no secret of u was given"):
            secret_of("u", None, None, {}, ask=ask)

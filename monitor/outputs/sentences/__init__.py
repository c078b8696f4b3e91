"""What holds, and why a verdict is what it is, as sentences for a supervisor: words before numbers, in the site's language.

Owns whom a sentence is about: a client by name, with the project where he has several; a group; a PBX; a trunk, with its PBX where there are
several. Refuses which conditions hold (`assess`) and where a sentence goes (`web`). Next: `en` and `uk` have the words, `verdict` chooses the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from monitor.assess.conditions import About, Holding, Subject
from monitor.assess.judgement import ProjectJudged
from monitor.core.contract import Contract, Language, Project
from monitor.outputs.sentences import verdict
from monitor.outputs.sentences.en import ENGLISH
from monitor.outputs.sentences.tongue import Given, Tongue
from monitor.outputs.sentences.uk import UKRAINIAN

TONGUES: Final[Mapping[Language, Tongue]] = {Language.ENGLISH: ENGLISH, Language.UKRAINIAN: UKRAINIAN}


def of_condition(holding: Holding, contract: Contract) -> str:
    """`Bank: 41 contacts came, 96 were planned since opening (-57 %); this client's volume has moved`."""
    tongue = TONGUES[contract.language]
    return f"{_who(holding.subject, contract, tongue)}: {tongue.conditions[holding.condition](Given(holding.figures))}"


def of_verdict(project: Project, judged: ProjectJudged | None, contract: Contract, *, covered: bool) -> str:
    """The reason of the project's verdict, or why there is none. `covered`: its plan has a row for now."""
    said = verdict.phrase(TONGUES[contract.language], project, judged, contract.limits, covered=covered)
    return said[:1].upper() + said[1:]


def _who(subject: Subject, contract: Contract, tongue: Tongue) -> str:
    project = contract.project.get(subject.name) if subject.about is About.PROJECT else None
    if subject.about is About.TRUNK and len(contract.pbxs) == 1:
        return tongue.subject(subject.about, subject.name.partition("/")[2])
    if project is None:
        return tongue.subject(subject.about, subject.name)
    alone = sum(other.client == project.client for other in contract.projects) == 1
    return project.client if alone or project.client == project.name else f"{project.client}, {project.name}"

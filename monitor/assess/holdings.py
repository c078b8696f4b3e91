"""Which conditions hold, since when, and which of them speak.

Owns the memory of findings: a condition that has to last is found for a while before it holds, one that cannot be judged is not known, a loss
that speaks does so until it is over, whatever it is read as meanwhile; what is muted and looks back stays so a little longer than its cause, and a loss
mutes what it brings about for as long. Refuses finding (`project_rules`, `group_rules`) and whose turn it is (`accruals`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from monitor.assess.conditions import LOOKING_BACK, LOSSES, About, Condition, Finding, Holding, Key, Subject, muted
from monitor.core.contract import MINUTE, Contract

AFTER_US: Final = 15 * MINUTE  # as far back as conditions of the floor look


class Holdings:
    """Findings, one after the other."""

    def __init__(self) -> None:
        self._since: dict[Key, int] = {}  # found, perhaps not for long enough yet
        self._held: dict[Key, Holding] = {}
        self._known: set[Key] = set()  # could be judged
        self._states: dict[Key, bool] | None = None  # as published, until one of them changes
        self._silent: dict[Key, Key] = {}
        self._over: dict[Key, tuple[Holding, int]] = {}  # what spoke, and losses, until then
        self._said: set[Key] = set()  # losses that speak
        self._unsure: set[Key] = set()  # what holds until it is certain that it does not: nothing new is known of it
        self._at = 0  # when it was last published

    def holds(self, condition: Condition, subject: Subject) -> bool:
        """Whether it does."""
        return (condition, subject) in self._held

    def take(self, condition: Condition, subject: Subject, finding: Finding | None, at: int, wait_us: int = 0) -> None:
        """It was judged, or (None) cannot be; once it was found for `wait_us` it holds. A finding without figures keeps those that were said."""
        key = condition, subject
        if finding is None:
            self._drop(key, at)
            return
        if key not in self._known:
            self._known.add(key)
            self._states = None
        if not finding.holds:
            self._since.pop(key, None)
            self._let_go(key, at)
            return
        since = self._since.setdefault(key, at)
        if at - since >= wait_us:
            if key not in self._held:
                self._states = None
            known = self._held.get(key)
            (self._unsure.discard if finding.figures or known is None else self._unsure.add)(key)
            self._held[key] = Holding(condition, subject, since, finding.figures if finding.figures or known is None else known.figures)

    def _drop(self, key: Key, at: int) -> None:
        self._since.pop(key, None)
        self._let_go(key, at)
        if key in self._known:
            self._known.remove(key)
            self._states = None

    def _let_go(self, key: Key, at: int) -> None:
        self._unsure.discard(key)
        held = self._held.pop(key, None)
        if held is not None:
            self._states = None
            self._said.discard(key)
            if held.condition in LOSSES or key not in self._silent:
                self._over[key] = held, at

    def shift(self, step: int) -> None:
        """Civil time stepped: durations stay."""
        self._since = {key: at + step for key, at in self._since.items()}
        self._held = {key: replace(one, since=one.since + step) for key, one in self._held.items()}
        self._over = {key: (replace(one, since=one.since + step), ended + step) for key, (one, ended) in self._over.items()}
        self._at += step

    def agree(self, contract: Contract) -> None:
        """Forget what is about nobody who is in the contract."""
        ours: dict[About, Collection[str]] = {
            About.PROJECT: contract.project.keys(),
            About.GROUP: contract.group.keys(),
            About.PBX: set(contract.pbxs),
            About.TRUNK: {str(trunk.id) for trunk in contract.trunks},
            About.CLIENT: {project.client for project in contract.projects},
        }
        for key in [key for key in self._known | self._since.keys() | self._over.keys() if key[1].name not in ours[key[1].about]]:
            self._drop(key, self._at)
            self._over.pop(key, None)

    def _echoes(self, key: Key, by: Key) -> bool:
        """Whether what was muted by something stays so though that is over: it looks back at that time, may be over itself, or has no other reason yet."""
        if key in self._unsure:
            return True
        if key[0] not in LOSSES and key[0] not in LOOKING_BACK:
            return False
        speaker = self._over[by][0] if by in self._over else self._held.get(by) if key[0] in LOSSES else None
        if speaker is None:
            return False
        return key[0] not in LOSSES or self._held[key].figures.get("reading") in (None, speaker.figures.get("reading"))

    def published(self, contract: Contract, at: int | None = None) -> tuple[dict[Key, bool], tuple[Holding, ...], dict[Key, Key]]:
        """What could be judged, with True for what speaks; what speaks, the oldest first; and what is muted by what."""
        self._at = now = self._at if at is None else at
        self._over = {key: (one, ended) for key, (one, ended) in self._over.items() if now - ended < AFTER_US and key not in self._held}
        found = muted(self._held.values(), contract, [one for one, _ in self._over.values() if one.condition in LOSSES], self._said)
        echo = {key: by for key, by in self._silent.items() if key in self._held and self._echoes(key, by)}  # it ends with the rest
        silent = {key: by for key, by in {**echo, **found}.items() if key not in self._said}
        self._said = {key for key in self._held if key[0] in LOSSES and key not in silent}
        if self._states is None or silent != self._silent:
            self._states, self._silent = {key: key in self._held and key not in silent for key in self._known}, silent
        speaking = sorted((one for key, one in self._held.items() if key not in silent), key=lambda one: (one.since, one.condition, one.subject))
        return self._states, tuple(speaking), silent

"""Every condition and verdict in both languages: the texts are pinned, and their figures are what the rules themselves find."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from monitor.assess import group_rules, money_rules, project_rules
from monitor.assess.conditions import KINDS, OF_MONEY, About, Condition, Figures, Finding, Holding, Subject
from monitor.assess.contact_day import ContactDay
from monitor.assess.contact_rate import Rate
from monitor.assess.detect import Cusum, Evidence, Total
from monitor.assess.dialling import Dialled, dropped, exhausted
from monitor.assess.judgement import Verdict
from monitor.assess.money import Over
from monitor.assess.reading import Cause, Reading
from monitor.assess.today import Run, Today, Workload
from monitor.core.contract import MINUTE, SECOND, Contract, Language, QueueId
from monitor.core.limits import Limits
from monitor.core.lost import LostView
from monitor.core.snapshot import State
from monitor.outputs import sentences
from monitor.outputs.sentences import uk
from monitor.outputs.sentences.tongue import MINUS, NBSP, span
from tests.assess.looks import AT, BANK, FLOOR, agents, group_look, project_look, quarter, required, spent
from tests.outputs import earning, hand, judging

BOTH = (Language.ENGLISH, Language.UKRAINIAN)
CONTRACTS = {language: Contract(language=language, groups=(FLOOR,), projects=(BANK,)) for language in BOTH}
PROJECT_RULES = {**project_rules.PLANNED, **project_rules.SERVED, **project_rules.SHUT, **project_rules.PLANS, **project_rules.PAPERS}
GROUP_RULES = {**group_rules.STAFFED, **group_rules.ALWAYS}


def day(step: Any = judging.LOST, cusum: Cusum = judging.BANK.cusum) -> Today:
    today = Today(AT - 8 * 60 * MINUTE)
    today.steps, today.cusum = [step], cusum
    return today


SURGED = replace(
    judging.LOST, day=Evidence(138, 96.25, 0.9998, 0.0003), recent=None, two_days=None, workload=Workload(23_400.0, 18_360.0, 0.9996, 0.0004),
    lost=Run(), surged=Run(holds=True), below=Run(), above=Run(holds=True),
)  # fmt: skip
LATE = quarter(contacts=62, answered=40, in_threshold=31, abandoned=10)
LOST_CALLS = quarter(contacts=60, answered=48, in_threshold=46, abandoned=12)
TALKING = agents(*(State.TALK,) * 2, since=AT - 95 * MINUTE)

LOOKS: dict[Condition, dict[str, Any]] = {
    Condition.VOLUME_LOST: {"today": day(), "cause": Cause(Reading.CLIENT)},
    Condition.VOLUME_SURGE: {"today": day(SURGED)},
    Condition.PROJECT_SILENT: {"silence": Evidence(0, 8.25, 0.0005, None)},
    Condition.WORKLOAD_BELOW_PLAN: {"today": day()},
    Condition.WORKLOAD_ABOVE_PLAN: {"today": day(SURGED)},
    Condition.SERVICE_LEVEL_AT_RISK: {"quarter": LATE},
    Condition.SL_BUDGET_GONE: {"day": quarter(contacts=150, answered=140, in_threshold=79, abandoned=1), "expected": 260.4},
    Condition.ABANDONMENT_HIGH: {"quarter": LOST_CALLS},
    Condition.LONG_WAIT: {"longest_wait_us": 252 * SECOND, "waiting": 7},
    Condition.QUEUE_UNATTENDED: {"longest_wait_us": 90 * SECOND, "waiting": 3, "eligible": 0},
    Condition.CALLS_REFUSED: {"refused": 4},
    Condition.LOST_CALLERS_WAITING: {"lost": LostView(7, AT - 95 * MINUTE, 3)},
    Condition.UNDERSTAFFED: {"quarter": spent(talk=3 * 900), "need": required(8)},
    Condition.OVERSTAFFED: {"quarter": spent(talk=2 * 900, available=3.25 * 900), "need": required(3)},
    Condition.OCCUPANCY_TOO_HIGH: {"quarter": spent(talk=14.5 * 900), "need": replace(required(14), aht_seconds=0.0)},
    Condition.OCCUPANCY_TOO_LOW: {"quarter": spent(talk=900, available=3.25 * 900), "need": replace(required(4, erlangs=3.0), aht_seconds=0.0)},
    Condition.PAUSE_TOO_LONG: {"agents": agents(State.PAUSED, reason="lunch", since=AT - 41 * MINUTE)},
    Condition.RING_NO_ANSWER_STORM: {"unanswered": 12, "answered": 18},
    Condition.STUCK_CALL: {"agents": TALKING},
    Condition.MASS_DISCONNECT: {"lost": 6, "there": 21},
    Condition.AFTER_HOURS_CALLS: {"open": False, "after_hours": 7},
    Condition.PLAN_MISSING: {"covered": False},
    Condition.PLAN_ENDS_SOON: {"plan_end": AT + 51 * 60 * MINUTE},
    Condition.CONTRACT_ENDS: {"project": replace(BANK, contract_until=date(2025, 12, 25), notice_days=60)},
}
DIALLED = ContactDay(date(2026, 12, 1), Rate(38, 200), 0.3, True, 0.0002)
OTHERS: dict[Condition, Figures] = {  # `accruals` and `dialling` find them themselves
    Condition.CONTACT_RATE_DROPPED: dropped(DIALLED, Limits()).figures,
    Condition.LIST_EXHAUSTED: exhausted(Dialled(3, 41.25, 4.0), Limits(), holds=False).figures,
    Condition.BLIND: {"limit": 60.0},
    Condition.CLOCK_SKEW: {"seconds": 3.25, "limit": 2.0},
    Condition.TRUNK_DOWN: {"why": "unreachable"},
    Condition.TRUNK_FULL: {"channels": 30, "capacity": 30, "seconds": 95.0},
}

PINNED = {
    Condition.VOLUME_LOST: (
        "Bank: 41 contacts came, 96 were planned since opening (−57 %); this client's volume has moved",
        "Bank: надійшло 41 звернення, за планом від відкриття 96 (−57 %); обсяг цього клієнта змінився",
    ),
    Condition.VOLUME_SURGE: (
        "Bank: 138 contacts came, 96 were planned since opening (+43 %)",
        "Bank: надійшло 138 звернень, за планом від відкриття 96 (+43 %)",
    ),
    Condition.PROJECT_SILENT: (
        "Bank: nobody calls: 8 contacts were to be expected in this time; make a test call: the client has stopped, or a trunk is dead",
        "Bank: ніхто не телефонує: за цей час мало надійти 8 звернень; зробіть пробний дзвінок: або клієнт припинив, або не працює лінія",
    ),
    Condition.WORKLOAD_BELOW_PLAN: (
        "Bank: work of 3.4 hours came, 5.1 hours were planned since opening (−33 %)",
        "Bank: надійшло роботи на 3,4 год, за планом від відкриття 5,1 год (−33 %)",
    ),
    Condition.WORKLOAD_ABOVE_PLAN: (
        "Bank: work of 6.5 hours came, 5.1 hours were planned since opening (+27 %)",
        "Bank: надійшло роботи на 6,5 год, за планом від відкриття 5,1 год (+27 %)",
    ),
    Condition.SERVICE_LEVEL_AT_RISK: (
        "Bank: service level 62 % in the last 15 minutes, 80 % is agreed: 31 of 50 contacts within 20 s",
        "Bank: рівень сервісу за останні 15 хвилин 62 %, за договором 80 %: 31 з 50 звернень за 20 с",
    ),
    Condition.SL_BUDGET_GONE: (
        "Bank: today's service level of 80 % cannot be reached any more: 62 contacts missed it, 52 may of 260 expected",
        "Bank: сьогоднішнього рівня сервісу 80 % вже не досягти: поза ним 62 звернення, а можна 52 з 260 очікуваних",
    ),
    Condition.ABANDONMENT_HIGH: (
        "Bank: 12 of 60 callers hung up in the last 15 minutes (20 %), 5 % is agreed",
        "Bank: за останні 15 хвилин втрачено 12 з 60 дзвінків (20 %), за договором не більше 5 %",
    ),
    Condition.LONG_WAIT: (
        "Bank: a caller has waited 4 min 12 s, 3 min is the limit; 7 callers wait",
        "Bank: найдовше очікування 4 хв 12 с, межа 3 хв; у черзі 7 абонентів",
    ),
    Condition.QUEUE_UNATTENDED: (
        "Bank: nobody is there to take calls; 3 callers wait, the longest 1 min 30 s",
        "Bank: нікому приймати дзвінки; у черзі 3 абоненти, найдовше очікування 1 хв 30 с",
    ),
    Condition.CALLS_REFUSED: (
        "Bank: 4 calls were refused in the last hour: the queue was full, empty or closed",
        "Bank: за останню годину відхилено 4 дзвінки: черга була повна, порожня або зачинена",
    ),
    Condition.LOST_CALLERS_WAITING: (
        "Bank: 3 lost callers wait to be called back longer than 30 min of opening hours, the oldest for 1 h 35 min",
        "Bank: без зворотного дзвінка довше за 30 хв робочого часу: 3 абоненти, найдовше очікування 1 год 35 хв",
    ),
    Condition.UNDERSTAFFED: (
        "Group floor: 5 agents are there, 8 needed; 3.0 on average of the last 15 minutes",
        "Група floor: на місці 5 операторів, потрібно 8; у середньому за останні 15 хвилин було 3,0",
    ),
    Condition.OVERSTAFFED: (
        "Group floor: 2 agents more than needed: 5.2 on average of the last 15 minutes, 3 needed in this interval and the next; 3.2 were free",
        "Група floor: на 2 оператори більше, ніж треба: у середньому за останні 15 хвилин 5,2, у цьому й наступному інтервалі потрібно 3, вільних було 3,2",
    ),
    Condition.OCCUPANCY_TOO_HIGH: (
        "Group floor: occupancy 100 % in the last 15 minutes, 88 % is the limit; 14.5 agents on average",
        "Група floor: зайнятість за останні 15 хвилин 100 %, межа 88 %; у середньому 14,5 оператора",
    ),
    Condition.OCCUPANCY_TOO_LOW: (
        "Group floor: occupancy 24 % in the last 15 minutes, 60 % is the limit; 4.2 agents on average",
        "Група floor: зайнятість за останні 15 хвилин 24 %, межа 60 %; у середньому 4,2 оператора",
    ),
    Condition.PAUSE_TOO_LONG: (
        "Group floor: paused too long: 1 agent; lunch for 41 min, 35 min is the limit",
        "Група floor: задовга перерва: 1 оператор; lunch уже 41 хв, межа 35 хв",
    ),
    Condition.RING_NO_ANSWER_STORM: (
        "Group floor: unanswered in the last 15 minutes: 12 of 30 rings",
        "Група floor: без відповіді за останні 15 хвилин 12 з 30 викликів",
    ),
    Condition.STUCK_CALL: (
        "Group floor: longer than 1 h 30 min: 2 calls, the longest 1 h 35 min; look whether any hangs",
        "Група floor: довше за 1 год 30 хв: 2 дзвінки, найдовший 1 год 35 хв; перевірте, чи не завис",
    ),
    Condition.MASS_DISCONNECT: (
        "Group floor: phones are gone: 6 of 21 agents within 2 min; if power or the network is down, open an incident for this group",
        "Група floor: зник зв'язок із телефонами: 6 з 21 оператора за 2 хв; якщо зникло світло чи мережа, відкрийте інцидент для цієї групи",
    ),
    Condition.AFTER_HOURS_CALLS: (
        "Bank: closed, but 7 contacts came in the last hour",
        "Bank: лінія зачинена, але за останню годину надійшло 7 звернень",
    ),
    Condition.CONTACT_RATE_DROPPED: (
        "Bank: 38 of 200 attempts reached somebody on 2026-12-01 (19 %), 30 % were planned",
        "Bank: 2026-12-01 додзвонилися у 38 з 200 спроб (19 %), за планом 30 %",
    ),
    Condition.LIST_EXHAUSTED: (
        "Bank: dialling has stopped: 3 attempts in the last 15 minutes, 41 were planned, 4.0 agents were free; the list is at its end, or the dialer stands",
        "Bank: обдзвін зупинився: за останні 15 хвилин 3 спроби, за планом 41, було вільно 4,0 оператора; закінчився список або стоїть система дозвону",
    ),
    Condition.PLAN_MISSING: (
        "Bank: open, but the plan has no row for now: nothing can be held against it",
        "Bank: лінія працює, але план на зараз порожній: порівнювати немає з чим",
    ),
    Condition.PLAN_ENDS_SOON: (
        "Bank: the plan ends in 2 days",
        "Bank: план закінчується через 2 дні",
    ),
    Condition.BLIND: (
        "Bank: its PBX is not seen, so its calls and people are unknown",
        "Bank: АТС не видно, тож про дзвінки й людей нічого не відомо",
    ),
    Condition.CLOCK_SKEW: (
        "PBX pbx1: its clock is 3.2 s ahead of this machine's, 2 s is the limit",
        "АТС pbx1: її годинник випереджає тутешній на 3,2 с, межа 2 с",
    ),
    Condition.TRUNK_DOWN: (
        "Trunk kyivstar: the PBX cannot reach it: no call goes out over it, and most likely none comes in",
        "Транк kyivstar: АТС його не бачить: дзвінки через нього не йдуть і, найімовірніше, не надходять",
    ),
    Condition.TRUNK_FULL: (
        "Trunk kyivstar: no line to spare for 1 min 35 s: 30 of 30 are in use",
        "Транк kyivstar: немає вільних каналів уже 1 хв 35 с: зайнято 30 з 30",
    ),
    Condition.CONTRACT_ENDS: (
        "Bank: the contract ends in 31 days; notice is 60 days",
        "Bank: договір закінчується через 31 день; строк попередження 60 днів",
    ),
    Condition.BELOW_BREAK_EVEN: (
        "Group floor: earns less than it costs: occupied 75 %, 78 % needed to break even in this billing period",
        "Група floor: заробляє менше, ніж коштує: зайнятість 75 %, для беззбитковості цього розрахункового періоду треба 78 %",
    ),
    Condition.MARGIN_NEGATIVE: (
        "Bank: this billing period will end with −1,000.50 UAH, if it goes on like this",
        "Bank: розрахунковий період закінчиться з результатом −1 000,50 UAH, якщо так піде й далі",
    ),
    Condition.MINIMUM_GUARANTEE_SHORT: (
        "Bank: 412 calls short of what is guaranteed: 10,720.00 UAH of the bill so far are for calls that did not come",
        "Bank: до гарантованого обсягу бракує 412 дзвінків: 10 720,00 UAH рахунку поки що за дзвінки, яких не було",
    ),
    Condition.CLIENT_DEPENDENCE: (
        "Client Bank: without this client −12,300.00 UAH would be left instead of 988.09 UAH; the reserve would last 9 days",
        "Клієнт Bank: без цього клієнта лишилося б −12 300,00 UAH замість 988,09 UAH; резерву вистачить на 9 днів",
    ),
}


def of_money() -> dict[Condition, Figures]:
    """What the rules of money find of the bank, its group and the client; the site lives by it."""
    whole = hand.contract()
    agreed, money = replace(whole, projects=whole.projects[:2]), earning.money(hand.TAXI_CLIENT)
    known = replace(
        money,
        projects={name: replace(one, known_days=3) for name, one in money.projects.items() if name in agreed.project},
        clients={name: money.clients[name] for name in ("Bank", "Shop")},
        site=dict.fromkeys(Over, earning.BANK.margin[Over.MONTH]),
    )
    found = money_rules.findings(known, agreed)
    return {condition: one.figures for condition, subject, one in found if one is not None and one.holds and subject.name in ("bank-line", "floor", "Bank")}


def figures(condition: Condition) -> Figures:
    """What the condition's own rule finds."""
    if condition in OTHERS:
        return OTHERS[condition]
    if condition in OF_MONEY:
        return of_money()[condition]
    more = LOOKS[condition]
    found: Finding | None
    found = PROJECT_RULES[condition](project_look(**more), False) if condition in PROJECT_RULES else GROUP_RULES[condition](group_look(**more), False)
    assert found is not None
    assert found.holds, condition
    return found.figures


def told(condition: Condition, given: Figures, language: Language) -> str:
    name = {About.PROJECT: "bank", About.GROUP: "floor", About.PBX: "pbx1", About.CLIENT: "Bank", About.TRUNK: "pbx1/kyivstar"}[KINDS[condition].about]
    return sentences.of_condition(Holding(condition, Subject(KINDS[condition].about, name), AT, given), CONTRACTS[language]).replace(NBSP, " ")


def every() -> Iterator[tuple[Condition, Language]]:
    return ((condition, language) for condition in Condition for language in BOTH)


@pytest.mark.parametrize("language", BOTH)
@pytest.mark.parametrize("condition", Condition)
def test_every_condition_is_a_sentence(condition: Condition, language: Language) -> None:
    assert told(condition, figures(condition), language) == PINNED[condition][BOTH.index(language)]


def test_every_language_has_every_condition() -> None:
    assert {language: set(sentences.TONGUES[language].conditions) for language in Language} == {language: set(Condition) for language in Language}


# --- what a loss is read as, and the other ways to say it ---------------------------------------------------------------------------

DAY = {"detector": "day", "came": 41, "planned": 96.25, "deviation": -0.574, "p": 0.0003, "cusum": 1.5}


@pytest.mark.parametrize(
    ("given", "english", "ukrainian"),
    [
        (DAY | {"reading": "market"}, "the other clients are low too: the market has moved", "в інших клієнтів теж менше: змінився ринок"),
        (DAY | {"reading": "telephony", "pbxs": "pbx1, pbx2"}, "check the telephony first: PBX pbx1, pbx2 and its trunks",
         "спершу перевірте телефонію: АТС pbx1, pbx2 та її лінії"),
        (DAY | {"reading": "own", "arrived": 90, "reached": 41},
         "90 dialled its numbers, 41 came to its queues: look at the own IVR, opening hours and dialplan first",
         "на його номери надійшло викликів: 90, до черг дійшло: 41; спершу подивіться на своє голосове меню, розклад і маршрути"),
        (DAY | {"reading": "own"}, "for part of the day nobody could take its calls: look at the own staff first",
         "частину дня нікому було приймати його дзвінки: спершу подивіться на своїх людей"),
    ],
)  # fmt: skip
def test_a_loss_says_whose_it_is(given: Figures, english: str, ukrainian: str) -> None:
    for language, said in zip(BOTH, (english, ukrainian), strict=True):
        assert told(Condition.VOLUME_LOST, given, language).endswith(f"; {said}")
        assert told(Condition.PROJECT_SILENT, {**given, "detector": "silence"}, language).endswith(f"; {said}")


@pytest.mark.parametrize(
    ("condition", "given", "english", "ukrainian"),
    [
        (Condition.VOLUME_LOST, DAY, "41 contacts came, 96 were planned since opening (−57 %)", "надійшло 41 звернення, за планом від відкриття 96 (−57 %)"),
        (Condition.VOLUME_LOST, DAY | {"detector": "recent", "came": 1, "planned": 21.4, "deviation": -0.953},
         "1 contact came, 21 were to be expected in the last 2 hours (−95 %)", "надійшло 1 звернення, за останні 2 години мало бути 21 (−95 %)"),
        (Condition.VOLUME_LOST, DAY | {"detector": "two_days", "came": 1133, "planned": 1904.5, "deviation": -0.405},
         "1,133 contacts came, 1,904 were planned yesterday and today (−40 %)", "надійшло 1 133 звернення, за планом учора й сьогодні 1 904 (−40 %)"),
        (Condition.VOLUME_LOST, {"detector": "cusum", "cusum": 6.25}, "day after day fewer contacts come than planned (6.2 standard deviations in sum)",
         "день за днем надходить менше звернень, ніж заплановано (разом 6,2 стандартного відхилення)"),
        (Condition.PROJECT_SILENT, DAY, "41 contacts came, 96 were planned since opening (−57 %)", "надійшло 41 звернення, за планом від відкриття 96 (−57 %)"),
        (Condition.SERVICE_LEVEL_AT_RISK, {"ratio": 0.796, "target": 0.8, "offered": 201, "in_time": 160, "seconds": 20.0},
         "service level 79.6 % in the last 15 minutes, 80 % is agreed: 160 of 201 contacts within 20 s",
         "рівень сервісу за останні 15 хвилин 79,6 %, за договором 80 %: 160 з 201 звернення за 20 с"),
        (Condition.LONG_WAIT, {"seconds": 181.0, "limit": 180.0, "waiting": 1}, "a caller has waited 3 min 1 s, 3 min is the limit; 1 caller waits",
         "найдовше очікування 3 хв 1 с, межа 3 хв; у черзі 1 абонент"),
        (Condition.LOST_CALLERS_WAITING, {"overdue": 1, "seconds": 2400.0, "limit": 1800.0},
         "1 lost caller waits to be called back longer than 30 min of opening hours, the oldest for 40 min",
         "без зворотного дзвінка довше за 30 хв робочого часу: 1 абонент, найдовше очікування 40 хв"),
        (Condition.CALLS_REFUSED, {"refused": 1}, "1 call was refused in the last hour: the queue was full, empty or closed",
         "за останню годину відхилено 1 дзвінок: черга була повна, порожня або зачинена"),
        (Condition.UNDERSTAFFED, {"now": 1, "required": 2, "staffed": 0.5}, "1 agent is there, 2 needed; 0.5 on average of the last 15 minutes",
         "на місці 1 оператор, потрібно 2; у середньому за останні 15 хвилин було 0,5"),
        (Condition.OVERSTAFFED, {"surplus": 21, "staffed": 31.0, "required": 10, "free": 22.0},
         "21 agents more than needed: 31.0 on average of the last 15 minutes, 10 needed in this interval and the next; 22.0 were free",
         "на 21 оператора більше, ніж треба: у середньому за останні 15 хвилин 31,0, у цьому й наступному інтервалі потрібно 10, вільних було 22,0"),
        (Condition.PLAN_ENDS_SOON, {"hours": 47.9, "limit": 72.0}, "the plan ends in 47 hours", "план закінчується через 47 годин"),
        (Condition.PLAN_ENDS_SOON, {"hours": 1.5, "limit": 72.0}, "the plan ends in 1 hour", "план закінчується через 1 годину"),
        (Condition.PLAN_ENDS_SOON, {"hours": 0.5, "limit": 72.0}, "the plan ends in less than an hour", "план закінчується менш ніж за годину"),
        (Condition.CLOCK_SKEW, {"seconds": -3.25, "limit": 2.5}, "its clock is 3.2 s behind this machine's, 2.5 s is the limit",
         "її годинник відстає від тутешнього на 3,2 с, межа 2,5 с"),
        (Condition.TRUNK_DOWN, {"why": "refuses", "failed": 7, "seconds": 130.0}, "it refuses calls: 7 attempts in a row within 2 min 10 s came to nothing",
         "він відмовляє: поспіль невдалих спроб 7 за 2 хв 10 с"),
        (Condition.MARGIN_NEGATIVE, {"margin": "-0.50", "currency": "EUR", "span": "so_far"}, "this billing period has brought −0.50 EUR so far",
         "розрахунковий період поки що дав −0,50 EUR"),
        (Condition.MINIMUM_GUARANTEE_SHORT, {"ratio": 0.1, "calls": 0.0, "amount": "500.00", "currency": "UAH"},
         "less than the guaranteed amount: 500.00 UAH of the bill so far are for calls that did not come",
         "менше за гарантовану суму: 500,00 UAH рахунку поки що за дзвінки, яких не було"),
        (Condition.CLIENT_DEPENDENCE, {"margin": "5.00", "without": "-1.00", "currency": "UAH"},
         "without this client −1.00 UAH would be left instead of 5.00 UAH",
         "без цього клієнта лишилося б −1,00 UAH замість 5,00 UAH"),
        (Condition.CLIENT_DEPENDENCE, {"margin": "5.00", "without": "-1.00", "currency": "UAH", "cash_days": 1.99},
         "without this client −1.00 UAH would be left instead of 5.00 UAH; the reserve would last 1 day",
         "без цього клієнта лишилося б −1,00 UAH замість 5,00 UAH; резерву вистачить на 1 день"),
        (Condition.CONTACT_RATE_DROPPED, dropped(replace(DIALLED, rate=Rate(1, 1201), planned=False), Limits()).figures,
         "1 of 1,201 attempts reached somebody on 2026-12-01 (0 %), 30 % in the four weeks before",
         "2026-12-01 додзвонилися у 1 з 1 201 спроби (0 %), за чотири тижні до того 30 %"),
        (Condition.LIST_EXHAUSTED, exhausted(Dialled(0, 250.0, 1.5), Limits(), holds=True).figures,
         "dialling has stopped: 0 attempts in the last 15 minutes, 250 were planned, 1.5 agents were free; the list is at its end, or the dialer stands",
         "обдзвін зупинився: за останні 15 хвилин 0 спроб, за планом 250, було вільно 1,5 оператора; закінчився список або стоїть система дозвону"),
        (Condition.CONTRACT_ENDS, {"days": 0, "limit": 60}, "the contract ends today", "договір закінчується сьогодні"),
        (Condition.CONTRACT_ENDS, {"days": -3, "limit": 60}, "the contract ended 3 days ago", "договір закінчився 3 дні тому"),
    ],
)  # fmt: skip
def test_other_figures_are_other_words(condition: Condition, given: Figures, english: str, ukrainian: str) -> None:
    assert [told(condition, given, language).partition(": ")[2] for language in BOTH] == [english, ukrainian]


def test_a_client_with_several_projects_is_told_apart_by_them() -> None:
    other = replace(BANK, name="bank-cards", queues=(QueueId("pbx1", "cards"),))
    agreed = Contract(language=Language.ENGLISH, groups=(FLOOR,), projects=(BANK, other))
    holding = Holding(Condition.PLAN_MISSING, Subject(About.PROJECT, "bank-cards"), AT, {})
    assert sentences.of_condition(holding, agreed).startswith("Bank, bank-cards: open, but")
    gone = Holding(Condition.PLAN_MISSING, Subject(About.PROJECT, "taken-out"), AT, {})
    assert sentences.of_condition(gone, agreed).startswith("taken-out: open, but")


def test_a_trunk_has_its_pbx_beside_it_where_there_are_several() -> None:
    holding = Holding(Condition.TRUNK_DOWN, Subject(About.TRUNK, "pbx2/kyivstar"), AT, {"why": "unreachable"})
    agreed = replace(CONTRACTS[Language.ENGLISH], pbxs=("pbx1", "pbx2"))
    assert sentences.of_condition(holding, agreed).startswith("Trunk pbx2/kyivstar: the PBX")


def test_ukrainian_has_three_plural_forms() -> None:
    forms = {uk.CALL.one: (1, 21, 101, 1001), uk.CALL.few: (2, 3, 4, 22, 104), uk.CALL.many: (0, 5, 10, 11, 12, 13, 14, 15, 20, 25, 100, 111, 112, 1014)}
    assert {form: tuple(uk.form(count, uk.CALL) for count in counts) for form, counts in forms.items()} == {
        form: (form,) * len(counts) for form, counts in forms.items()
    }


def test_spans_have_two_units_at_most() -> None:
    said = [span(seconds, "h", "min", "s").replace(NBSP, " ") for seconds in (0, 0.4, 42, 60, 252, 3600, 5700, 5759)]
    assert said == ["0 s", "0 s", "42 s", "1 min", "4 min 12 s", "1 h", "1 h 35 min", "1 h 35 min"]


# --- verdicts -----------------------------------------------------------------------------------------------------------------------

WATCHED = replace(judging.LOST, day=Evidence(70, 96.25, 0.008, 0.99), recent=None, two_days=None, lost=Run(now=True), below=Run())
EARLY = replace(judging.ON_PLAN, day=None, z=None)


@pytest.mark.parametrize(
    ("more", "english", "ukrainian"),
    [
        ({}, "41 contacts came, 96 were planned since opening (−57 %); this client's volume has moved",
         "Надійшло 41 звернення, за планом від відкриття 96 (−57 %); обсяг цього клієнта змінився"),
        ({"step": SURGED, "cause": None}, "138 contacts came, 96 were planned since opening (+43 %)",
         "Надійшло 138 звернень, за планом від відкриття 96 (+43 %)"),
        ({"silence": Evidence(0, 9.0, 0.0005, None), "cause": None},
         "Nobody calls: 9 contacts were to be expected in this time; make a test call: the client has stopped, or a trunk is dead",
         "Ніхто не телефонує: за цей час мало надійти 9 звернень; зробіть пробний дзвінок: або клієнт припинив, або не працює лінія"),
        ({"verdict": Verdict.WATCH, "step": WATCHED, "cause": None},
         "70 contacts came, 96 were planned since opening (−27 %); worth a look, not certain yet",
         "Надійшло 70 звернень, за планом від відкриття 96 (−27 %); варто придивитися, ще не певно"),
        ({"verdict": Verdict.WATCH, "step": replace(SURGED, surged=Run(now=True))},
         "138 contacts came, 96 were planned since opening (+43 %); worth a look, not certain yet",
         "Надійшло 138 звернень, за планом від відкриття 96 (+43 %); варто придивитися, ще не певно"),
        ({"verdict": Verdict.WATCH, "step": None, "silence": Evidence(0, 5.0, 0.005, None), "cause": Cause(Reading.OWN)},
         ("Nobody calls: 5 contacts were to be expected in this time; for part of the day nobody could take its calls: look at the own staff first; "
         "worth a look, not certain yet"),
         ("Ніхто не телефонує: за цей час мало надійти 5 звернень; частину дня нікому було приймати його дзвінки: спершу подивіться на своїх людей; "
         "варто придивитися, ще не певно")),
        ({"verdict": Verdict.ON_PLAN, "step": EARLY, "total": Total(3, 4.25)}, "Within what days vary: 3 contacts came, 4 were planned since opening (−29 %)",
         "У межах звичайних коливань: надійшло 3 звернення, за планом від відкриття 4 (−29 %)"),
        ({"verdict": Verdict.ON_PLAN, "step": None, "total": Total(0, 0.0)}, "Too early to say", "Ще зарано судити"),
        ({"verdict": Verdict.BLIND}, "Its PBX is not seen, so nothing can be said", "АТС не видно, тож сказати нічого не можна"),
        ({"verdict": None, "open": False}, "Closed now", "Зараз зачинено"),
        ({"verdict": None, "held": True}, "An incident is open: not held against the plan", "Триває інцидент: з планом не порівнюється"),
        ({"verdict": None}, "Too early to say", "Ще зарано судити"),
        ({"step": EARLY}, "Too early to say", "Ще зарано судити"),  # other limits are in force since: nothing of it is found any more
    ],
)  # fmt: skip
def test_a_verdict_says_why(more: dict[str, Any], english: str, ukrainian: str) -> None:
    said = [sentences.of_verdict(BANK, replace(judging.BANK, **more), CONTRACTS[language], covered=True).replace(NBSP, " ") for language in BOTH]
    assert said == [english, ukrainian]


def test_without_a_verdict_it_says_why_not() -> None:
    agreed = CONTRACTS[Language.ENGLISH]
    assert sentences.of_verdict(BANK, None, agreed, covered=False) == "The plan has no row for now"
    assert sentences.of_verdict(BANK, None, agreed, covered=True) == "Too early to say"
    assert sentences.of_verdict(replace(BANK, queues=()), None, agreed, covered=True) == "No queue of it is configured"
    assert sentences.of_verdict(BANK, replace(judging.BANK, step=WATCHED, verdict=Verdict.ACT), Contract(limits=Limits(act_p=1e-9)), covered=True)
    assert MINUS not in sentences.of_verdict(BANK, replace(judging.BANK, verdict=Verdict.BLIND), agreed, covered=True)

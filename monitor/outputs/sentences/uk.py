"""The floor in Ukrainian.

Owns its words, numbers with a decimal comma, and three plural forms; a fraction takes the genitive singular. Verbs before a count are
impersonal, so that they agree with every number. Refuses choosing what is said (`verdict`) and of whom (the package).
"""

from __future__ import annotations

from typing import Final, NamedTuple

from monitor.assess.conditions import About, Condition
from monitor.assess.detect import SIZE
from monitor.assess.reading import Reading
from monitor.outputs.sentences.tongue import NBSP, Given, Tongue, Unjudged, grouped, span


class Noun(NamedTuple):
    """1 дзвінок, 2 дзвінки, 5 дзвінків; з 21 дзвінка."""

    one: str
    few: str
    many: str
    of_one: str


CONTACT: Final = Noun("звернення", "звернення", "звернень", "звернення")
CALLER: Final = Noun("абонент", "абоненти", "абонентів", "абонента")
CALL: Final = Noun("дзвінок", "дзвінки", "дзвінків", "дзвінка")
RING: Final = Noun("виклик", "виклики", "викликів", "виклику")
ATTEMPT: Final = Noun("спроба", "спроби", "спроб", "спроби")
AGENT: Final = Noun("оператор", "оператори", "операторів", "оператора")
HOUR: Final = Noun("годину", "години", "годин", "години")
DAY: Final = Noun("день", "дні", "днів", "дня")

_SPANS: Final = {"day": "за планом від відкриття", "recent": "за останні 2 години мало бути", "two_days": "за планом учора й сьогодні"}
_SUBJECTS: Final = {About.PROJECT: "", About.GROUP: "Група ", About.PBX: "АТС ", About.CLIENT: "Клієнт ", About.TRUNK: "Транк "}


def _number(value: float, digits: int = 0) -> str:
    return grouped(f"{value:,.{digits}f}", ",", NBSP)


def form(count: int, noun: Noun) -> str:
    """The form that goes with a count."""
    if count % 10 == 1 and count % 100 != 11:
        return noun.one
    return noun.few if count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14) else noun.many


def _counted(count: float, noun: Noun) -> str:
    return f"{_number(count)} {form(round(count), noun)}"


def _out_of(part: float, count: float, noun: Noun) -> str:
    """12 з 60 дзвінків, 12 з 61 дзвінка."""
    whole = round(count)
    return f"{_number(part)} з {_number(count)} {noun.of_one if whole % 10 == 1 and whole % 100 != 11 else noun.many}"


def _share(ratio: float, beside: float | None = None) -> str:
    """Per cent; finer where it would look like the limit beside it."""
    alike = beside is not None and round(100 * ratio) == round(100 * beside)
    return f"{_number(100 * ratio, int(alike))}{NBSP}%"


def _signed(ratio: float) -> str:
    percent = round(100 * ratio)
    return f"{'+' if percent > 0 else ''}{_number(percent)}{NBSP}%"


def _time(seconds: float) -> str:
    return span(seconds, "год", "хв", "с")


def _against_plan(given: Given) -> str:
    expected = f"{_SPANS[given.text('detector')]} {_number(given.number('planned'))}"
    return f"надійшло {_counted(given.number('came'), CONTACT)}, {expected} ({_signed(given.number('deviation'))})"


def _cause(given: Given, otherwise: str = "") -> str:
    """Where a loss comes from, as far as it is read."""
    match given.word("reading"):
        case Reading.CLIENT:
            return "; обсяг цього клієнта змінився"
        case Reading.MARKET:
            return "; в інших клієнтів теж менше: змінився ринок"
        case Reading.TELEPHONY:
            return f"; спершу перевірте телефонію: АТС {given.text('pbxs')} та її лінії"
        case Reading.OWN if given.word("arrived") is not None:
            dialled, reached = _number(given.number("arrived")), _number(given.number("reached"))
            return f"; на його номери надійшло викликів: {dialled}, до черг дійшло: {reached}; спершу подивіться на своє голосове меню, розклад і маршрути"
        case Reading.OWN:
            return "; частину дня нікому було приймати його дзвінки: спершу подивіться на своїх людей"
        case _:
            return otherwise


def _lost(given: Given) -> str:
    if given.text("detector") == "cusum":
        total = f"разом {_number(given.number('cusum'), 1)} стандартного відхилення"
        return f"день за днем надходить менше звернень, ніж заплановано ({total}){_cause(given)}"
    return _against_plan(given) + _cause(given)


def _silent(given: Given) -> str:
    """Or, once callers have come again, how low the day still is."""
    if given.text("detector") != "silence":
        return _lost(given)
    expected = f"ніхто не телефонує: за цей час мало надійти {_counted(given.number('planned'), CONTACT)}"
    return expected + _cause(given, "; зробіть пробний дзвінок: або клієнт припинив, або не працює лінія")


def _workload(given: Given) -> str:
    offered, planned = (f"{_number(given.number(name), 1)}{NBSP}год" for name in ("offered_hours", "planned_hours"))
    return f"надійшло роботи на {offered}, за планом від відкриття {planned} ({_signed(given.number('deviation'))})"


def _service_level(given: Given) -> str:
    ratio, target = given.number("ratio"), given.number("target")
    parts = f"{_out_of(given.number('in_time'), given.number('offered'), CONTACT)} за {_time(given.number('seconds'))}"
    return f"рівень сервісу за останні 15 хвилин {_share(ratio, target)}, за договором {_share(target)}: {parts}"


def _budget(given: Given) -> str:
    missed, allowed, expected = (given.number(name) for name in ("missed", "allowed", "expected"))
    says = f"поза ним {_counted(missed, CONTACT)}, а можна {_number(allowed // 1)} з {_number(expected)} очікуваних"
    return f"сьогоднішнього рівня сервісу {_share(given.number('target'))} вже не досягти: {says}"


def _abandonment(given: Given) -> str:
    ratio, limit = given.number("ratio"), given.number("limit")
    of = _out_of(given.number("abandoned"), given.number("offered"), CALL)
    return f"за останні 15 хвилин втрачено {of} ({_share(ratio, limit)}), за договором не більше {_share(limit)}"


def _long_wait(given: Given) -> str:
    wait, limit = _time(given.number("seconds")), _time(given.number("limit"))
    return f"найдовше очікування {wait}, межа {limit}; у черзі {_counted(given.number('waiting'), CALLER)}"


def _unattended(given: Given) -> str:
    waits = f"у черзі {_counted(given.number('waiting'), CALLER)}"
    return f"нікому приймати дзвінки; {waits}, найдовше очікування {_time(given.number('seconds'))}"


def _refused(given: Given) -> str:
    return f"за останню годину відхилено {_counted(given.number('refused'), CALL)}: черга була повна, порожня або зачинена"


def _lost_callers(given: Given) -> str:
    overdue, limit = _counted(given.number("overdue"), CALLER), _time(given.number("limit"))
    return f"без зворотного дзвінка довше за {limit} робочого часу: {overdue}, найдовше очікування {_time(given.number('seconds'))}"


def _understaffed(given: Given) -> str:
    there, required = _counted(given.number("now"), AGENT), _number(given.number("required"))
    return f"на місці {there}, потрібно {required}; у середньому за останні 15 хвилин було {_number(given.number('staffed'), 1)}"


def _overstaffed(given: Given) -> str:
    count = given.whole("surplus")
    surplus = f"{_number(count)} {AGENT.of_one if form(count, AGENT) == AGENT.one else form(count, AGENT)}"
    staffed, required = _number(given.number("staffed"), 1), _number(given.number("required"))
    need = f"у цьому й наступному інтервалі потрібно {required}, вільних було {_number(given.number('free'), 1)}"
    return f"на {surplus} більше, ніж треба: у середньому за останні 15 хвилин {staffed}, {need}"


def _occupancy(given: Given) -> str:
    ratio, limit = given.number("ratio"), given.number("limit")
    agents = f"у середньому {_number(given.number('staffed'), 1)} {AGENT.of_one}"
    return f"зайнятість за останні 15 хвилин {_share(ratio, limit)}, межа {_share(limit)}; {agents}"


def _pause(given: Given) -> str:
    longest = f"{given.text('reason')} уже {_time(60 * given.number('minutes'))}, межа {_time(60 * given.number('limit'))}"
    return f"задовга перерва: {_counted(given.number('agents'), AGENT)}; {longest}"


def _rings(given: Given) -> str:
    return f"без відповіді за останні 15 хвилин {_out_of(given.number('unanswered'), given.number('rings'), RING)}"


def _stuck(given: Given) -> str:
    calls, longest = _counted(given.number("calls"), CALL), _time(60 * given.number("minutes"))
    return f"довше за {_time(60 * given.number('limit'))}: {calls}, найдовший {longest}; перевірте, чи не завис"


def _disconnected(given: Given) -> str:
    of = _out_of(given.number("lost"), given.number("there"), AGENT)
    proposal = "якщо зникло світло чи мережа, відкрийте інцидент для цієї групи"
    return f"зник зв'язок із телефонами: {of} за {_time(60 * given.number('minutes'))}; {proposal}"


def _after_hours(given: Given) -> str:
    return f"лінія зачинена, але за останню годину надійшло {_counted(given.number('calls'), CONTACT)}"


def _rate_dropped(given: Given) -> str:
    ratio, expected = given.number("ratio"), given.number("expected")
    against = "за планом" if given.text("by") == "plan" else "за чотири тижні до того"
    reached = f"{given.text('day')} додзвонилися у {_out_of(given.number('contacts'), given.number('attempts'), ATTEMPT)}"
    return f"{reached} ({_share(ratio, expected)}), {against} {_share(expected, ratio)}"


def _list_exhausted(given: Given) -> str:
    attempts, planned = _counted(given.number("attempts"), ATTEMPT), _number(given.number("planned"))
    free = f"було вільно {_number(given.number('free'), 1)} {AGENT.of_one}"
    return f"обдзвін зупинився: за останні 15 хвилин {attempts}, за планом {planned}, {free}; закінчився список або стоїть система дозвону"


def _plan_missing(_: Given) -> str:
    return "лінія працює, але план на зараз порожній: порівнювати немає з чим"


def _plan_ends(given: Given) -> str:
    hours = given.number("hours")
    left = f"через {_counted(hours // 24, DAY)}" if hours >= 48 else f"через {_counted(hours // 1, HOUR)}" if hours >= 1 else "менш ніж за годину"
    return f"план закінчується {left}"


def _blind(_: Given) -> str:
    return "АТС не видно, тож про дзвінки й людей нічого не відомо"


def _clock(given: Given) -> str:
    offset, limit = given.number("seconds"), given.number("limit")
    off = f"{_number(abs(offset), 1)}{NBSP}с, межа {grouped(f'{limit:g}', ',', NBSP)}{NBSP}с"
    return f"її годинник {'випереджає тутешній' if offset > 0 else 'відстає від тутешнього'} на {off}"


def _trunk_down(given: Given) -> str:
    if given.text("why") == "unreachable":
        return "АТС його не бачить: дзвінки через нього не йдуть і, найімовірніше, не надходять"
    return f"він відмовляє: поспіль невдалих спроб {_number(given.number('failed'))} за {_time(given.number('seconds'))}"


def _trunk_full(given: Given) -> str:
    used = f"{_number(given.number('channels'))} з {_number(given.number('capacity'))}"
    return f"немає вільних каналів уже {_time(given.number('seconds'))}: зайнято {used}"


def _contract(given: Given) -> str:
    days = given.whole("days")
    if days < 0:
        return f"договір закінчився {_counted(-days, DAY)} тому"
    if days == 0:
        return "договір закінчується сьогодні"
    return f"договір закінчується через {_counted(days, DAY)}; строк попередження {_counted(given.number('limit'), DAY)}"


def _money(given: Given, name: str) -> str:
    return f"{grouped(f'{given.money(name):,.2f}', ',', NBSP)}{NBSP}{given.text('currency')}"


def _below(given: Given) -> str:
    now, needed = given.number("occupancy"), given.number("needed")
    return f"заробляє менше, ніж коштує: зайнятість {_share(now, needed)}, для беззбитковості цього розрахункового періоду треба {_share(needed, now)}"


def _loses(given: Given) -> str:
    if given.text("span") == "period":
        return f"розрахунковий період закінчиться з результатом {_money(given, 'margin')}, якщо так піде й далі"
    return f"розрахунковий період поки що дав {_money(given, 'margin')}"


def _short(given: Given) -> str:
    calls = given.number("calls")
    what = f"до гарантованого обсягу бракує {_counted(calls, CALL)}" if calls else "менше за гарантовану суму"
    return f"{what}: {_money(given, 'amount')} рахунку поки що за дзвінки, яких не було"


def _depends(given: Given) -> str:
    days = f"; резерву вистачить на {_counted(given.number('cash_days') // 1, DAY)}" if given.word("cash_days") is not None else ""
    return f"без цього клієнта лишилося б {_money(given, 'without')} замість {_money(given, 'margin')}{days}"


UKRAINIAN: Final = Tongue(
    conditions={
        Condition.VOLUME_LOST: _lost,
        Condition.VOLUME_SURGE: _against_plan,
        Condition.PROJECT_SILENT: _silent,
        Condition.WORKLOAD_BELOW_PLAN: _workload,
        Condition.WORKLOAD_ABOVE_PLAN: _workload,
        Condition.SERVICE_LEVEL_AT_RISK: _service_level,
        Condition.SL_BUDGET_GONE: _budget,
        Condition.ABANDONMENT_HIGH: _abandonment,
        Condition.LONG_WAIT: _long_wait,
        Condition.QUEUE_UNATTENDED: _unattended,
        Condition.CALLS_REFUSED: _refused,
        Condition.LOST_CALLERS_WAITING: _lost_callers,
        Condition.UNDERSTAFFED: _understaffed,
        Condition.OVERSTAFFED: _overstaffed,
        Condition.OCCUPANCY_TOO_HIGH: _occupancy,
        Condition.OCCUPANCY_TOO_LOW: _occupancy,
        Condition.PAUSE_TOO_LONG: _pause,
        Condition.RING_NO_ANSWER_STORM: _rings,
        Condition.STUCK_CALL: _stuck,
        Condition.MASS_DISCONNECT: _disconnected,
        Condition.AFTER_HOURS_CALLS: _after_hours,
        Condition.CONTACT_RATE_DROPPED: _rate_dropped,
        Condition.LIST_EXHAUSTED: _list_exhausted,
        Condition.PLAN_MISSING: _plan_missing,
        Condition.PLAN_ENDS_SOON: _plan_ends,
        Condition.BLIND: _blind,
        Condition.CLOCK_SKEW: _clock,
        Condition.TRUNK_DOWN: _trunk_down,
        Condition.TRUNK_FULL: _trunk_full,
        Condition.CONTRACT_ENDS: _contract,
        Condition.BELOW_BREAK_EVEN: _below,
        Condition.MARGIN_NEGATIVE: _loses,
        Condition.MINIMUM_GUARANTEE_SHORT: _short,
        Condition.CLIENT_DEPENDENCE: _depends,
    },
    subject=lambda about, name: _SUBJECTS[about] + name,
    as_planned=lambda given: f"{'план справджується' if abs(given.number('deviation')) < SIZE else 'у межах звичайних коливань'}: {_against_plan(given)}",
    watched=lambda reason: f"{reason}; варто придивитися, ще не певно",
    blind="АТС не видно, тож сказати нічого не можна",
    unjudged={
        Unjudged.NO_QUEUES: "жодної черги не налаштовано",
        Unjudged.CLOSED: "зараз зачинено",
        Unjudged.INCIDENT: "триває інцидент: з планом не порівнюється",
        Unjudged.NO_PLAN: "план на зараз порожній",
        Unjudged.EARLY: "ще зарано судити",
    },
)

"""The people of the simulated centre: who they are, what they can do, when they work.

Owns the 38 agents, their phones, skills and shifts, the same for every seed. Refuses how they behave (`people`) and what calls there
are (`demand`). Next: `day` puts them on the floor.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final


class Shift(Enum):
    """Hours of the day from which and to which somebody works; a night runs into the next day."""

    MORNING = (8, 16)
    EVENING = (14, 22)
    NIGHT = (22, 32)


class Skill(Enum):
    """What somebody is trained for: the queues, and the penalty in each."""

    BANK = (("bank", 0),)
    SENIOR = (("bank", 1), ("bank-vip", 0), ("bank-2nd", 0))
    BANK_SHOP = (("bank", 0), ("shop", 1))
    EXPERT = (("bank", 0), ("shop", 1), ("bank-2nd", 1))
    SHOP = (("shop", 0),)
    SHOP_TAXI = (("shop", 0), ("taxi", 0))
    TAXI = (("taxi", 0),)
    COLLECT = (("collect", 0),)


@dataclass(frozen=True, slots=True)
class Worker:
    """An agent. `static` stands in queues.conf, the others log in with their shift; `home` works over the internet of a flat."""

    interface: str
    name: str
    skill: Skill
    shift: Shift
    static: bool = False
    home: bool = False
    slow: bool = False

    @property
    def group(self) -> str:
        """The staffing pool."""
        return "collectors" if self.skill is Skill.COLLECT else "floor"

    @property
    def employee_id(self) -> str:
        """The number of the agents file."""
        return "1" + self.interface.rpartition("/")[2]


_MORNING, _EVENING, _NIGHT = Shift.MORNING, Shift.EVENING, Shift.NIGHT

# name, skill, shift, marks: s static, h at home, l lets it ring
_PEOPLE: Final = (
    ("Олена Коваль", Skill.SENIOR, _MORNING, "s"),
    ("Юрій Їжак", Skill.SENIOR, _MORNING, "s"),
    ("Марія Шевченко", Skill.BANK, _MORNING, ""),
    ("Андрій Бондаренко", Skill.BANK, _MORNING, "l"),
    ("Ґалина Ґудзь", Skill.BANK, _MORNING, ""),
    ("Sevil Ablyamitova", Skill.BANK, _MORNING, "h"),
    ("Тарас Мельник", Skill.BANK, _MORNING, ""),
    ("Ірина Кравчук", Skill.EXPERT, _MORNING, ""),
    ("Наталія О'Коннор", Skill.EXPERT, _MORNING, "h"),
    ("Богдан Ткач", Skill.BANK_SHOP, _MORNING, ""),
    ("Giorgi Kapanadze", Skill.BANK_SHOP, _MORNING, "h"),
    ("Вікторія Лисенко", Skill.SHOP, _MORNING, ""),
    ("Максим Руденко", Skill.BANK_SHOP, _MORNING, "l"),
    ("Agnieszka Wójcik", Skill.SHOP, _MORNING, "h"),
    ("Дмитро Савчук", Skill.SHOP_TAXI, _MORNING, ""),
    ("Євгенія Паламарчук", Skill.SHOP_TAXI, _MORNING, ""),
    ("Петро Гончар", Skill.TAXI, _MORNING, "s"),
    ("Людмила Кириленко", Skill.TAXI, _MORNING, ""),
    ("Роман Дорошенко", Skill.COLLECT, _MORNING, ""),
    ("Анна-Марія Левицька", Skill.COLLECT, _MORNING, ""),
    ("Олексій Чорновол", Skill.COLLECT, _MORNING, "l"),
    ("Оксана Біла", Skill.COLLECT, _MORNING, ""),
    ("Софія Захарченко", Skill.SENIOR, _EVENING, "s"),
    ("Владислав Онищенко", Skill.BANK, _EVENING, ""),
    ("Катерина Мороз", Skill.BANK, _EVENING, "h"),
    ("Ігор Яремчук", Skill.EXPERT, _EVENING, ""),
    ("Emine Dzhaparova", Skill.BANK_SHOP, _EVENING, ""),
    ("Світлана Поліщук", Skill.BANK_SHOP, _EVENING, "l"),
    ("Назар Вовк", Skill.BANK_SHOP, _EVENING, "h"),
    ("Юлія Щербак", Skill.SHOP_TAXI, _EVENING, ""),
    ("Артем Кузьменко", Skill.SHOP, _EVENING, "h"),
    ("Христина Ільків", Skill.SHOP_TAXI, _EVENING, ""),
    ("Михайло Зінченко", Skill.TAXI, _EVENING, ""),
    ("Дарія Федорів", Skill.COLLECT, _EVENING, ""),
    ("Станіслав Ющенко", Skill.COLLECT, _EVENING, ""),
    ("Mária Horváth", Skill.COLLECT, _EVENING, ""),
    ("Степан Нечипоренко", Skill.TAXI, _NIGHT, ""),
    ("Тетяна Гайдук", Skill.TAXI, _NIGHT, ""),
)

WORKERS: Final = tuple(
    Worker(f"PJSIP/{101 + number}", name, skill, shift, static="s" in marks, home="h" in marks, slow="l" in marks)
    for number, (name, skill, shift, marks) in enumerate(_PEOPLE)
)

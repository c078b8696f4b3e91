"""The documents, held against the code: what exists is documented, what is documented exists.

Owns the check of docs/metrics.md (`make golden` writes it, from `metrics_page`). Refuses judging prose.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import textwrap
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.core import TyperGroup

from monitor import cli, config
from monitor.config import agents_file, finances, model, mqtt_model, report_model, tariffs, weather_model
from monitor.config.hours import parse_hours
from monitor.config.table import LATER, Model
from monitor.config.trunk_model import Trunk
from monitor.core.formula import Formula
from monitor.outputs import limits
from monitor.outputs.family import Kind
from monitor.outputs.web import api
from monitor.plan import formats
from tests import metrics_page
from tests.conftest import Golden
from tests.metrics_page import FAMILIES
from tests.outputs import hand

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def _section(page: str, heading: str) -> str:
    """The text under a heading, up to the next heading of its rank."""
    found = re.search(rf"^(#+) {re.escape(heading)}\n(.*?)(?=^\1 |\Z)", _read(page), re.MULTILINE | re.DOTALL)
    assert found is not None, f"{page} has no section {heading!r}"
    return found[2]


# --- metrics ----------------------------------------------------------------------------------------------------------


@pytest.mark.golden
def test_the_metrics_page_is_written_from_the_code(golden: Golden) -> None:
    shape = re.search(r"^    \{.*?^(?=\S)", api.__doc__ or "", re.MULTILINE | re.DOTALL)
    assert shape is not None
    golden(ROOT / "docs" / "metrics.md", metrics_page.page(textwrap.dedent(shape[0]).strip()))


def test_every_kind_of_anomaly_is_explained() -> None:
    assert set(metrics_page.documented_anomalies()) == metrics_page.anomaly_kinds(ROOT / "monitor" / "core")


def test_every_figure_that_has_a_limit_is_explained() -> None:
    agreed = hand.contract()
    found = [*limits.of_site(agreed), *(one for project in agreed.projects for one in limits.of_project(project))]
    found += [one for group in agreed.groups for one in limits.of_group(group)]
    assert metrics_page.documented_figures() == {one.figure for one in found}


def test_every_detector_is_explained() -> None:
    assert set(re.findall(r'detector="(\w+)"', _read("tests/outputs/golden/floor.prom"))) == metrics_page.documented_detectors()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_names_no_metric_that_is_not_served(page: Path) -> None:
    served = {family.name for family in FAMILIES}
    served |= {f"{family.name}{suffix}" for family in FAMILIES if family.kind is Kind.HISTOGRAM for suffix in ("_bucket", "_sum", "_count")}
    named = set(re.findall(r"\b(?:callcenter|floorwatch)_[a-z_]*[a-z]\b", page.read_text(encoding="utf-8")))
    assert named - served == set()


def test_the_queries_one_is_told_to_try_are_queries(tmp_path: Path) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not on this machine: make servers fetches it")
    rules = "groups:\n- name: readme\n  rules:\n"
    for number, query in enumerate(_block("promql").splitlines()):
        rules += f"  - record: readme:query:{number}\n    expr: |\n      {query}\n"
    (tmp_path / "rules.yml").write_text(rules, encoding="utf-8")
    done = subprocess.run([promtool, "check", "rules", str(tmp_path / "rules.yml")], check=False, capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stdout + done.stderr


# --- the desk ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_target_a_page_names_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", _read("Makefile"), re.MULTILINE))
    named = set(re.findall(r"(?:`|^\s*|\$ |# )make ([a-z-]+)\b(?=[`\s])", page.read_text(encoding="utf-8"), re.MULTILINE))
    assert named - targets == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"`[^`\n]+`(?!\])", "", page.read_text(encoding="utf-8"))  # code is no link, `[general](+)` for one
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)[^)]*\)", text)
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_section_finds_its_heading(page: Path) -> None:
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#([^)]+)\)", page.read_text(encoding="utf-8")):
        other = page.parent / target if target else page
        headings = re.findall(r"^#+ (.+)$", other.read_text(encoding="utf-8"), re.MULTILINE)
        assert anchor in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_file_one_is_told_to_open_exists() -> None:
    rows = re.findall(r"^\| [^|]+ \| ((?:`[^`]+`(?:, )?)+) \|$", _section("README.md", "I want to know …"), re.MULTILINE)
    assert len(rows) >= 10
    paths = [path for row in rows for path in re.findall(r"`([^`]+)`", row)]
    assert [path for path in paths if not (ROOT / path).exists()] == []


def _names(requirements: list[Any]) -> set[str]:
    return {re.split(r"[\[<>=]", each)[0] for each in requirements if isinstance(each, str)}


@pytest.mark.parametrize(
    ("table", "declared"),
    [
        (0, _names(PROJECT["project"]["dependencies"])),
        (1, _names(PROJECT["dependency-groups"]["build"] + PROJECT["dependency-groups"]["dev"])),
    ],
    ids=["run", "work"],
)
def test_every_dependency_has_a_reason(table: int, declared: set[str]) -> None:
    text = _section("CONTRIBUTING.md", "Dependencies").split("For work on it:")[table]
    cells = re.findall(r"^\| ([^|]+) \|", text, re.MULTILINE)
    assert {name for cell in cells for name in cell.split(", ")} - {"Package"} == declared


# --- commands and addresses -------------------------------------------------------------------------------------------


def test_every_command_and_option_is_documented() -> None:
    section = _section("README.md", "Commands and addresses")
    group = typer.main.get_command(cli.commands)
    assert isinstance(group, TyperGroup)
    documented = set(re.findall(r"`floorwatch ([a-z]+) ", section))
    assert documented == set(group.commands)
    groups = [(command.name or "", command) for command in group.commands.values() if isinstance(command, TyperGroup)]
    for name, of in groups:
        assert set(re.findall(rf"`floorwatch {name} ([a-z-]+) ", section)) == set(of.commands)
        groups += [(f"{name} {within.name}", within) for within in of.commands.values() if isinstance(within, TyperGroup)]
    for command in (group, *group.commands.values(), *(each for _, of in groups for each in of.commands.values())):
        options = {option for parameter in command.params for option in parameter.opts if option.startswith("-")}
        assert [option for option in sorted(options) if not re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", section)] == []


def test_every_address_is_documented() -> None:
    documented = set(re.findall(r"^\| `(/[^`?]*)` \|", _section("README.md", "Commands and addresses"), re.MULTILINE))
    served = set(re.findall(r'add_get\("(/[^"]*)"', _read("monitor/outputs/web/server.py"))) | {"/"}  # the page, of several files
    assert documented == served


# --- configuration ----------------------------------------------------------------------------------------------------

TABLES: dict[str, list[type[Model]]] = {  # heading -> the tables under it, in order
    "`[site]`": [model.Site],
    "`[[pbx]]`": [model.Pbx],
    "`[[group]]`": [model.Group, model.Pause],
    "`[agents]`": [model.Agents],
    "`[[project]]`": [model.Project, model.ServiceLevel],
    "`[[project.tariff]]`": [
        tariffs.Tariff,
        tariffs.Tier,
        tariffs.PerCall,
        tariffs.PerAgentHour,
        tariffs.PerFteMonth,
        tariffs.FlatMonth,
        tariffs.Minimum,
        tariffs.SlAdjust,
        tariffs.Band,
    ],
    "`[money]`": [finances.Finances, finances.Night, finances.Overtime, finances.Downtime, finances.ExchangeRate],
    "`[[trunk]]`": [Trunk],
    "`[plan]`": [model.PlanFile, model.PlanFormat],
    "`[alerts]`": [model.Alerts],
    "`[web]`": [model.Web],
    "`[[token]]`": [model.Token],
    "`[[incident]]`": [model.Incident],
    "`[[signal]]`": [weather_model.Signal],
    "`[regions]`": [weather_model.Regions],
    "`[[report]]`": [report_model.Report],
    "`[mail]`": [report_model.Mail],
    "`[mqtt]`": [mqtt_model.Mqtt],
    "`[log]`": [model.Log],
    "`[state]`": [model.State],
    "`[store]`": [model.Store],
}
OF_MONEY = {*TABLES["`[[project.tariff]]`"], *TABLES["`[money]`"]} - {finances.Finances}  # a price that is left out is none


def _toml(value: object) -> str:
    """A default as one writes it in the file."""
    match value:
        case model.PlanFormat():
            return _toml(value.preset)
        case Model():
            return "{ " + ", ".join(f"{field.alias or name} = {_toml(getattr(value, name))}" for name, field in type(value).model_fields.items()) + " }"
        case bool():
            return str(value).lower()
        case None:
            return '""'
        case str():
            return f'"{value}"'
        case tuple():
            return f"[{', '.join(map(_toml, value))}]"
        case dict():
            return "{}"
        case _:
            return str(value)


def _documented(heading: str) -> list[list[tuple[str, str, str]]]:
    """The tables under a heading: key, default and meaning of each row."""
    tables = _section("docs/configuration.md", heading).split("| key | default | meaning |")[1:]
    return [
        [(key, default.strip(" `"), meaning) for key, default, meaning in re.findall(r"^\| `(\w+)` \|(.*?)\| (.+) \|$", table.split("\n\n")[0], re.MULTILINE)]
        for table in tables
    ]


@pytest.mark.parametrize("heading", TABLES)
def test_every_key_is_documented_with_its_default(heading: str) -> None:
    documented = _documented(heading)
    assert len(documented) == len(TABLES[heading])
    for table, described in zip(documented, TABLES[heading], strict=True):
        section_is_later = LATER in model.File.model_fields[heading.strip("`[]").partition(".")[0]].metadata
        expected = []
        for name, field in described.model_fields.items():
            later = section_is_later or LATER in field.metadata
            without = field.is_required() or described is model.Pause or (field.get_default() is None and described in OF_MONEY)
            expected.append((field.alias or name, "" if without else _toml(field.get_default()), later))
        assert [(key, default, meaning.startswith("*later*")) for key, default, meaning in table] == expected


def test_every_section_is_documented() -> None:
    text = _read("docs/configuration.md")
    for name, field in model.File.model_fields.items():
        heading = f"[[{name}]]" if isinstance(field.get_default(), tuple) else f"[{name}]"
        assert f"`{heading}`" in text
        assert (f"`{heading}`" in TABLES) or LATER in field.metadata


@pytest.mark.parametrize("formula", list(Formula))
def test_every_service_level_formula_is_documented(formula: Formula) -> None:
    assert f"`{formula}` " in _section("docs/configuration.md", "`[[project]]`")


def test_the_plan_columns_are_the_reader_s() -> None:
    columns = ",".join(formats.REQUIRED) + "[," + ",".join(formats.OPTIONAL) + "]"
    assert f"`{columns}`" in _section("docs/configuration.md", "`[plan]`")

    documented = re.findall(r"^\| `(\w+)` \| ", _section("docs/configuration.md", "`[plan]`").split("| column |")[1], re.MULTILINE)
    assert tuple(documented) == formats.REQUIRED + formats.OPTIONAL


def test_the_agents_file_of_the_page_is_good(tmp_path: Path) -> None:
    (text,) = re.findall(r"^```csv\n(.*?)^```", _section("docs/configuration.md", "`[agents]`"), re.MULTILINE | re.DOTALL)
    found = agents_file.read_people(text, "agents.csv", ["floor"], ["pbx1", "pbx2"], date(2026, 11, 24))
    assert found.flaws == ()
    assert [person.interfaces for person in found.people] == [("PJSIP/101", "Local/101@agents/n"), ("pbx1:PJSIP/102", "pbx2:PJSIP/7")]


def test_every_example_of_opening_hours_is_one() -> None:
    line = next(line for line in _section("docs/configuration.md", "`[[project]]`").split("\n\n") if line.startswith("`hours`"))
    examples = re.findall(r'`"([^"]+)"`', line)
    assert len(examples) == 2
    assert all(parse_hours(example).week for example in examples)


def _block(language: str, number: int = 0) -> str:
    text = re.findall(rf"^```{language}\n(.*?)^```", _read("README.md"), re.MULTILINE | re.DOTALL)[number]
    return str(text)


def test_the_readme_s_configuration_and_plan_are_good(tmp_path: Path) -> None:
    secret, plan = tmp_path / "secret", tmp_path / "plan.csv"
    secret.write_text("x\n", encoding="utf-8")
    secret.chmod(0o600)
    plan.write_text(_block("csv"), encoding="utf-8")
    text = _block("toml").replace("/etc/floorwatch/ami-secret", str(secret)).replace("/etc/floorwatch/plan.csv", str(plan))
    (tmp_path / "floorwatch.toml").write_text(text, encoding="utf-8")
    loaded = config.load(tmp_path / "floorwatch.toml", {})
    assert loaded.notes == ()
    assert [project.name for project in loaded.contract.projects] == ["bank-line"]
    rows = formats.read_floorwatch(plan.read_text(encoding="utf-8"), loaded.contract)
    assert [row.project for row in rows] == ["bank-line", "bank-line"]


def test_the_readme_s_calls_out_are_good(tmp_path: Path) -> None:
    text = _block("toml").partition("[plan]")[0].replace('secret_file = "/etc/floorwatch/ami-secret"', 'secret_env = "SECRET"')
    (tmp_path / "floorwatch.toml").write_text(text + _block("toml", 2), encoding="utf-8")
    *_, collect = config.load(tmp_path / "floorwatch.toml", {"SECRET": "x"}).contract.projects
    assert (collect.outbound.account_codes, [queue.name for queue in collect.queues]) == (("collect",), ["sales"])


def test_the_readme_s_weather_is_good(tmp_path: Path) -> None:
    (tmp_path / "regions.csv").write_text("prefix,region\n044,Kyiv\n032,Lviv\n", encoding="utf-8")
    text = _block("toml").partition("[plan]")[0].replace('secret_file = "/etc/floorwatch/ami-secret"', 'secret_env = "SECRET"')
    (tmp_path / "floorwatch.toml").write_text(text + _block("toml", 3), encoding="utf-8")
    agreed = config.load(tmp_path / "floorwatch.toml", {"SECRET": "x"}).contract
    (storm,) = agreed.signals
    assert {agreed.regions.of(agreed.projects[0], number) for number in ("+380441234567", "0321234567")} == set(storm.regions)


def test_the_readme_s_tariff_is_good(tmp_path: Path) -> None:
    (tmp_path / "signed.csv").write_text(_block("csv"), encoding="utf-8")
    text = _block("toml").partition("[plan]")[0].replace('secret_file = "/etc/floorwatch/ami-secret"', 'secret_env = "SECRET"')
    whole = text + _block("toml", 1) + '[plan]\ncontract_file = "signed.csv"\n'
    (tmp_path / "floorwatch.toml").write_text(whole, encoding="utf-8")
    (bank,) = config.load(tmp_path / "floorwatch.toml", {"SECRET": "x"}).contract.projects
    assert [str(tariff.per_minute and tariff.per_minute.price) for tariff in bank.tariffs] == ["4.50"]
    assert len(bank.signed) == 1

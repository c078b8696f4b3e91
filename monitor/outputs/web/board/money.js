// What is earned, for whoever may see it: a row per project, a sentence per group and client. Nothing of it is computed here.
//
// Owns how amounts are written. Refuses to guess: what is null is said to be unknown, never 0. Next: `board.js` shows it where the floor has money.

import { WORDS } from "./words.js";
import { dress, make, put } from "./rows.js";

export const MONEY = [
  { name: "project" }, { name: "takings", kind: "number" }, { name: "billed", kind: "number" }, { name: "left", kind: "number" },
  { name: "guarantee", kind: "number" }, { name: "knownDays" },
];
const NBSP = "\u00a0";
const CENTS_BELOW = 100; // of larger amounts nobody reads them
const YEAR_DAYS = 365;

const formats = new Map();
function number(value, digits) {
  const key = `${WORDS.locale} ${digits}`;
  if (!formats.has(key)) formats.set(key, new Intl.NumberFormat(WORDS.locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }));
  return formats.get(key).format(Math.abs(value));
}

// 12,300 UAH, −98.40 UAH
export function amount(text, currency) {
  const value = Number(text);
  const written = number(value, Math.abs(value) < CENTS_BELOW && value !== 0 ? 2 : 0);
  return `${value < 0 ? "−" : ""}${written}${NBSP}${currency}`;
}

const share = (ratio, digits = 0) => `${number(ratio * 100, digits)}${NBSP}%`;
const loses = (text) => text !== null && Number(text) < 0;

// What several currencies bring is not one sum.
const each = (earned, say) => earned.map(say).filter(Boolean).join("\n");

function provisional(one) {
  const parts = [];
  if (one.adjustment !== null && Number(one.adjustment) !== 0) parts.push(WORDS.adjustment(amount(one.adjustment, one.currency)));
  if (one.guarantee !== null && Number(one.guarantee) !== 0) parts.push(WORDS.guaranteed(amount(one.guarantee, one.currency)));
  return parts.join(", ");
}

function shortfall(row, earned, guaranteed) {
  if (!guaranteed) return row.set("guarantee", WORDS.none, "", "quiet");
  if (earned.some((one) => one.guarantee === null)) return row.set("guarantee", WORDS.unknown, "", "quiet");
  const short = earned.filter((one) => Number(one.guarantee) > 0);
  if (!short.length) return row.set("guarantee", WORDS.kept, "", "quiet");
  const calls = (one) => (one.shortfall_calls === null || Number(one.shortfall_calls) === 0 ? "" : WORDS.callsShort(number(Number(one.shortfall_calls), 0)));
  return row.set("guarantee", each(short, (one) => amount(one.guarantee, one.currency)), each(short, calls), "said");
}

export function fillMoney(row, project, currency) {
  const { day, month } = project.money.windows;
  row.set("project", project.project, project.client);
  if (!project.money.tariff) {
    for (const name of ["takings", "billed", "left", "guarantee"]) row.set(name, name === "takings" ? WORDS.noTariff : WORDS.none, "", "quiet");
    return row.set("knownDays", WORDS.none, "", "quiet");
  }
  const accrued = (window) => each(window.earned, (one) => amount(one.accrued, one.currency)) || WORDS.unknown;
  row.set("takings", accrued(day), day.margin === null ? WORDS.leftUnknown : WORDS.leftOf(amount(day.margin, currency)), loses(day.margin) ? "loss" : "");
  row.set("billed", accrued(month), each(month.earned, provisional));
  const { known_days: known, past_days: past } = project.money;
  const forecast = known > 0 ? project.money.margin_forecast : null; // what a first day promises is no promise
  const ahead = forecast === null ? "" : WORDS.willBe(amount(forecast, currency));
  const tone = loses(month.margin) ? "bad" : loses(forecast) ? "warned" : "";
  if (month.margin === null) row.set("left", WORDS.unknown, ahead, "quiet");
  else row.set("left", amount(month.margin, currency), ahead, tone);
  shortfall(row, month.earned, project.money.guaranteed);
  const partly = known < past;
  return row.set("knownDays", past === 0 ? WORDS.todayOnly : partly ? WORDS.daysOf(known, past) : WORDS.allDays(past), "", partly ? "warned" : "quiet");
}

// --- sentences ------------------------------------------------------------------------------------------------------------------------

function ofGroup(group) {
  const { occupancy_ratio: now, breakeven_occupancy_ratio: needed } = group.money;
  if (needed === null || now === null) return { key: `group ${group.group}`, text: WORDS.breakEvenUnknown(group.group), tone: "quiet" };
  const close = Math.round(now * 100) === Math.round(needed * 100);
  const [is, must] = [share(now, close ? 1 : 0), share(needed, close ? 1 : 0)];
  if (needed === 0) return { key: `group ${group.group}`, text: WORDS.breakEvenAlways(group.group, is), tone: "" };
  if (needed > 1) return { key: `group ${group.group}`, text: WORDS.breakEvenNever(group.group, is), tone: "bad" };
  return { key: `group ${group.group}`, text: WORDS.breakEven(group.group, must, is), tone: now < needed ? "bad" : "" };
}

const lasting = (days) => (days === null ? "" : days > YEAR_DAYS ? WORDS.lastsLong : WORDS.lasts(Math.floor(days)));

function ofClient(one, currency) {
  const { without } = one.windows.month;
  const text = without === null ? WORDS.withoutUnknown(one.client) : WORDS.without(one.client, amount(without, currency)) + lasting(one.cash_days);
  return { key: `client ${one.client}`, text, tone: without === null ? "quiet" : loses(without) ? "bad" : "" };
}

function ofSite(money) {
  const { day, month } = money.windows;
  const left = (window) => (window === null || window.margin === null ? WORDS.unknown : amount(window.margin, money.currency));
  const tone = month !== null && loses(month.margin) ? "bad" : "";
  return { key: "site", text: WORDS.siteMoney(left(day), left(month)) + lasting(money.cash_days), tone };
}

export function facts(floor) {
  const { money } = floor;
  const groups = floor.groups.filter((group) => group.money !== null).map(ofGroup);
  return [ofSite(money), ...groups, ...money.clients.map((one) => ofClient(one, money.currency))];
}

export const makeFact = () => ({ root: make("li") });

export function fillFact(item, fact) {
  dress(item.root, fact.tone);
  put(item.root, fact.text);
}

// The words that are shown now: one table per language, with the same keys. The floor says which (`[site] language`).

import { ENGLISH } from "./english.js";
import { UKRAINIAN } from "./ukrainian.js";

const TABLES = { en: ENGLISH, uk: UKRAINIAN };

export let WORDS = ENGLISH; // until the first data: whoever imports it sees the change
export let language = "en";

export function speak(wanted) {
  language = wanted in TABLES ? wanted : "en";
  WORDS = TABLES[language];
}

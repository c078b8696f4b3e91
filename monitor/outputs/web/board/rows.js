// Elements that are changed in place: nothing flickers, nothing grows, and what a stranger is called stays text.
//
// Owns tables, their rows, and things kept in order by key. Refuses to know what they show. Next: `board.js`.

import { WORDS } from "./words.js";

export function put(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

export function dress(target, name) {
  if (target.className !== name) target.className = name;
}

export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// A table's row of cells with a main text and a note. Roles are written out: CSS that lays a row out anew takes them away in some browsers.
export class Row {
  constructor(columns) {
    this.cells = new Map();
    this.root = make("tr", { role: "row" });
    for (const column of columns) {
      const [main, note] = [make("span", { class: "main" }), make("span", { class: "note" })];
      const head = column === columns[0];
      const cell = make(head ? "th" : "td", { role: head ? "rowheader" : "cell", "data-label": WORDS.head[column.label ?? column.name] }, main, note);
      if (head) cell.setAttribute("scope", "row");
      const base = `${column.name} ${column.kind ?? ""}`.trim();
      this.cells.set(column.name, { cell, main, note, base });
      this.root.append(cell);
    }
  }

  set(name, main, note = "", tone = "", title = "") {
    const held = this.cells.get(name);
    put(held.main, main);
    put(held.note, note);
    dress(held.cell, tone ? `${held.base} ${tone}` : held.base);
    if (held.cell.title !== title) held.cell.title = title;
  }
}

// Things shown in order inside `parent`, kept by key.
export class Kept {
  constructor(parent) {
    this.parent = parent;
    this.held = new Map();
  }

  show(items, key, create, fill) {
    const keys = new Set();
    let place = this.parent.firstElementChild;
    for (const item of items) {
      const name = key(item);
      keys.add(name);
      if (!this.held.has(name)) this.held.set(name, create(item));
      const one = this.held.get(name);
      fill(one, item);
      if (place !== null && place !== one.root && place.nextElementSibling === one.root) {
        this.parent.append(place); // it has gone further down or away: the rest need not move
        place = one.root;
      }
      if (place === one.root) place = place.nextElementSibling;
      else this.parent.insertBefore(one.root, place);
    }
    for (const [name, one] of this.held) {
      if (!keys.has(name)) {
        one.root.remove();
        this.held.delete(name);
      }
    }
  }
}

function heading(column, more = {}) {
  const head = make("th", { scope: "col", role: "columnheader", class: `${column.name} ${column.kind ?? ""}`.trim(), ...more });
  head.textContent = WORDS.head[column.name];
  return head;
}

// thead and an empty tbody; columns that share an `over` stand under one heading.
export function furnish(table, columns) {
  const [upper, lower] = [make("tr", { role: "row" }), make("tr", { role: "row" })];
  const shared = columns.some((column) => column.over);
  for (const column of columns) {
    if (column.over && column.over !== columns[columns.indexOf(column) - 1]?.over) {
      const width = columns.filter((other) => other.over === column.over).length;
      upper.append(heading({ name: column.over }, { scope: "colgroup", colspan: String(width) }));
    }
    if (column.over) lower.append(heading(column));
    else upper.append(heading(column, shared ? { rowspan: "2" } : {}));
  }
  const [head, body] = [make("thead", { role: "rowgroup" }, upper), make("tbody", { role: "rowgroup" })];
  if (shared) head.append(lower);
  table.setAttribute("role", "table");
  table.append(head, body);
  return body;
}

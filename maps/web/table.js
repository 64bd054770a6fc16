/* The table in step with the map: what is on show, in the order asked for, by pointer and by keyboard. */
Siting.table = function (app) {
  "use strict";
  const { data } = app, core = Siting.core, dom = Siting.dom, el = dom.el, t = dom.t;
  const VIEWS = ["sites", "candidates", "excluded"], STEP = 50;
  const LAST = { sites: "share", candidates: "district", excluded: "rule" };
  const state = { view: "sites", sort: "rank", descending: false, limit: STEP };

  function current() { return app.facilities[app.state.facility]; }

  function rowsOf(view) {
    const entry = current(), table = entry.facility.candidates;
    if (view === "sites") return entry.siteRows();
    return table.id.map((_, row) => row).filter((row) => Boolean(table.excluded[row]) === (view === "excluded") && entry.filter.shows(row));
  }

  function views() {
    dom.refill(dom.byId("views"), VIEWS.map(function (view) {
      return el("button", { type: "button", "aria-pressed": String(view === state.view), on: { click: () => setView(view) } },
        t("view_" + view), " ", el("span", { class: "count" }, rowsOf(view).length));
    }));
  }

  function setView(view) {
    Object.assign(state, { view, sort: "rank", descending: false, limit: STEP });
    update();
  }

  function value(key, row) {
    const entry = current(), columns = entry.facility.candidates, place = entry.place(row);
    if (key === "score") return entry.live.score(row);
    if (key === "rank") return entry.live.rank(row) || Infinity;
    if (key === "name") return dom.name(columns, row);
    if (key === "share") return place === undefined ? null : entry.facility.sites.demand_share[place];
    if (key === "district") return Siting.cards.district(app, columns.district[row]);
    return Siting.cards.failed(entry.facility, row).map((rule) => dom.pick(rule.label)).join(", ");
  }

  /* The rows of the view in the order of the table. */
  function rows() {
    const found = rowsOf(state.view), by = core.order(found.map((row) => value(state.sort, row)), state.descending);
    return by.map((at) => found[at]);
  }

  function header(key, words, numeric) {
    const on = state.sort === key, arrow = on ? (state.descending ? " ▾" : " ▴") : "";
    const sorted = on ? (state.descending ? "descending" : "ascending") : null;
    const mark = el("span", { "aria-hidden": "true" }, arrow);
    const button = el("button", { type: "button", class: "sort", on: { click: () => sortBy(key) } }, words, mark);
    return el("th", { scope: "col", class: numeric ? "n" : null, "aria-sort": sorted }, button);
  }

  function sortBy(key) {
    state.descending = state.sort === key ? !state.descending : key === "score" || key === "share";
    state.sort = key;
    update();
    const again = dom.byId("table").querySelector("th[aria-sort] button");
    if (again) again.focus();
  }

  /* In the list of sites the number on the map, else the rank. */
  function number(entry, row) {
    const place = entry.place(row), rank = entry.live.rank(row);
    if (state.view !== "sites") return rank === null ? "–" : rank;
    return place === undefined ? "+" : place + 1;
  }

  /* What the reader's changes did to a candidate, in words and with the steps it moved. */
  function marks(entry, row) {
    const live = entry.live, rose = live.rose(row), found = [];
    if (live.hasWeights() && live.rank(row) !== null) {
      const steps = rose === 0 ? "=" : (rose > 0 ? "▲" : "▼") + Math.abs(rose);
      found.push(el("span", { class: "move" + (rose > 0 ? " up" : rose < 0 ? " down" : "") }, t("now_rank", { rank: live.rank(row), steps })));
    }
    const word = live.isPlanned(row) ? (live.isOpen(row) ? (state.view === "sites" ? null : "mark_plan") : "mark_removed")
      : live.isOpen(row) ? "mark_added" : live.hasWeights() && live.isTop(row) ? "mark_top" : null;
    if (word) found.push(el("span", { class: "tag " + word }, t(word, { n: live.planned.length })));
    return found.length ? el("span", { class: "marks" }, found) : null;
  }

  function line(row) {
    const entry = current(), columns = entry.facility.candidates, last = LAST[state.view], shown = value(last, row);
    const gone = entry.live.isPlanned(row) && !entry.live.isOpen(row);
    return el("tr", { "data-row": String(row), class: gone ? "gone" : null, on: { click: () => app.select(app.state.facility, row, { move: true }) } },
      el("td", { class: "n" }, number(entry, row)),
      el("td", {}, el("button", { type: "button", class: "link" }, dom.name(columns, row)),
        el("small", { class: "muted" }, columns.id[row] + " · " + dom.code("type_", columns.type[row])), marks(entry, row)),
      el("td", { class: "n" }, Siting.cards.chip(data.style, entry.live.score(row))),
      el("td", { class: last === "share" ? "n" : last }, last === "share" ? dom.percent(shown) : shown));
  }

  function update() {
    const active = document.activeElement, held = active && active.closest("#table tbody tr[data-row]");
    fill();
    const again = held && nodeOf(held.dataset.row);
    if (again) again.querySelector("button").focus();
  }

  function fill() {
    views();
    const all = rows(), last = LAST[state.view], left = all.length - state.limit;
    const heads = [header("rank", "#", true), header("name", t("name")), header("score", t("score"), true)]
      .concat(header(last, t("column_" + last), last === "share"));
    const more = left > 0 ? el("tr", {}, el("td", { colspan: "4" },
      el("button", { type: "button", class: "link", on: { click: () => extend(all.length) } }, t("show_more", { n: dom.plain(left) })))) : null;
    dom.refill(dom.byId("table"),
      el("caption", { class: "hidden" }, t("view_" + state.view)),
      el("thead", {}, el("tr", {}, heads)),
      el("tbody", {}, all.length ? all.slice(0, state.limit).map(line) : el("tr", {}, el("td", { colspan: "4", class: "muted" }, t("none"))), more));
    markSelected(false);
  }

  function extend(limit) {
    state.limit = limit;
    update();
  }

  function nodeOf(row) { return dom.byId("table").querySelector("tr[data-row='" + row + "']"); }

  function markSelected(scroll) {
    const chosen = app.state.selected;
    dom.byId("table").querySelectorAll("tr[aria-current]").forEach((node) => node.removeAttribute("aria-current"));
    if (!chosen || chosen.facility !== app.state.facility) return;
    const node = nodeOf(chosen.row);
    if (!node) return;
    node.setAttribute("aria-current", "true");
    if (scroll) node.scrollIntoView({ block: "nearest" });
  }

  /* Show the selected row, in whichever list holds it. */
  function follow() {
    const chosen = app.state.selected;
    if (chosen && rowsOf(state.view).indexOf(chosen.row) < 0) {
      setView(VIEWS.find((view) => rowsOf(view).indexOf(chosen.row) >= 0) || state.view);
    }
    if (chosen && !nodeOf(chosen.row) && rows().indexOf(chosen.row) >= 0) extend(rows().indexOf(chosen.row) + STEP);
    markSelected(true);
  }

  /* Arrow keys go from row to row. */
  dom.byId("table").addEventListener("keydown", function (event) {
    const by = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    const row = by && event.target.closest("tbody tr");
    if (!row) return;
    event.preventDefault();
    const next = row[by] && row[by].querySelector("button");
    if (next) next.focus();
  });

  return { update, follow, setView, rows, view: () => state.view };
};

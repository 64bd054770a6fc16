/* The side panel: facility types as tabs, the figures that matter, the table in step with the map. */
Siting.panel = function (app) {
  "use strict";
  const { data } = app, core = Siting.core, dom = Siting.dom, el = dom.el, t = dom.t;
  const VIEWS = ["sites", "candidates", "excluded"];
  const state = { view: "sites", sort: "rank", descending: false };

  function current() { return app.facilities[app.state.facility]; }

  function tabs() {
    dom.refill(dom.byId("tabs"), app.facilities.map(function (entry, index) {
      const on = index === app.state.facility;
      return el("button", { type: "button", role: "tab", id: "tab-" + index, "aria-selected": String(on), "aria-controls": "facility",
        tabindex: on ? "0" : "-1", on: { click: () => app.show(index), keydown: (event) => step(event, index) } },
      el("span", { class: "swatch pin-" + (index % 3), style: { "--pin": entry.facility.colour }, "aria-hidden": "true" }),
      dom.pick(entry.facility.label));
    }));
    dom.byId("facility").setAttribute("aria-labelledby", "tab-" + app.state.facility);
  }

  function step(event, index) {
    const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!move) return;
    event.preventDefault();
    const next = (index + move + app.facilities.length) % app.facilities.length;
    app.show(next);
    dom.byId("tab-" + next).focus();
  }

  function sum(values) {
    return values.reduce((total, value) => total + (value || 0), 0);
  }

  function known(values) {
    return values.length && values.every((value) => value !== null) ? sum(values) : null;
  }

  function figure(label, value, note) {
    return el("div", { class: "figure" }, el("dt", {}, label), el("dd", {}, el("b", {}, value), note ? el("small", {}, note) : null));
  }

  function figures() {
    const facility = current().facility, demand = facility.demand, sites = facility.sites, plan = facility.plan;
    const all = sum(demand.demand), met = sum(demand.demand.map((value, i) => demand.covered[i] ? value : 0));
    const open = facility.candidates.excluded.filter((flag) => !flag).length;
    const cost = known(sites.cost_mcny), power = known(sites.power_mva);
    const share = all > 0 ? met / all : null, demanded = dom.withUnit(all, facility.demand_unit);
    // Covering models count demand, which stands above already.
    const benefit = plan && plan.unit !== facility.demand_unit ? dom.withUnit(plan.objective, plan.unit) : null;
    dom.refill(dom.byId("figures"),
      figure(t("sites"), dom.plain(sites.candidate.length), t("of_candidates", { n: dom.plain(open) })),
      figure(t("demand_covered"), dom.percent(share), t("met_of_all", { met: dom.plain(met), all: demanded })),
      benefit === null ? null : figure(dom.code("objective_", plan.model), benefit),
      cost === null ? null : figure(t("cost"), Siting.cards.money(cost)),
      power === null ? null : figure(t("power"), dom.withUnit(power, "MVA")));
    dom.refill(dom.byId("meter"), el("i", { style: { width: 100 * (share || 0) + "%", background: facility.colour } }));
    dom.refill(dom.byId("outcome"), plan ? outcome(facility, plan) : null);
  }

  /* The name of a number ends in its unit. */
  function fact(key, value) {
    if (/_share$/.test(key)) return dom.percent(value);
    return /_mcny$/.test(key) ? Siting.cards.money(value) : dom.plain(value);
  }

  /* How good the plan is known to be, in plain words, then the numbers for those who want them. */
  function outcome(facility, plan) {
    const proven = plan.status === "optimal";
    const gap = dom.percent(plan.gap, plan.gap > 0 && plan.gap < 0.0005 ? 4 : 2);
    const given = plan.facts.score_tolerance_share;
    const said = !proven ? t("time_limit", { gap }) : !(plan.gap > 1e-9) ? t("optimal")
      : given ? t("optimal_tolerance", { gap, tolerance: dom.percent(given) }) : t("optimal_within", { gap });
    const terms = t("service_line", {
      minutes: dom.plain(facility.minutes), profile: dom.pick(facility.profile), demand_case: t("case_" + facility.demand_case),
    });
    const facts = Object.keys(plan.facts).map(function (key) {
      return el("div", {}, el("dt", {}, dom.code("fact_", key)), el("dd", {}, fact(key, plan.facts[key])));
    });
    return [
      el("p", { class: "verdict " + (proven ? "good" : "warn") }, said),
      el("details", {}, el("summary", {}, t("solve_details")),
        el("p", { class: "muted" }, terms),
        el("dl", { class: "facts" },
          el("div", {}, el("dt", {}, t("model")), el("dd", {}, dom.code("model_", plan.model))),
          el("div", {}, el("dt", {}, t("objective")), el("dd", {}, dom.withUnit(plan.objective, plan.unit))),
          el("div", {}, el("dt", {}, t("bound")), el("dd", {}, dom.withUnit(plan.bound, plan.unit))),
          el("div", {}, el("dt", {}, t("gap")), el("dd", {}, gap)), facts)),
    ];
  }

  function rowsOf(view) {
    const facility = current().facility, table = facility.candidates;
    if (view === "sites") return facility.sites.candidate.filter((row) => row >= 0);
    return table.id.map((_, row) => row).filter((row) => Boolean(table.excluded[row]) === (view === "excluded"));
  }

  function views() {
    dom.refill(dom.byId("views"), VIEWS.map(function (view) {
      return el("button", { type: "button", "aria-pressed": String(view === state.view), on: { click: () => setView(view) } },
        t("view_" + view), " ", el("span", { class: "count" }, rowsOf(view).length));
    }));
  }

  function setView(view) {
    state.view = view;
    state.sort = "rank";
    state.descending = false;
    views();
    table();
  }

  const SHARES = { sites: "share", candidates: "district", excluded: "rule" };

  function value(key, row) {
    const entry = current(), columns = entry.facility.candidates, place = entry.place(row);
    if (key === "score") return columns.score[row];
    if (key === "rank") return columns.rank[row] === null ? Infinity : columns.rank[row];
    if (key === "name") return dom.name(columns, row);
    if (key === "share") return place === undefined ? null : entry.facility.sites.demand_share[place];
    if (key === "district") return Siting.cards.district(app, columns.district[row]);
    return Siting.cards.failed(entry.facility, row).map((rule) => dom.pick(rule.label)).join(", ");
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
    table();
    const again = dom.byId("table").querySelector("th[aria-sort] button");
    if (again) again.focus();
  }

  function table() {
    const rows = rowsOf(state.view), last = SHARES[state.view], entry = current(), columns = entry.facility.candidates;
    const by = core.order(rows.map((row) => value(state.sort, row)), state.descending);
    const body = by.map(function (at) {
      const row = rows[at], place = entry.place(row), shown = value(last, row);
      return el("tr", { "data-row": String(row), on: { click: () => app.select(app.state.facility, row, { move: true }) } },
        el("td", { class: "n" }, place === undefined ? (columns.rank[row] === null ? "–" : columns.rank[row]) : place + 1),
        el("td", {}, el("button", { type: "button", class: "link" }, dom.name(columns, row)),
          el("small", { class: "muted" }, columns.id[row] + " · " + dom.code("type_", columns.type[row]))),
        el("td", { class: "n" }, Siting.cards.chip(data.style, columns.score[row])),
        el("td", { class: last === "share" ? "n" : null }, last === "share" ? dom.percent(shown) : shown));
    });
    const heads = [header("rank", "#", true), header("name", t("name")), header("score", t("score"), true)]
      .concat(header(last, t("column_" + last), last === "share"));
    dom.refill(dom.byId("table"),
      el("caption", { class: "hidden" }, t("view_" + state.view)),
      el("thead", {}, el("tr", {}, heads)),
      el("tbody", {}, body.length ? body : el("tr", {}, el("td", { colspan: "4", class: "muted" }, t("none")))));
    markSelected(false);
  }

  function markSelected(scroll) {
    const chosen = app.state.selected, table = dom.byId("table");
    table.querySelectorAll("tr[aria-current]").forEach((node) => node.removeAttribute("aria-current"));
    if (!chosen || chosen.facility !== app.state.facility) return;
    const node = table.querySelector("tr[data-row='" + chosen.row + "']");
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
    markSelected(true);
  }

  function update() {
    document.title = dom.pick(data.study.title);
    dom.byId("title").textContent = dom.pick(data.study.title);
    dom.byId("edition").textContent = t("edition", { date: data.study.edition });
    dom.byId("notice").textContent = dom.pick(data.study.notice);
    tabs();
    figures();
    views();
    table();
  }

  return { update, follow, setView };
};

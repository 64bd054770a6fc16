/* The side panel: facility types as tabs, the figures that matter, the table in step with the map. */
Siting.panel = function (app) {
  "use strict";
  const { data } = app, dom = Siting.dom, el = dom.el, t = dom.t;
  const table = Siting.table(app), weights = Siting.weights(app), changes = Siting.changes(app), filters = Siting.filters(app);
  const phases = Siting.phases(app), exclusions = Siting.exclusions(app);

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
    const left = demand.left_out, all = sum(demand.demand) + left.demand;
    // Where capacity is short a point is served in part: what the sites serve counts, not the points met whole.
    const whole = sum(demand.demand.map((value, i) => demand.covered[i] ? value : 0)) + left.met;
    const met = Math.max(whole, sum(sites.demand_served));
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

  function update() {
    document.title = dom.pick(data.study.title);
    dom.byId("title").textContent = dom.pick(data.study.title);
    dom.byId("edition").textContent = t("edition", { date: data.study.edition });
    dom.byId("notice").textContent = dom.pick(data.study.notice);
    tabs();
    figures();
    weights.update();
    filters.update();
    refresh();
  }

  /* What a change of weights, sites or filters touches. */
  function refresh() {
    changes.update();
    phases.update();
    weights.refresh();
    exclusions.update();
    table.update();
  }

  return { update, refresh, follow: table.follow, setView: table.setView, rows: table.rows, years: phases.years };
};

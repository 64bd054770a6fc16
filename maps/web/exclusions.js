/* Which rule bars which candidate, and how much ground each rule takes. */
Siting.exclusions = function (app) {
  "use strict";
  const dom = Siting.dom, el = dom.el, t = dom.t;
  const box = dom.byId("exclusions");

  function current() { return app.facilities[app.state.facility]; }

  function count(facility, k) {
    return facility.candidates.outcome[k].reduce((sum, outcome) => sum + (outcome === "fail" ? 1 : 0), 0);
  }

  /* Only these candidates in the list and among the crosses on the map; again for all of them. */
  function pick(k) {
    const filter = current().filter;
    filter.setRule(filter.rule() === k ? -1 : k);
    app.refresh("filter");
    app.showExcluded();
  }

  function row(entry, rule, k) {
    const facility = entry.facility, ground = facility.exclusions, n = count(facility, k), on = entry.filter.rule() === k;
    const area = (value) => value === null ? "–" : dom.plain(value);
    const show = !n ? "0" : el("button", { type: "button", class: "link", "aria-pressed": String(on),
      "aria-label": t("exclusion_show", { rule: dom.pick(rule.label), n }), on: { click: () => pick(k) } }, String(n));
    return el("tr", {}, el("th", { scope: "row" }, dom.pick(rule.label), el("small", { class: "muted" }, rule.clause)),
      el("td", { class: "n" }, area(ground.alone_km2[k])), el("td", { class: "n" }, area(ground.left_km2[k])),
      el("td", { class: "n" }, show));
  }

  function update() {
    const entry = current(), rules = entry.facility.rules, isOpen = box.open, held = box.contains(document.activeElement);
    box.hidden = !rules.length;
    if (box.hidden) return;
    const picked = entry.filter.rule();
    const heads = ["rule", "exclusion_alone", "exclusion_left", "exclusion_count"];
    dom.refill(box,
      el("summary", {}, t("exclusions"), picked >= 0 ? el("span", { class: "tag mark_added" }, t("filter_on")) : null),
      el("p", { class: "muted" }, t("exclusions_line")),
      el("table", { class: "small" }, el("thead", {}, el("tr", {}, heads.map((key, at) => el("th", { scope: "col", class: at ? "n" : null }, t(key))))),
        el("tbody", {}, rules.map((rule, k) => row(entry, rule, k)))));
    box.open = isOpen;
    if (held) (box.querySelector("[aria-pressed=true]") || box.querySelector("summary")).focus();
  }

  return { update };
};

/* Each rule its own mark, so that the map says which one barred a candidate. */
Siting.exclusions.marks = function (facility) {
  "use strict";
  const SHAPES = ["circle", "diamond", "triangle", "square", "plus"];
  const table = facility.candidates;
  /* The first rule that a candidate fails; -1 for none. */
  function ruleOf(row) { return facility.rules.findIndex((_, k) => table.outcome[k][row] === "fail"); }
  const counts = facility.rules.map(() => 0);
  table.excluded.forEach(function (flag, row) {
    const k = flag ? ruleOf(row) : -1;
    if (k >= 0) counts[k] += 1;
  });
  const used = counts.map((_, k) => k).filter((k) => counts[k]);
  const shape = (k) => SHAPES[Math.max(0, used.indexOf(k)) % SHAPES.length];
  return { counts, used, shape, shapeOf: (row) => shape(ruleOf(row)) };
};

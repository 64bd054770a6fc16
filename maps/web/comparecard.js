/* What became of one site: its figures in both plans and the reasons that could be proven. */
Siting.compareCard = function (app, row) {
  "use strict";
  const dom = Siting.dom, el = dom.el, t = dom.t, facility = app.current(), sites = facility.sites;

  function both(label, show) {
    const a = show(sites.a), b = show(sites.b);
    if (a === "–" && b === "–") return null;
    return el("tr", {}, el("th", { scope: "row" }, label), el("td", {}, a), el("td", { class: a === b ? null : "differs" }, b));
  }

  const size = (side) => dom.pick([side.size_zh[row], side.size_en[row]]) || "–";
  const year = (side) => side.year[row] === null ? "–" : String(side.year[row]);
  const figures = el("table", { class: "two" },
    el("thead", {}, el("tr", {}, ["", "A", "B"].map((words) => el("th", words ? { scope: "col" } : {}, words)))),
    el("tbody", {},
      both(t("id"), (side) => side.id[row] || "–"), both(t("cmp_rank"), (side) => dom.plain(side.rank[row])),
      both(t("score"), (side) => dom.fixed(side.score[row], 3)), both(t("cmp_size"), size), both(t("cmp_year"), year),
      both(t("cmp_served") + " (" + dom.code("unit_", facility.unit) + ")", (side) => dom.plain(side.demand_served[row])),
      both(t("cost"), (side) => Siting.cards.money(side.cost_mcny[row]))));
  const away = sites.change[row] === "moved" ? el("p", {}, t("cmp_away", { km: dom.fixed(sites.distance_m[row] / 1000, 1) })) : null;
  const why = sites.why[row].map((words) => el("li", {}, dom.pick(words)));
  return el("article", { class: "card" },
    el("header", {}, el("button", { type: "button", class: "close", "aria-label": t("close"), on: { click: app.deselect } }, "×"),
      app.tag(sites.change[row]), el("h3", {}, app.siteName(row))),
    away, figures, el("h4", {}, t("cmp_why")), why.length ? el("ul", { class: "whys" }, why) : el("p", {}, t("cmp_no_reason")));
};

/* What a site is: how large, built of what, at what cost, supplied from where, and what it avoids. */
Siting.sizing = function (app, index, row) {
  "use strict";
  const dom = Siting.dom, el = dom.el, t = dom.t, fact = Siting.cards.fact;
  const entry = app.facilities[index], facility = entry.facility, sizing = facility.sizing, place = entry.place(row);
  if (place === undefined) return null;

  function amount(value, unit) {
    return unit === "million CNY" && value !== null ? Siting.cards.money(value) : dom.withUnit(value, unit);
  }

  function fold(words, content) {
    return content.length ? el("details", {}, el("summary", {}, words), el("dl", { class: "facts" }, content)) : null;
  }

  function equipment() {
    return sizing.equipment.map((item) => fact(dom.pick(item.label), amount(item.value[place], item.unit))).filter(Boolean);
  }

  /* The base case, and the low and high one where they differ. A rate or time that does not exist is said. */
  function money() {
    return sizing.money.map(function (item) {
      const value = item.base[place], ends = [item.low, item.high].map((column) => column ? column[place] : null);
      if (value === null) return /^(irr|payback_yr)$/.test(item.key) ? fact(dom.pick(item.label), t("no_such_value")) : null;
      const differ = ends.every((end) => end !== null) && ends.some((end) => end !== value);
      // The unit stands with the base case; money is put into larger units by its size, so each says its own.
      const end = /^(share|million CNY)$/.test(item.unit) ? (value) => amount(value, item.unit) : dom.plain;
      const range = differ ? el("small", { class: "muted" }, " " + t("case_range", { low: end(ends[0]), high: end(ends[1]) })) : null;
      return el("div", {}, el("dt", {}, dom.pick(item.label)), el("dd", {}, amount(value, item.unit), range));
    }).filter(Boolean);
  }

  function source(at) {
    const energy = app.data.base.energy, found = sizing.supply.source[at];
    return found >= 0 ? dom.name(energy, found) : sizing.supply.source_id[at] || t("bought_in");
  }

  function supply() {
    const table = sizing.supply;
    return table.site.map((_, at) => at).filter((at) => table.site[at] === place).map(function (at) {
      const way = table.distance_km[at] === null ? null : t("about_km", { n: dom.plain(table.distance_km[at]) });
      const cost = table.cost_cny_per_unit[at] === null ? null : t("cost_per_unit", { n: dom.plain(table.cost_cny_per_unit[at]) });
      const more = [way, cost].filter(Boolean).join(" · ");
      return el("div", {}, el("dt", {}, source(at)), el("dd", {}, amount(table.amount[at], table.unit[at]), more ? el("small", { class: "muted" }, " " + more) : null));
    });
  }

  function benefits() {
    return sizing.benefits.map((item) => fact(item.label[0], dom.withUnit(item.value[place], item.unit))).filter(Boolean);
  }

  const sites = facility.sites, year = sizing.year[place], size = dom.pick([sizing.size[0][place], sizing.size[1][place]]);
  const facts = [
    size ? fact(t("size"), size) : null,
    fact(t("site_capacity"), dom.withUnit(sizing.capacity[place], facility.demand_unit)),
    fact(t("utilisation"), dom.percent(sizing.utilisation[place], 0)),
    fact(t("opening_year"), year === null ? "–" : String(year)),
    fact(t("cost"), Siting.cards.money(sites.cost_mcny[place])),
    fact(t("power"), dom.withUnit(sites.power_mva[place], "MVA")),
    fact(t("land"), sizing.land_m2[place] ? dom.withUnit(sizing.land_m2[place], "m²") : "–"),
  ].filter(Boolean);
  return el("section", {}, facts.length ? [el("h4", {}, t("sizing")), el("dl", { class: "facts" }, facts)] : null,
    fold(t("equipment"), equipment()), fold(t("money"), money()), fold(t("supply"), supply()), fold(t("avoided"), benefits()));
};

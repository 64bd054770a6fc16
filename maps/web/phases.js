/* The plan by year: buttons for the years of the roll-out, and what is open, spent and reached by then. */
Siting.phases = function (app) {
  "use strict";
  const dom = Siting.dom, el = dom.el, t = dom.t;
  const box = dom.byId("phases"), said = dom.byId("phase-status");

  function years() {
    const found = new Set();
    app.data.facilities.forEach((facility) => facility.phases && facility.phases.year.forEach((year) => found.add(year)));
    return Array.from(found).sort((a, b) => a - b);
  }

  const known = years();

  function money(values, at) {
    const parts = values.slice(0, at + 1);
    return parts.some((value) => value === null) ? "–" : Siting.cards.money(parts.reduce((sum, value) => sum + value, 0));
  }

  function values(phases, at) {
    return {
      year: String(phases.year[at]), sites: dom.plain(phases.sites[at]),
      more: dom.plain(phases.sites[at] - (at > 0 ? phases.sites[at - 1] : 0)),
      spent: money(phases.spent_mcny, at), budget: money(phases.budget_mcny, at), share: dom.percent(phases.share[at]),
    };
  }

  /* What the study says of the year on show: of this facility type, then of all together. */
  function lines() {
    const own = app.facilities[app.state.facility].facility.phases, all = app.data.phases;
    const at = (phases) => phases ? phases.year.indexOf(app.state.year) : -1;
    const found = [];
    if (at(own) >= 0) found.push(t("phase_line", values(own, at(own))));
    if (at(all) >= 0) found.push(t("phase_all_line", values(all, at(all))));
    return found;
  }

  function button(year, words) {
    return el("button", { type: "button", "aria-pressed": String(year === app.state.year), on: { click: () => app.setYear(year) } }, words);
  }

  function update() {
    const held = box.contains(document.activeElement);
    box.hidden = !known.length;
    if (box.hidden) return;
    const told = app.state.year === null ? [] : lines();
    dom.refill(box, el("div", { class: "steps", role: "group", "aria-label": t("phases") },
      el("span", { class: "muted", "aria-hidden": "true" }, t("phases")),
      known.map((year) => button(year, String(year))), button(null, t("phase_all"))),
    told.map((words, at) => el("p", { class: at ? "muted" : null }, words)));
    if (said.textContent !== told.join(" ")) said.textContent = told.join(" ");
    if (held) box.querySelector("[aria-pressed=true]").focus();
  }

  return { update, years: known };
};

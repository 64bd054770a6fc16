/* What the reader changed of the plan, what that does to the coverage, and the way to keep it. */
Siting.changes = function (app) {
  "use strict";
  const dom = Siting.dom, el = dom.el, t = dom.t;
  const box = dom.byId("changes"), said = dom.byId("changes-status");

  function current() { return app.facilities[app.state.facility]; }

  function signed(value, words) { return (value > 0 ? "+" : value < 0 ? "−" : "±") + words(Math.abs(value)); }

  /* Coverage now, and what is more or less than in the plan. */
  function sentence(facility, cover) {
    const unit = (value) => dom.withUnit(value, facility.demand_unit), more = cover.met - cover.before;
    const points = (share) => dom.fixed(100 * share, 2);
    return t("coverage_now", {
      met: unit(cover.met), share: dom.percent(cover.share), change: signed(more, unit),
      points: signed(cover.all > 0 ? more / cover.all : 0, points),
      n: dom.plain(cover.points), more: signed(cover.points - cover.points_before, dom.plain),
    });
  }

  function site(entry, row, word) {
    const name = dom.name(entry.facility.candidates, row);
    const undo = el("button", { type: "button", class: "undo", "aria-label": t("undo_named", { name }), on: { click: () => app.toggle(row) } }, "↶");
    return el("li", {}, el("span", { class: "tag " + word }, t(word)),
      el("button", { type: "button", class: "link", on: { click: () => app.select(app.state.facility, row, { move: true }) } }, name), undo);
  }

  function update() {
    const held = box.contains(document.activeElement);
    fill();
    app.beside.update();
    // What was pressed is gone; the reader goes on beside it.
    if (held) (box.hidden ? dom.byId("table") : box.querySelector("button")).focus();
  }

  function fill() {
    const entry = current(), live = entry.live, cover = live.hasSites() ? live.coverage() : null;
    const text = cover ? sentence(entry.facility, cover) : live.hasSites() ? t("coverage_left_out") : "";
    // A reader that listens hears the outcome once, not the whole box.
    if (said.textContent !== text) said.textContent = text;
    box.hidden = !live.hasSites() && !live.hasWeights();
    if (box.hidden) { dom.refill(box); return; }
    const lists = live.added().map((row) => site(entry, row, "mark_added")).concat(live.removed().map((row) => site(entry, row, "mark_removed")));
    dom.refill(box, el("h2", {}, t("changes")),
      live.hasSites() ? el("p", {}, t("sites_now", { n: live.open().length, plus: live.added().length, minus: live.removed().length })) : null,
      text ? el("p", { class: "outcome" }, text) : null,
      cover && Math.abs(cover.before - entry.plannedMet()) > 1e-6 * Math.max(1, cover.all) ? el("p", { class: "muted" }, t("coverage_reach")) : null,
      live.hasWeights() ? el("p", {}, t("weights_changed_short")) : null,
      lists.length ? el("ul", { class: "plain" }, lists) : null,
      el("div", { class: "tools" },
        el("button", { type: "button", on: { click: () => app.save.toml() } }, t("save_toml")),
        el("button", { type: "button", id: "beside-toggle", "aria-pressed": String(app.beside.isOpen()), on: { click: app.beside.toggle } }, t("beside")),
        el("button", { type: "button", on: { click: app.resetPlan } }, t("back_to_plan"))));
  }

  return { update };
};

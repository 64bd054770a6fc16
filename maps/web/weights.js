/* Sliders for the weights of the criteria: the order of the candidates follows while they move. */
Siting.weights = function (app) {
  "use strict";
  const dom = Siting.dom, el = dom.el, t = dom.t;
  const box = dom.byId("weights");
  let rows = [], note = null, reset = null, summary = null;

  function current() { return app.facilities[app.state.facility]; }

  function points() { return rows.map((row) => Number(row.input.value)); }

  /* The last slider above zero stays there: without any weight there is no order. */
  function moved(event) {
    const input = event.target;
    if (!points().some((point) => point > 0)) input.value = "1";
    app.weigh(points());
  }

  function row(criterion, k, point) {
    const id = "weight-" + k;
    const input = el("input", { type: "range", id, min: "0", max: "100", step: "1", value: String(point), on: { input: moved, change: settled } });
    const share = el("output", { for: id });
    return { input, share, node: el("li", {}, el("label", { for: id }, dom.pick(criterion.label)), input, share) };
  }

  function settled() { app.settle(); }

  /* Built anew for another facility type or language. */
  function update() {
    const entry = current(), start = entry.live.points();
    rows = entry.facility.criteria.map((criterion, k) => row(criterion, k, start[k]));
    summary = el("summary", {});
    note = el("p", { class: "muted", role: "status" });
    reset = el("button", { type: "button", class: "plain-button", on: { click: () => app.weigh(null) } }, t("weights_reset"));
    dom.refill(box, summary, el("p", { class: "muted" }, t("weights_line")), el("ul", { class: "sliders" }, rows.map((entry) => entry.node)), note, reset);
    box.hidden = !rows.length;
    refresh();
  }

  /* How the sliders stand, and how many sites of the plan are still among the best. */
  function refresh() {
    const live = current().live, start = live.points(), weights = live.weights(), n = live.planned.length;
    rows.forEach(function (entry, k) {
      if (Number(entry.input.value) !== start[k]) entry.input.value = String(start[k]);
      const share = dom.percent(weights[k], live.hasWeights() ? 1 : 0);
      entry.share.textContent = share;
      entry.input.setAttribute("aria-valuetext", share);
    });
    dom.refill(summary, t("weights"), live.hasWeights() ? el("span", { class: "tag mark_added" }, t("changed")) : null);
    const left = live.planned.filter((row) => !live.isTop(row)).length;
    note.textContent = live.hasWeights() ? t(left ? "top_changed" : "top_same", { n, left }) : t("weights_plan");
    reset.disabled = !live.hasWeights();
  }

  return { update, refresh };
};

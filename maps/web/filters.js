/* The filters of the panel: a least score and the types of candidate. */
Siting.filters = function (app) {
  "use strict";
  const dom = Siting.dom, el = dom.el, t = dom.t;
  const box = dom.byId("filters");
  let waiting = null, summary = null, shown = null;

  function current() { return app.facilities[app.state.facility]; }

  /* Dots are drawn anew, at most once a frame. */
  function soon() {
    heading();
    if (waiting === null) waiting = window.requestAnimationFrame(function () { waiting = null; app.refresh("filter"); });
  }

  function heading() {
    const filter = current().filter;
    dom.refill(summary, t("filters"), filter.isOn() ? el("span", { class: "tag mark_added" }, t("filter_on")) : null);
    shown.textContent = t("filter_score_at", { points: filter.low() });
  }

  function check(type, count) {
    const filter = current().filter;
    const input = el("input", { type: "checkbox", checked: filter.hasType(type), on: { change: function () { filter.setType(type, input.checked); soon(); } } });
    return el("li", {}, el("label", {}, input, el("span", {}, dom.code("type_", type), el("span", { class: "count" }, " " + count))));
  }

  function clear() {
    current().filter.clear();
    update();
    app.refresh("filter");
  }

  function update() {
    const entry = current(), filter = entry.filter, table = entry.facility.candidates;
    summary = el("summary", {});
    shown = el("output", { for: "least" });
    const least = el("input", { type: "range", id: "least", min: "0", max: "100", step: "1", value: String(filter.low()),
      on: { input: function () { filter.setLow(Number(least.value)); soon(); } } });
    dom.refill(box, summary,
      el("div", { class: "sliders" }, el("label", { for: "least" }, t("filter_score")), least, shown),
      el("fieldset", {}, el("legend", {}, t("filter_types")), el("ul", { class: "plain checks" },
        filter.types.map((type) => check(type, table.type.filter((other) => other === type).length)))),
      el("button", { type: "button", class: "plain-button", on: { click: clear } }, t("filter_clear")));
    box.hidden = !table.id.length;
    heading();
  }

  return { update };
};

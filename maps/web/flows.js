/* The traffic behind the demand of a facility type: one line a stretch of road, as wide as its trips. */
Siting.flows = function (app, index) {
  "use strict";
  const facility = app.data.facilities[index], flows = facility.flows, demand = facility.demand;
  const core = Siting.core, dom = Siting.dom, el = dom.el, t = dom.t;
  const WIDTHS_PX = [1.2, 2.4, 4, 6, 8.5], COLOURS = { light: "#7a1f6e", dark: "#f0a6e2" };

  function look(found) {
    const dark = Siting.theme.name() === "dark";
    return { color: dark ? COLOURS.dark : COLOURS.light, weight: WIDTHS_PX[found], opacity: 0.4 + 0.1 * found, lineCap: "round" };
  }

  function classOf(at) { return core.scoreClass(flows.trips[at], flows.breaks); }

  function trips(value) { return t("trips_per_day", { n: dom.plain(value) }); }

  /* Both ends of a pair, by name. */
  function pair(at) {
    const name = (row) => row < 0 ? "–" : dom.name(demand, row);
    return t("flow_pair", { from: name(flows.origin[at]), to: name(flows.destination[at]) });
  }

  function card(at) {
    const rows = flows.pairs[at].map((row) => el("li", {}, pair(row), el("small", { class: "muted" }, " " + trips(flows.pair_trips[row]))));
    return Siting.cards.plain(app, t("flow_here"), dom.pick(facility.label),
      el("dl", { class: "facts" }, Siting.cards.fact(t("legend_flows"), trips(flows.trips[at]))),
      el("h4", {}, t("flow_largest")), el("ul", { class: "plain" }, rows));
  }

  function build() {
    return !flows ? [] : flows.line.map(function (parts, at) {
      const own = Object.assign({ interactive: true, bubblingMouseEvents: false }, look(classOf(at)));
      const line = L.polyline(parts.map(core.decode), app.base.options("dots", own));
      line.on("click", (event) => app.openCard(event.latlng, () => card(at)));
      line.bindTooltip(() => el("span", {}, trips(flows.trips[at])), { sticky: true });
      return line;
    });
  }

  /* Class limits with their looks, the widest first, and what has no way on the map. */
  function classes() {
    const limits = flows.breaks, words = limits.map(dom.plain);
    return limits.map((_, at) => at).concat(limits.length).reverse().map(function (found) {
      const range = found === 0 ? "≤ " + (words[0] || "–") : found === limits.length ? "> " + words[found - 1] : words[found - 1] + "–" + words[found];
      return { look: look(found), range };
    });
  }

  function note() {
    return flows.hidden ? t("flows_hidden", { n: dom.plain(flows.hidden), trips: dom.plain(flows.hidden_trips) }) : "";
  }

  return { build, classes, note, isKnown: Boolean(flows) };
};

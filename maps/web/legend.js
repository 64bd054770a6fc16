/* What stands on the map besides the map: legend, scale, north, credits, buttons. */
Siting.controls = function (app) {
  "use strict";
  const { map, data, base } = app, dom = Siting.dom, el = dom.el, t = dom.t, theme = Siting.theme;
  const icons = Siting.icons(app), layers = Siting.tree(app, icons), notes = Siting.notes(app);

  /* The legend tells what is on the map now. */
  const legend = el("details", { class: "legend" });

  /* A note says what of the layer is not to be seen. */
  function row(icon, words, note) {
    return el("li", {}, icon, el("span", {}, words, note ? el("small", { class: "muted" }, " " + note) : null));
  }

  function classRows() {
    const limits = [0].concat(data.style.breaks, [1]).map((limit) => Math.round(100 * limit));
    return data.style.colours.map((_, at) => row(icons.score(at), limits[at] + "–" + limits[at + 1])).reverse();
  }

  function facilityRows(entry, index) {
    const on = (kind) => map.hasLayer(entry.groups[kind]);
    const colour = entry.facility.colour, rows = [], note = (kind) => notes.facility(entry, kind);
    if (on("sites")) rows.push(row(icons.pin(index), t("legend_site", { label: dom.pick(entry.facility.site_label) }), note("sites")));
    if (on("sites") && entry.live.hasWeights()) rows.push(row(icons.risen(), t("legend_top", { n: entry.live.planned.length })));
    if (on("sites") && app.state.year !== null) rows.push(row(icons.fresh(index), t("legend_fresh", { year: app.state.year })));
    if (on("areas") && entry.hasAreas) rows.push(row(icons.area(colour), t("legend_area", { minutes: dom.plain(entry.facility.minutes) })));
    if (on("routes")) rows.push(row(icons.line(colour, 2), t("layer_routes"), note("routes")));
    if (on("demand")) rows.push(row(icons.dot("demand_covered"), t("legend_covered")), row(icons.dot("demand_open"), t("legend_open"), note("demand")));
    if (on("excluded")) excludedRows(entry, note("excluded")).forEach((item) => rows.push(item));
    return rows;
  }

  /* A mark for each rule that bars a candidate here. */
  function excludedRows(entry, note) {
    const facility = entry.facility, barred = entry.barred;
    if (!barred.used.length || facility.candidates.id.length > Siting.columns.MANY) return [row(icons.dot("excluded"), t("layer_excluded"), note)];
    return barred.used.map((k, at) => row(icons.shape(barred.shape(k), "excluded"),
      t("legend_excluded", { rule: dom.pick(facility.rules[k].label), n: barred.counts[k] }), at ? null : note));
  }

  function surfaceRows() {
    return app.facilities.filter((entry) => entry.surface.isKnown && map.hasLayer(entry.groups.surface)).map((entry) =>
      [el("h4", {}, t("layer_surface")), icons.bar(), el("p", { class: "muted" }, entry.surface.note())]);
  }

  function flowRows() {
    return app.facilities.filter((entry) => entry.flows.isKnown && map.hasLayer(entry.groups.flows)).map(function (entry) {
      const said = entry.flows.note();
      return [el("h4", {}, t("legend_flows")), el("ul", {}, entry.flows.classes().map((found) =>
        row(icons.line(found.look.color, found.look.weight), found.range))), said ? el("p", { class: "muted" }, said) : null];
    });
  }

  function shown(key) { return base.layers[key] && map.hasLayer(base.layers[key]); }

  function baseRows() {
    const roads = theme.roads(), rows = [];
    base.energyShapes.forEach(function (group) {
      if (shown(group[0])) rows.push(row(icons.shape(group[1], "energy"), t("layer_" + group[0])));
    });
    ["ports", "parks"].forEach(function (key) { if (shown(key)) rows.push(row(icons.base[key](), t("layer_" + key), notes.base(key))); });
    if (shown("roads")) {
      rows.push(row(icons.line(roads.motorway[1], 3.4), t("road_motorway")));
      rows.push(row(icons.line(roads.trunk[1], 3), t("road_trunk")));
      rows.push(row(icons.line(roads.secondary[1], 1.6), t("road_other"), notes.base("roads")));
    }
    ["protected_hard", "protected_soft"].forEach(function (key) { if (shown("protected")) rows.push(row(icons.box(key), t(key), notes.base("protected"))); });
    if (shown("districts")) rows.push(row(icons.base.districts(), t("layer_districts"), notes.base("districts")));
    return rows;
  }

  function drawLegend() {
    const scored = app.facilities.filter((entry) => map.hasLayer(entry.groups.candidates));
    const said = scored.map((entry) => notes.facility(entry, "candidates")).filter(Boolean).join("; ");
    const facilities = [].concat.apply([], app.facilities.map(facilityRows));
    dom.refill(legend, el("summary", {}, t("legend")),
      facilities.length ? el("ul", {}, facilities) : null,
      surfaceRows(),
      scored.length ? [el("h4", {}, t("legend_score"), said ? el("small", {}, " " + said) : null), el("ul", {}, classRows())] : null,
      flowRows(), el("ul", {}, baseRows()));
    base.labels.redraw();
  }

  /* Layers come and go in bursts; the legend is drawn once a frame. */
  let waiting = null;
  function soon() {
    if (waiting === null) waiting = window.requestAnimationFrame(function () { waiting = null; drawLegend(); });
  }

  function control(position, content) {
    const made = L.control({ position });
    made.onAdd = function () {
      L.DomEvent.disableClickPropagation(content);
      L.DomEvent.disableScrollPropagation(content);
      return content;
    };
    return made.addTo(map);
  }

  const north = dom.svg("svg", { viewBox: "0 0 24 34", width: 24, height: 34, role: "img" },
    dom.svg("path", { d: "M12 2 20 24 12 19Z", fill: "currentColor" }),
    dom.svg("path", { d: "M12 2 4 24 12 19Z", fill: "none", stroke: "currentColor", "stroke-width": 1.4, "stroke-linejoin": "round" }),
    dom.svg("text", { x: 12, y: 33, "text-anchor": "middle", "font-size": 9, "font-weight": 700, fill: "currentColor" }, "N"));

  const zoom = L.control.zoom({ position: "topleft" }).addTo(map);
  const full = L.control.fullscreen({ position: "topleft", forceSeparateButton: true }).addTo(map);
  control("topleft", el("div", { class: "north" }, north));
  layers.control.addTo(map);
  L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
  const credits = el("div", { class: "credits" });
  control("bottomright", credits);
  control("bottomright", legend);
  legend.open = !app.isPhone();

  /* Leaflet is credited by name and link; its default prefix would add a flag. */
  function drawCredits() {
    const owners = data.about.layers.map((layer) => layer.attribution);
    const sources = owners.filter((owner, at) => owner && owners.indexOf(owner) === at);
    const leaflet = el("a", { href: "https://leafletjs.com", rel: "noreferrer", target: "_blank" }, "Leaflet");
    dom.refill(credits, leaflet, sources.length ? " · " + sources.join(", ") : null);
  }

  function name(node, words) {
    node.setAttribute("title", words);
    node.setAttribute("aria-label", words);
  }

  function update() {
    layers.update();
    const bar = zoom.getContainer().querySelectorAll("a");
    name(bar[0], t("zoom_in"));
    name(bar[1], t("zoom_out"));
    full.options.title = t("full_screen");
    full.options.titleCancel = t("full_screen_end");
    name(full.link, t("full_screen"));
    name(layers.control.getContainer().querySelector(".leaflet-control-layers-toggle"), t("layers"));
    name(north, t("north"));
    name(map.getContainer(), t("map"));
    map.getContainer().removeAttribute("title");
    drawCredits();
    soon();
  }

  map.on("layeradd layerremove zoomend", soon);
  return { update, refresh: soon };
};

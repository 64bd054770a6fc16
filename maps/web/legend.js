/* What stands on the map besides the map: layer tree, legend, scale, north, credits. */
Siting.icons = function (app) {
  "use strict";
  const dom = Siting.dom, svg = dom.svg, style = app.data.style;

  function frame() {
    return svg.apply(null, ["svg", { class: "icon", viewBox: "0 0 22 16", width: 22, height: 16, "aria-hidden": "true" }].concat([].slice.call(arguments)));
  }

  function dot(look, x, r) {
    return svg("circle", { cx: x || 11, cy: 8, r: r || 5, fill: look.fill || "none", stroke: look.stroke, "stroke-width": Math.max(1, look.width_px || 1) });
  }

  function line(colour, width, dash) {
    return svg("line", { x1: 1, y1: 8, x2: 21, y2: 8, stroke: colour, "stroke-width": width, "stroke-dasharray": dash || null });
  }

  function box(look) {
    return svg("rect", { x: 2, y: 2, width: 18, height: 12, fill: look.fill || "none", "fill-opacity": look.fill_opacity, stroke: look.stroke,
      "stroke-dasharray": look.dash && look.dash.length ? look.dash.join(" ") : null });
  }

  /* The canvas symbols again, so that the legend cannot drift from the map. */
  function shape(name, look) {
    const parts = [];
    const pen = {
      moveTo: function (x, y) { parts.push("M" + x + " " + y); }, lineTo: function (x, y) { parts.push("L" + x + " " + y); },
      closePath: function () { parts.push("Z"); }, arc: function () {},
      rect: function (x, y, w, h) { parts.push("M" + x + " " + y + "h" + w + "v" + h + "h" + -w + "Z"); },
    };
    Siting.symbols.PATHS[name](pen, 11, 8, 4.5);
    return frame(svg("path", { d: parts.join(""), fill: look.fill, stroke: look.stroke }));
  }

  function edge() { return Siting.theme.name() === "dark" ? "#e8edf2" : "#1b2733"; }

  function layer(key) { return Siting.theme.look(style.layers, key); }

  return {
    pin: function (index) {
      const colour = app.facilities[index].facility.colour;
      return dom.el("span", { class: "swatch pin-" + (index % 3), style: { "--pin": colour }, "aria-hidden": "true" });
    },
    ramp: function () { return frame(dot({ fill: style.colours[0], stroke: edge() }, 4, 3.5), dot({ fill: style.colours[2], stroke: edge() }, 11, 4), dot({ fill: style.colours[4], stroke: edge() }, 18.5, 3.5)); },
    score: function (at) { return frame(dot({ fill: style.colours[at], stroke: edge() }, 11, style.radii_px[at] * 0.85)); },
    dot: function (key) { return frame(dot(layer(key))); },
    area: function (colour) { return frame(box({ fill: colour, fill_opacity: 0.25, stroke: colour })); },
    box: function (key) { return frame(box(layer(key))); },
    line: function (colour, width, dash) { return frame(line(colour, width, dash)); },
    dashed: function (key) { return frame(line(layer(key).stroke, 1.4, "4 3")); },
    shape: function (name, key) { return shape(name, layer(key)); },
  };
};

Siting.controls = function (app) {
  "use strict";
  const { map, data, base } = app, dom = Siting.dom, el = dom.el, t = dom.t, theme = Siting.theme;
  const icons = Siting.icons(app);
  const KINDS = ["sites", "areas", "candidates", "excluded", "demand", "routes"];

  /* ---- layer tree: the plug-in takes labels as HTML, so it gets empty slots that are filled here ---- */
  const slots = [];

  function node(words, icon, layer) {
    slots.push({ words, icon });
    const slot = { label: "<span data-slot='" + (slots.length - 1) + "'></span>" };
    if (layer) slot.layer = layer;
    return slot;
  }

  function branch(words, children, collapsed) {
    return Object.assign(node(words), { children, collapsed });
  }

  function kindIcon(kind, index) {
    const colour = app.facilities[index].facility.colour;
    return {
      sites: function () { return icons.pin(index); }, areas: function () { return icons.area(colour); },
      candidates: icons.ramp, excluded: function () { return icons.dot("excluded"); },
      demand: function () { return icons.dot("demand_covered"); }, routes: function () { return icons.line(colour, 2); },
    }[kind];
  }

  function roadIcon() { return icons.line(theme.roads().motorway[1], 3); }

  const BASE_ICONS = {
    ports: function () { return icons.shape("square", "ports"); }, parks: function () { return icons.shape("square", "parks"); },
    towns: null, districts: function () { return icons.dashed("districts"); }, roads: roadIcon,
    protected: function () { return icons.box("protected_hard"); }, coast: function () { return icons.line(theme.look(data.style.layers, "coastline").stroke, 1.5); },
  };

  function leaf(key, icon) { return node(function () { return t("layer_" + key); }, icon, base.layers[key]); }

  function tree() {
    slots.length = 0;
    const facilities = app.facilities.map(function (entry, index) {
      const children = KINDS.map(function (kind) { return node(function () { return t("layer_" + kind); }, kindIcon(kind, index), entry.groups[kind]); });
      return branch(function () { return dom.pick(entry.facility.label); }, children, index !== app.state.facility);
    });
    const energy = base.energyShapes.filter(function (group) { return base.layers[group[0]]; }).map(function (group) {
      return leaf(group[0], function () { return icons.shape(group[1], "energy"); });
    });
    const places = (energy.length ? [branch(function () { return t("energy"); }, energy, true)] : [])
      .concat(["ports", "parks"].map(function (key) { return leaf(key, BASE_ICONS[key]); }));
    const ground = ["districts", "towns", "roads", "protected", "coast"].map(function (key) { return leaf(key, BASE_ICONS[key]); });
    return facilities.concat([branch(function () { return t("places"); }, places, true), branch(function () { return t("base_map"); }, ground, true)]);
  }

  const Tree = L.Control.Layers.Tree.extend({
    _update: function () {
      L.Control.Layers.Tree.prototype._update.call(this);
      this.getContainer().querySelectorAll("[data-slot]").forEach(function (span) {
        const slot = slots[Number(span.dataset.slot)];
        dom.refill(span, slot.icon ? slot.icon() : null, slot.words());
      });
      this.getContainer().querySelectorAll(".leaflet-layerstree-header-pointer").forEach(function (header) { header.setAttribute("role", "button"); });
      return this;
    },
  });
  const layers = new Tree(null, tree(), { position: "topright", closedSymbol: "▸", openedSymbol: "▾", spaceSymbol: "" });

  /* ---- legend: what is on the map now ---- */
  const legend = el("details", { class: "legend" });

  function row(icon, words) { return el("li", {}, icon, el("span", {}, words)); }

  function classRows() {
    const limits = [0].concat(data.style.breaks, [1]).map(function (limit) { return Math.round(100 * limit); });
    return data.style.colours.map(function (_, at) { return row(icons.score(at), limits[at] + "–" + limits[at + 1]); }).reverse();
  }

  function facilityRows(entry, index) {
    const on = function (kind) { return map.hasLayer(entry.groups[kind]); };
    const colour = entry.facility.colour, rows = [];
    if (on("sites")) rows.push(row(icons.pin(index), t("legend_site", { label: dom.pick(entry.facility.label) })));
    if (on("areas")) rows.push(row(icons.area(colour), t("legend_area", { minutes: dom.plain(entry.facility.minutes) })));
    if (on("routes")) rows.push(row(icons.line(colour, 2), t("layer_routes")));
    if (on("demand")) rows.push(row(icons.dot("demand_covered"), t("legend_covered")), row(icons.dot("demand_open"), t("legend_open")));
    if (on("excluded")) rows.push(row(icons.dot("excluded"), t("layer_excluded")));
    return rows;
  }

  function shown(key) { return base.layers[key] && map.hasLayer(base.layers[key]); }

  function baseRows() {
    const roads = theme.roads(), rows = [];
    base.energyShapes.forEach(function (group) { if (shown(group[0])) rows.push(row(icons.shape(group[1], "energy"), t("layer_" + group[0]))); });
    ["ports", "parks"].forEach(function (key) { if (shown(key)) rows.push(row(BASE_ICONS[key](), t("layer_" + key))); });
    if (shown("roads")) {
      rows.push(row(icons.line(roads.motorway[1], 3.4), t("road_motorway")), row(icons.line(roads.trunk[1], 3), t("road_trunk")), row(icons.line(roads.secondary[1], 1.6), t("road_other")));
    }
    if (shown("protected")) rows.push(row(icons.box("protected_hard"), t("protected_hard")), row(icons.box("protected_soft"), t("protected_soft")));
    if (shown("districts")) rows.push(row(icons.dashed("districts"), t("layer_districts")));
    return rows;
  }

  function drawLegend() {
    const scored = app.facilities.some(function (entry) { return map.hasLayer(entry.groups.candidates); });
    const facilities = [].concat.apply([], app.facilities.map(facilityRows));
    dom.refill(legend, el("summary", {}, t("legend")),
      facilities.length ? el("ul", {}, facilities) : null,
      scored ? [el("h4", {}, t("legend_score")), el("ul", {}, classRows())] : null,
      el("ul", {}, baseRows()));
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
  layers.addTo(map);
  L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
  const credits = el("div", { class: "credits" });
  control("bottomright", credits);
  control("bottomright", legend);
  legend.open = !app.isPhone();

  /* Leaflet is credited by name and link; its default prefix would add a flag. */
  function drawCredits() {
    const owners = data.about.layers.map(function (layer) { return layer.attribution; });
    const sources = owners.filter(function (owner, at) { return owner && owners.indexOf(owner) === at; });
    dom.refill(credits, el("a", { href: "https://leafletjs.com", rel: "noreferrer", target: "_blank" }, "Leaflet"), sources.length ? " · " + sources.join(", ") : null);
  }

  function name(node, words) {
    node.setAttribute("title", words);
    node.setAttribute("aria-label", words);
  }

  function update() {
    layers.setOverlayTree(tree());
    const bar = zoom.getContainer().querySelectorAll("a");
    name(bar[0], t("zoom_in"));
    name(bar[1], t("zoom_out"));
    full.options.title = t("full_screen");
    full.options.titleCancel = t("full_screen_end");
    name(full.link, t("full_screen"));
    name(layers.getContainer().querySelector(".leaflet-control-layers-toggle"), t("layers"));
    name(north, t("north"));
    name(map.getContainer(), t("map"));
    map.getContainer().removeAttribute("title");
    drawCredits();
    soon();
  }

  map.on("layeradd layerremove", soon);
  return { update, layers };
};

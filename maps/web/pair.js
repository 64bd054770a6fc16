/* One of two maps: the sites of its plan, and the outlines of those that only the other plan has. */
Siting.changeShapes = { kept: "circle", moved: "diamond", dropped: "cross", added: "triangle" };
Siting.symbols.PATHS.cross = function (pen, x, y, r) {
  const a = 0.42 * r, b = 1.1 * r;
  // A plus turned by an eighth, corner by corner.
  const plus = [[-a, -b], [a, -b], [a, -a], [b, -a], [b, a], [a, a], [a, b], [-a, b], [-a, a], [-b, a], [-b, -a], [-a, -a]];
  plus.forEach(function (corner, i) {
    const at = [x + (corner[0] - corner[1]) * Math.SQRT1_2, y + (corner[0] + corner[1]) * Math.SQRT1_2];
    pen[i ? "lineTo" : "moveTo"](at[0], at[1]);
  });
  pen.closePath();
};
Siting.pairSide = function (app, map, side) {
  "use strict";
  const { data } = app, core = Siting.core, dom = Siting.dom, el = dom.el, t = dom.t, theme = Siting.theme;
  const other = side === "a" ? "b" : "a";
  const base = Siting.base({ map, data, openCard: app.openCard, deselect: app.deselect });
  const sites = L.layerGroup().addTo(map), areas = L.layerGroup(), ring = L.layerGroup().addTo(map);

  function rows() { return app.current().sites; }

  function place(row, of) {
    const table = rows()[of];
    return table.lat[row] === null ? null : [table.lat[row], table.lon[row]];
  }

  function name(row) {
    const table = rows()[rows()[side].id[row] ? side : other];
    return dom.name(table, row);
  }

  function symbol(row, at, isGhost) {
    const change = rows().change[row], look = theme.look(data.style.layers, "change_" + change);
    const drawn = isGhost ? { color: look.fill, weight: 1.6, fill: true, fillColor: theme.labels().halo, fillOpacity: 0.8 } : base.filling(look);
    const layer = new Siting.symbols.Symbol(at, base.options("dots", Object.assign(
      { interactive: true, shape: Siting.changeShapes[change], radius: look.radius_px * size(map.getZoom()) * (isGhost ? 0.85 : 1) }, drawn)));
    layer.on("click", () => app.select(row));
    return layer.bindTooltip(() => el("span", {}, t("cmp_" + change), el("small", {}, " " + name(row))));
  }

  /* Symbols shrink where the whole city is on show, more so on a phone. */
  function size(zoom) { return zoom < 8.25 ? 0.6 : zoom < 10 ? 0.8 : 1; }

  function layersOf(row) {
    const here = place(row, side), there = place(row, other), moved = rows().change[row] === "moved";
    const layers = [];
    if (moved && here && there) {
      const colour = theme.look(data.style.layers, "change_moved").fill;
      layers.push(L.polyline([here, there], base.options("focus", { color: colour, weight: 2, dashArray: "5 4" })));
    }
    if (there && (!here || moved)) layers.push(symbol(row, there, true));
    if (here) layers.push(symbol(row, here, false));
    return layers;
  }

  /* Those that changed are drawn last, on top. */
  function ordered() {
    const change = rows().change;
    return change.map((_, row) => row).sort((a, b) => (change[b] === "kept") - (change[a] === "kept") || b - a);
  }

  function label() {
    const change = rows().change, items = [];
    change.forEach(function (kind, row) {
      const at = place(row, side) || place(row, other), isKept = kind === "kept";
      if (!at) return;
      items.push({ lat: at[0], lon: at[1], half: 9, kind: "site", rank: isKept ? 200 + row : 10 + row, from: isKept ? 11.75 : 0, to: 22,
        text: () => isKept ? name(row) : t("cmp_" + kind) + (map.getZoom() < 10.5 ? "" : " " + name(row)) });
    });
    base.labels.setSource("sites", items);
    base.labels.setObstacles("sites", items);
  }

  function polygon(row, chosen) {
    const look = data.style.layers.service_areas, colour = app.current().colour;
    return L.polygon(rows()[side].area[row].map((rings) => rings.map(core.decode)), base.options(chosen ? "focus" : "areas", {
      color: colour, weight: chosen ? 2 : look.width_px, opacity: chosen ? 1 : 0.35, fillColor: colour, fillOpacity: chosen ? 0.25 : 0.1,
    }));
  }

  function draw() {
    sites.clearLayers();
    areas.clearLayers();
    ordered().forEach((row) => layersOf(row).forEach((layer) => sites.addLayer(layer)));
    rows().change.forEach((_, row) => areas.addLayer(polygon(row, false)));
    label();
    mark(app.state.row);
  }

  /* What belongs to the chosen site on this side. */
  function mark(row) {
    ring.clearLayers();
    map.getContainer().classList.toggle("focused", row !== null);
    if (row === null) return;
    const at = place(row, side) || place(row, other), colour = theme.name() === "dark" ? "#ffffff" : "#111a22";
    ring.addLayer(polygon(row, true));
    if (at) ring.addLayer(L.circleMarker(at, base.options("ring", { radius: 16, color: colour, weight: 3, fill: false })));
  }

  function showAreas(on) { if (on) areas.addTo(map); else areas.remove(); }

  function restyle() { base.restyle(); draw(); }

  // Existing stations would be marks that no legend of this page explains.
  if (base.layers.stations) base.layers.stations.remove();
  let drawnSize = size(map.getZoom());
  map.on("zoomend", function () {
    if (drawnSize === size(map.getZoom())) return;
    drawnSize = size(map.getZoom());
    draw();
  });

  return { map, base, draw, mark, showAreas, restyle };
};

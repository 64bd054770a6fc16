/* The vector base map and the places on it: a map of the city without any tile. */
Siting.base = function (app) {
  "use strict";
  const { map, data } = app, base = data.base, styles = data.style.layers;
  const decode = Siting.core.decode, dom = Siting.dom, theme = Siting.theme;
  const network = Siting.columns.lines(base.roads.line), MOST_AT_ONCE = 20000;
  const restyled = [];

  function pane(name, zIndex, interactive) {
    map.createPane(name).style.zIndex = zIndex;
    if (!interactive) map.getPane(name).style.pointerEvents = "none";
    return L.canvas({ pane: name, padding: 0.2 });
  }

  const renderers = {
    land: pane("land", 200), surface: pane("surface", 240), roads: pane("roads", 250), areas: pane("areas", 300), focus: pane("focus", 310),
    many: pane("many", 405), dots: pane("dots", 410, true), labels: pane("labels", 415), ring: pane("ring", 420),
  };
  const labels = new Siting.Labels();

  function options(renderer, own) {
    return Object.assign({ renderer: renderers[renderer], pane: renderer, interactive: false }, own);
  }

  function stroke(look) {
    return { color: look.stroke, weight: look.width_px, dashArray: look.dash.length ? look.dash.join(" ") : null };
  }

  function filling(look) {
    return Object.assign(stroke(look), { fill: Boolean(look.fill), fillColor: look.fill, fillOpacity: look.fill_opacity });
  }

  function styled(layer, style) {
    restyled.push(() => layer.setStyle(style()));
    return layer;
  }

  function polygons(coded, style) {
    const shapes = coded.map((rings) => rings.map(decode));
    return styled(L.polygon(shapes, options("land")), style);
  }

  function flat(lists) { return [].concat.apply([], lists); }

  /* The sheet ends where the land of the data ends: beyond it nothing is claimed to be sea. */
  function sheet() {
    const known = L.latLngBounds([]);
    flat(base.land).forEach((rings) => known.extend(L.latLngBounds(decode(rings[0]))));
    if (!known.isValid()) return [];
    return [styled(L.rectangle(known, options("land")), function () {
      return { stroke: false, fill: true, fillColor: theme.look(styles, "sea").fill, fillOpacity: 1 };
    })];
  }

  /* The order of adding is the order of drawing. */
  const land = L.layerGroup(sheet().concat([
    polygons(flat(base.land), function () {
      return Object.assign(filling(theme.look(styles, "land")), { stroke: false });
    }),
    polygons(base.city, () => ({ stroke: false, fill: true, fillColor: theme.city(), fillOpacity: 1 })),
  ]));

  const protectedAreas = L.layerGroup(base.protected.area.map(function (area, i) {
    const key = base.protected.hard[i] ? "protected_hard" : "protected_soft";
    return polygons(area, () => filling(theme.look(styles, key)));
  }));

  const districts = L.layerGroup([
    polygons(flat(base.districts.area), function () {
      return Object.assign(stroke(theme.look(styles, "districts")), { fill: false });
    }),
  ]);

  const WIDTHS = { motorway: 2.4, trunk: 1.9, primary: 1.3, secondary: 0.8, minor: 0.6, ferry: 1 };

  /* Roads widen with the zoom, expressways most; cased where the casing can be seen. */
  function width(name) {
    const grown = Math.pow(1.32, Math.max(-2, Math.min(6, map.getZoom() - 9)));
    return WIDTHS[name] * grown;
  }

  // Classes run from motorway to minor; the widest is drawn last.
  const CLASSES = base.roads.classes.map((name, kind) => ({ name, kind })).reverse();

  function roadLayers() {
    const layers = [];
    if (network.isMany) return [manyRoads()];
    CLASSES.forEach(function (entry) {
      const name = entry.name, lines = [];
      base.roads.class.forEach(function (kind, i) { if (kind === entry.kind) lines.push.apply(lines, network.parts(i)); });
      if (!lines.length) return;
      layers.push(styled(L.polyline(lines, options("roads")), function () {
        return { color: theme.roads()[name][0], weight: width(name) + 1.4, stroke: Boolean(theme.roads()[name][0]) };
      }));
      layers.push(styled(L.polyline(lines, options("roads")), function () {
        return { color: theme.roads()[name][1], weight: width(name), dashArray: name === "ferry" ? "4 6" : null };
      }));
    });
    return layers;
  }

  // Of a very large network the whole city shows the main roads only.
  const FROM = network.n > MOST_AT_ONCE ? { secondary: 9.5, minor: 11.5 } : {};

  function isShown(name, zoom) { return zoom >= (FROM[name] || 0); }

  function manyRoads() {
    const strokes = function (zoom) {
      return CLASSES.filter((entry) => isShown(entry.name, zoom)).map(function (entry) {
        const colours = theme.roads()[entry.name], wide = width(entry.name);
        const core = { color: colours[1], width: wide, dash: entry.name === "ferry" ? [4, 6] : null };
        return { kind: entry.kind, pens: colours[0] ? [{ color: colours[0], width: wide + 1.4 }, core] : [core] };
      });
    };
    const layer = new Siting.Lines({ lines: network, kind: base.roads.class, strokes,
      hint: (row) => Siting.cards.roadHint(app, row),
      open: (row, place) => app.openCard(place, () => Siting.cards.road(app, row, network.parts(row))) }, { pane: "roads" });
    restyled.push(() => layer.redraw());
    return layer;
  }

  const roads = L.layerGroup(roadLayers());
  const coast = L.layerGroup([
    styled(L.polyline(flat(base.coast).map(decode), options("roads")), () => stroke(theme.look(styles, "coastline"))),
  ]);

  /* One shield a road from its first zoom, more the closer one looks, on its longest stretches. */
  function shields() {
    const FROM = { motorway: 8.75, trunk: 10.25, primary: 11.5 };
    const byRef = {};
    base.roads.ref.forEach(function (ref, i) {
      const name = base.roads.classes[base.roads.class[i]];
      // A list of numbers ("G15;G22") or a long name is no shield.
      if (!FROM[name] || !/^[A-Z]?\d{1,5}$/.test(ref)) return;
      network.parts(i).forEach(function (places) {
        const at = places[Math.floor(places.length / 2)];
        const ends = [places[0], places[places.length - 1]];
        const length = Math.hypot(ends[0][0] - ends[1][0], ends[0][1] - ends[1][1]);
        const middle = places.length > 2 ? at : [(ends[0][0] + ends[1][0]) / 2, (ends[0][1] + ends[1][1]) / 2];
        (byRef[name + ref] = byRef[name + ref] || []).push({ length, lat: middle[0], lon: middle[1], shield: ref, kind: name });
      });
    });
    return flat(Object.keys(byRef).sort().map(function (key) {
      return byRef[key].sort((a, b) => b.length - a.length).map(function (item, k) {
        return Object.assign(item, { rank: 300 + k, from: FROM[item.kind] + 0.8 * Math.log2(k + 1), to: 22 });
      });
    }));
  }

  function named(table, kind, rank, from, to) {
    return table.id.map(function (_, i) {
      return { lat: table.lat[i], lon: table.lon[i], kind, rank, from, to, text: () => dom.name(table, i) };
    }).filter((item) => item.lat !== null);
  }

  function townLabels() {
    const towns = base.towns, place = {};
    Siting.core.order(towns.population, true).forEach(function (row, k) { place[row] = k / towns.id.length; });
    return named(towns, "town", 500, 10.5, 22).map(function (item, i) {
      return Object.assign(item, { rank: 500 + 100 * place[i], from: place[i] < 0.25 ? 10.5 : 11.5 });
    });
  }

  function protectedLabels() {
    return flat(base.protected.area.map(function (area, i) {
      if (!area.length) return [];
      const centre = L.latLngBounds(decode(area[0][0])).getCenter();
      return [{ lat: centre.lat, lon: centre.lng, kind: "protected", rank: 650, from: 11, to: 22,
        text: () => dom.pick([base.protected.zh[i], base.protected.en[i]]) }];
    }));
  }

  function symbols(table, shape, key, card, pickRow) {
    return L.layerGroup(table.id.map(function (_, i) {
      if (table.lat[i] === null || (pickRow && !pickRow(i))) return null;
      const symbol = new Siting.symbols.Symbol([table.lat[i], table.lon[i]], options("dots", { interactive: true, shape }));
      symbol.on("click", () => app.openCard(symbol.getLatLng(), () => card(i)));
      symbol.bindTooltip(() => dom.el("span", {}, dom.name(table, i)));
      return styled(symbol, function () {
        const look = theme.look(styles, key);
        return Object.assign(filling(look), { radius: look.radius_px });
      });
    }).filter(Boolean));
  }

  const ENERGY = [
    ["stations", "plus", /^h2_station$|charging|swap/], ["planned", "plus", /planned/], ["sources", "diamond", /source/],
    ["substations", "triangle", /substation|converter/], ["plants", "square", /./],
  ];

  function energyGroups() {
    const groupOf = base.energy.type.map(function (type) {
      return ENERGY.findIndex((group) => group[2].test(type));
    });
    const groups = {};
    ENERGY.forEach(function (group, at) {
      if (groupOf.indexOf(at) < 0) return;
      const card = (i) => Siting.cards.energy(app, i);
      groups[group[0]] = symbols(base.energy, group[1], "energy", card, (i) => groupOf[i] === at);
    });
    return groups;
  }

  const ports = symbols(base.ports, "square", "ports", (i) => Siting.cards.place(app, base.ports, i, "port"));
  const parks = symbols(base.parks, "square", "parks", (i) => Siting.cards.place(app, base.parks, i, "park"));
  const energy = energyGroups();

  const sources = {
    districts: [districts, named(base.districts, "district", 0, 7.5, 12.75)],
    ports: [ports, named(base.ports, "port", 40, 9.5, 22)],
    roads: [roads, shields()],
    protected: [protectedAreas, protectedLabels()],
    parks: [parks, named(base.parks, "park", 700, 12, 22)],
  };
  const towns = L.layerGroup();
  sources.towns = [towns, townLabels()];
  Object.keys(sources).forEach(function (key) {
    const group = sources[key][0];
    const show = function (items) {
      labels.setSource(key, items);
      if (key === "ports") labels.setObstacles(key, items.map((item) => Object.assign({ half: 5 }, item)));
    };
    group.on("add", () => show(sources[key][1]));
    group.on("remove", () => show([]));
  });

  function restyle() { restyled.forEach((apply) => apply()); }

  [land, protectedAreas, districts, coast, roads, towns, ports, labels].forEach((layer) => layer.addTo(map));
  if (energy.stations) energy.stations.addTo(map);
  restyle();
  let shownZoom = map.getZoom();
  map.on("zoomend", function () {
    if (map.getZoom() !== shownZoom) { shownZoom = map.getZoom(); restyle(); }
  });

  return {
    renderers, labels, restyle, options, stroke, filling, ground: land,
    /* Whether roads are there that only a closer look shows. */
    hasHidden: () => Object.keys(FROM).some((name) => !isShown(name, map.getZoom())),
    layers: Object.assign({ districts, protected: protectedAreas, roads, coast, towns, ports, parks }, energy),
    energyShapes: ENERGY,
  };
};

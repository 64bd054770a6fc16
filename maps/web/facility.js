/* The layers of one facility type: chosen sites, candidates, service areas, whom they serve. */
Siting.facility = function (app, index) {
  "use strict";
  const { map, data, base } = app, core = Siting.core, dom = Siting.dom, theme = Siting.theme;
  const facility = data.facilities[index], table = facility.candidates, demand = facility.demand;
  const sites = facility.sites, routes = facility.routes, style = data.style;
  table.value = table.value.map(Siting.decide.doubles);
  demand.demand = Array.from(Siting.decide.doubles(demand.demand), (value) => value === value ? value : null);
  if (facility.reach) facility.reach = facility.reach.map(Siting.decide.rising);
  const live = Siting.live(facility), filter = Siting.filter(table, live), crowd = Siting.crowd(app, index, live);
  const isMany = (rows) => rows.length > Siting.columns.MANY;
  const most = demand.demand.reduce((largest, value) => Math.max(largest, value || 0), 1e-9);
  const siteOf = {}, dots = [];
  let many = null, ways = null;
  sites.candidate.forEach(function (row, place) { if (row >= 0) siteOf[row] = place; });
  const markers = {};
  const flows = Siting.flows(app, index), surface = Siting.surface(app, index), barred = Siting.exclusions.marks(facility);

  /* Whether a site is there in the year on show; one of no known year only in the whole plan. */
  function isBuilt(row) {
    const place = siteOf[row], year = place === undefined ? null : facility.sizing.year[place];
    return app.state.year === null || place === undefined || year !== null && year <= app.state.year;
  }

  /* Filled when it is first shown; styled again with the theme. */
  function lazy(build, restyle) {
    const group = L.layerGroup();
    let built = false;
    function fill() { build().forEach((layer) => group.addLayer(layer)); built = true; }
    const add = group.onAdd;
    group.onAdd = function (target) { if (!built) fill(); return add.call(group, target); };
    group.restyle = function () {
      if (!built) return;
      if (restyle) group.eachLayer(restyle);
      else group.renew();
    };
    group.renew = function () { if (built) { group.clearLayers(); fill(); } };
    return group;
  }

  function latlng(columns, row) { return [columns.lat[row], columns.lon[row]]; }

  function rowsWhere(test) {
    return table.id.map((_, row) => row).filter((row) => table.lat[row] !== null && test(row) && filter.shows(row));
  }

  function dot(row, look) {
    const own = base.options("dots", Object.assign({ interactive: true }, look));
    const layer = look.shape ? new Siting.symbols.Symbol(latlng(table, row), own) : L.circleMarker(latlng(table, row), own);
    layer.on("click", () => app.select(index, row));
    layer.bindTooltip(() => Siting.cards.hint(app, index, row));
    return layer;
  }

  function buildCandidates() {
    dots.length = 0;
    // The best are drawn last, on top.
    const rows = rowsWhere((row) => !table.excluded[row]);
    const by = core.order(rows.map(live.score));
    if (isMany(table.id)) {
      many = crowd.candidates(by.map((at) => rows[at]));
      return [many];
    }
    return by.map(function (at) {
      const row = rows[at], found = core.scoreClass(live.score(row), style.breaks);
      if (found < 0) return dot(row, openLook());
      const edge = theme.name() === "dark" ? "#e8edf2" : "#1b2733";
      const layer = dot(row, Object.assign({ color: edge, weight: 1, fillOpacity: 1 }, classLook(found)));
      dots.push({ row, layer, found });
      return layer;
    });
  }

  function classLook(found) { return { radius: size(style.radii_px[found]), fillColor: style.colours[found] }; }

  /* New colours for the dots whose class changed; the others cost nothing. */
  function recolour() {
    if (many) many.repaint();
    dots.forEach(function (entry) {
      const found = core.scoreClass(live.score(entry.row), style.breaks);
      if (found === entry.found) return;
      entry.found = found;
      entry.layer.setStyle(classLook(found));
    });
  }

  /* Dots shrink where the whole city is on show. */
  function size(radius) { return radius * (map.getZoom() < 10 ? 0.7 : 1); }

  function openLook() {
    const look = theme.look(style.layers, "excluded");
    return { radius: size(look.radius_px + 0.5), color: look.stroke, weight: 1.6, fillColor: look.fill, fillOpacity: 0.6 };
  }

  function buildExcluded() {
    const rows = rowsWhere((row) => table.excluded[row]);
    return isMany(table.id) ? [crowd.excluded(rows)] : rows.map((row) => dot(row, Object.assign({ shape: barred.shapeOf(row) }, openLook())));
  }

  function area(place, pane, look) {
    const shapes = sites.area[place].map((rings) => rings.map(core.decode));
    return L.polygon(shapes, base.options(pane, look));
  }

  function areaLook(chosen) {
    const look = style.layers.service_areas;
    return { color: facility.colour, weight: chosen ? 2.2 : look.width_px, opacity: chosen ? 1 : 0.4,
      fillColor: facility.colour, fillOpacity: chosen ? 0.28 : look.fill_opacity };
  }

  function buildAreas() {
    const places = sites.candidate.map((_, place) => place).filter((place) => isBuilt(sites.candidate[place]));
    return places.map((place) => area(place, "areas", areaLook(false)));
  }

  function everyWay() {
    ways = ways || crowd.ways();
    return ways;
  }

  /* The ways of some rows as one line of many parts. */
  function route(rows, chosen) {
    const parts = [];
    rows.forEach((at) => everyWay().parts(at).forEach((part) => parts.push(part)));
    const look = { color: facility.colour, weight: chosen ? 2.6 : 1.2, opacity: chosen ? 0.95 : 0.6 };
    return L.polyline(parts, base.options(chosen ? "focus" : "areas", look));
  }

  function buildRoutes() {
    if (everyWay().isMany) return [crowd.network(ways)];
    return routes.point.map((_, at) => at).filter((at) => isBuilt(routes.candidate[at])).map((at) => route([at], false));
  }

  function radius(row) {
    return 2.2 + 7 * Math.sqrt(Math.max(0, demand.demand[row] || 0) / most);
  }

  /* 1 for demand that the plan serves, but not in the year on show. */
  function servedLater() {
    const flags = new Uint8Array(demand.id.length);
    if (app.state.year === null) return flags;
    const at = routes.point.map((_, k) => k);
    at.forEach((k) => { flags[routes.point[k]] = 1; });
    at.filter((k) => isBuilt(routes.candidate[k])).forEach((k) => { flags[routes.point[k]] = 0; });
    return flags;
  }

  function buildDemand() {
    const cover = live.hasSites() ? live.coverage() : null, later = servedLater();
    const isServed = (row) => cover ? live.isServed(cover.flags, row) : demand.covered[row] && !later[row];
    const rows = core.order(demand.demand, true).filter((row) => demand.lat[row] !== null);
    if (isMany(demand.id)) return [crowd.points(rows, radius, isServed)];
    return rows.map(function (row) {
      const look = theme.look(style.layers, isServed(row) ? "demand_covered" : "demand_open");
      const layer = L.circleMarker(latlng(demand, row), base.options("dots", {
        interactive: true, radius: radius(row), color: look.stroke, weight: look.width_px, fillColor: look.fill, fillOpacity: 0.85,
      }));
      layer.on("click", () => app.openCard(layer.getLatLng(), () => Siting.cards.demand(app, index, row)));
      layer.bindTooltip(() => dom.el("span", {}, dom.name(demand, row)));
      return layer;
    });
  }

  function fresh(place) { return app.state.year !== null && facility.sizing.year[place] === app.state.year ? " pin-fresh" : ""; }

  /* The rows that the map and the list of sites show. */
  function siteRows() {
    return live.planned.concat(live.added()).filter((row) => filter.shows(row) && isBuilt(row));
  }

  /* The site's place in the ranking, in the shape and colour of its facility type. */
  function pin(place, row) {
    const number = dom.el("span", {}, place === undefined ? "+" : String(place + 1));
    const colours = { "--pin": facility.colour, "--pin-text": core.textOn(facility.colour) };
    const change = place === undefined ? " pin-new" : live.isOpen(row) ? fresh(place) : " pin-off";
    const badge = dom.el("div", { class: "pin pin-" + (index % 3) + change, style: colours }, number);
    const icon = L.divIcon({ className: "pin-icon", html: badge, iconSize: [24, 24] });
    const marker = L.marker(latlng(table, row), { icon, keyboard: false, zIndexOffset: -10 * (place || 0), riseOnHover: true });
    marker.on("click", () => app.select(index, row));
    marker.bindTooltip(() => Siting.cards.hint(app, index, row), { offset: [12, 0] });
    marker.badge = badge;
    markers[row] = marker;
    return marker;
  }

  function buildSites() {
    Object.keys(markers).forEach((row) => delete markers[row]);
    return siteRows().filter((row) => table.lat[row] !== null).map((row) => pin(siteOf[row], row));
  }

  /* Rings around those that the changed weights lift among the best, though the plan has not chosen them. */
  function buildRisen() {
    if (!live.hasWeights()) return [];
    const rows = live.order().slice(0, live.planned.length).filter((row) => !live.isOpen(row) && table.lat[row] !== null && filter.shows(row));
    const colour = theme.name() === "dark" ? "#ffffff" : "#111a22";
    return rows.map((row) => L.circleMarker(latlng(table, row), base.options("ring", { radius: 9.5, color: colour, weight: 2, dashArray: "3 3", fill: false })));
  }

  const groups = {
    areas: lazy(buildAreas, (layer) => layer.setStyle(areaLook(false))),
    routes: lazy(buildRoutes, function () {}),
    demand: lazy(buildDemand),
    excluded: lazy(buildExcluded),
    candidates: lazy(buildCandidates),
    sites: lazy(buildSites),
    flows: lazy(flows.build),
    surface: lazy(surface.build, surface.recolour),
  };
  const risen = lazy(buildRisen);

  function names() {
    const rows = siteRows().filter((row) => table.lat[row] !== null);
    return rows.map((row, at) => ({ lat: table.lat[row], lon: table.lon[row], half: 9, kind: "site",
      rank: 100 + at, from: 11.75, to: 22, text: () => dom.name(table, row) }));
  }

  function label(items) {
    base.labels.setSource("sites" + index, items);
    base.labels.setObstacles("sites" + index, items);
  }

  groups.sites.on("add", () => label(names()));
  groups.sites.on("remove", () => label([]));

  /* What belongs to one site: its service area and the routes to those it serves. */
  function highlight(row) {
    const ring = L.circleMarker(latlng(table, row), base.options("ring", {
      radius: 17, color: theme.name() === "dark" ? "#ffffff" : "#111a22", weight: 3, fill: false,
    }));
    const place = siteOf[row];
    if (place === undefined) return L.layerGroup(reached(row).concat([ring]));
    return L.layerGroup([area(place, "focus", areaLook(true)), route(routesOf(row), true), ring]);
  }

  /* The demand that a site not in the plan would reach. */
  function reached(row) {
    const gain = live.gain(row);
    const rows = (gain ? gain.rows : []).filter((point) => demand.lat[point] !== null);
    if (isMany(rows)) return [crowd.reached(rows, radius)];
    return rows.map(function (point) {
      return L.circleMarker(latlng(demand, point), base.options("ring", {
        radius: radius(point) + 2, color: facility.colour, weight: 2, fillColor: facility.colour, fillOpacity: 0.35,
      }));
    });
  }

  function routesOf(row) {
    return routes.candidate.map((_, at) => at).filter((at) => routes.candidate[at] === row);
  }

  function mark(row, on) {
    if (markers[row]) markers[row].badge.classList.toggle("pin-on", on);
  }

  /* Show again what a change of weights, sites or filters touches. */
  function refresh(what) {
    if (what === "weights" && !filter.isOn()) recolour();
    else groups.candidates.restyle();
    surface.recolour();
    if (what === "sites" || what === "filter" || filter.isOn()) {
      groups.sites.restyle();
      if (map.hasLayer(groups.sites)) label(names());
    }
    if (what === "filter") groups.excluded.restyle();
    if (what === "sites") groups.demand.restyle();
    if (what === "year") {
      ["areas", "routes", "demand", "sites"].forEach((kind) => groups[kind].renew());
      if (map.hasLayer(groups.sites)) label(names());
    }
    risen.restyle();
    const chosen = app.state.selected;
    if (chosen && chosen.facility === index) mark(chosen.row, true);
  }

  groups.surface.on("add", surface.recolour);
  groups.sites.on("add", () => risen.addTo(map));
  groups.sites.on("remove", () => risen.remove());

  let isFar = map.getZoom() < 10;
  map.on("zoomend", function () {
    if (isFar === map.getZoom() < 10) return;
    isFar = !isFar;
    groups.candidates.restyle();
    groups.excluded.restyle();
  });

  return {
    facility, groups, highlight, hasAreas: sites.area.some((shape) => shape.length > 0), routesOf, mark,
    live, filter, refresh, flows, surface, barred, siteRows,
    /* Demand that the plan itself counts as covered. */
    plannedMet: () => Siting.decide.totalOf(demand.demand, demand.covered),
    /* The best dots on top again, once the sliders rest. */
    settle: function () { groups.candidates.restyle(); },
    place: (row) => siteOf[row],
    restyle: function () {
      Object.keys(groups).forEach((key) => groups[key].restyle());
      risen.restyle();
    },
  };
};

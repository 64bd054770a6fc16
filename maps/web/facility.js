/* The layers of one facility type: chosen sites, candidates, service areas, whom they serve. */
Siting.facility = function (app, index) {
  "use strict";
  const { map, data, base } = app, core = Siting.core, dom = Siting.dom, theme = Siting.theme;
  const facility = data.facilities[index], table = facility.candidates, demand = facility.demand;
  const sites = facility.sites, routes = facility.routes, style = data.style;
  const siteOf = {};
  sites.candidate.forEach(function (row, place) { if (row >= 0) siteOf[row] = place; });
  const markers = {};

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
      else { group.clearLayers(); fill(); }
    };
    return group;
  }

  function latlng(columns, row) { return [columns.lat[row], columns.lon[row]]; }

  function rowsWhere(test) {
    return table.id.map((_, row) => row).filter((row) => table.lat[row] !== null && test(row));
  }

  function dot(row, look) {
    const layer = L.circleMarker(latlng(table, row), base.options("dots", Object.assign({ interactive: true }, look)));
    layer.on("click", () => app.select(index, row));
    layer.bindTooltip(() => Siting.cards.hint(app, index, row));
    return layer;
  }

  function buildCandidates() {
    // The best are drawn last, on top.
    const rows = rowsWhere((row) => !table.excluded[row]);
    const by = core.order(rows.map((row) => table.score[row]));
    return by.map(function (at) {
      const row = rows[at], found = core.scoreClass(table.score[row], style.breaks);
      if (found < 0) return dot(row, openLook());
      const edge = theme.name() === "dark" ? "#e8edf2" : "#1b2733";
      return dot(row, { radius: size(style.radii_px[found]), color: edge, weight: 1, fillColor: style.colours[found], fillOpacity: 1 });
    });
  }

  /* Dots shrink where the whole city is on show. */
  function size(radius) { return radius * (map.getZoom() < 10 ? 0.7 : 1); }

  function openLook() {
    const look = theme.look(style.layers, "excluded");
    return { radius: size(look.radius_px + 0.5), color: look.stroke, weight: 1.6, fillColor: look.fill, fillOpacity: 0.6 };
  }

  function buildExcluded() {
    return rowsWhere((row) => table.excluded[row]).map((row) => dot(row, openLook()));
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
    return sites.candidate.map((_, place) => area(place, "areas", areaLook(false)));
  }

  function route(at, chosen) {
    const lines = routes.line[at].map(core.decode);
    const look = { color: facility.colour, weight: chosen ? 2.6 : 1.2, opacity: chosen ? 0.95 : 0.6 };
    return L.polyline(lines, base.options(chosen ? "focus" : "areas", look));
  }

  function buildRoutes() {
    return routes.line.map((_, at) => route(at, false));
  }

  function radius(row) {
    const most = Math.max.apply(null, demand.demand.map((value) => value || 0).concat(1e-9));
    return 2.2 + 7 * Math.sqrt(Math.max(0, demand.demand[row] || 0) / most);
  }

  function buildDemand() {
    return core.order(demand.demand, true).filter((row) => demand.lat[row] !== null).map(function (row) {
      const look = theme.look(style.layers, demand.covered[row] ? "demand_covered" : "demand_open");
      const layer = L.circleMarker(latlng(demand, row), base.options("dots", {
        interactive: true, radius: radius(row), color: look.stroke, weight: look.width_px, fillColor: look.fill, fillOpacity: 0.85,
      }));
      layer.on("click", () => app.openCard(layer.getLatLng(), () => Siting.cards.demand(app, index, row)));
      layer.bindTooltip(() => dom.el("span", {}, dom.name(demand, row)));
      return layer;
    });
  }

  /* The site's place in the ranking, in the shape and colour of its facility type. */
  function pin(place, row) {
    const number = dom.el("span", {}, String(place + 1));
    const colours = { "--pin": facility.colour, "--pin-text": core.textOn(facility.colour) };
    const badge = dom.el("div", { class: "pin pin-" + (index % 3), style: colours }, number);
    const icon = L.divIcon({ className: "pin-icon", html: badge, iconSize: [24, 24] });
    const marker = L.marker(latlng(table, row), { icon, keyboard: false, zIndexOffset: -10 * place, riseOnHover: true });
    marker.on("click", () => app.select(index, row));
    marker.bindTooltip(() => Siting.cards.hint(app, index, row), { offset: [12, 0] });
    marker.badge = badge;
    markers[row] = marker;
    return marker;
  }

  function buildSites() {
    return sites.candidate.map(function (row, place) {
      return row < 0 || table.lat[row] === null ? null : pin(place, row);
    }).filter(Boolean);
  }

  const groups = {
    areas: lazy(buildAreas, (layer) => layer.setStyle(areaLook(false))),
    routes: lazy(buildRoutes, function () {}),
    demand: lazy(buildDemand),
    excluded: lazy(buildExcluded),
    candidates: lazy(buildCandidates),
    sites: lazy(buildSites, function () {}),
  };

  const names = sites.candidate.map(function (row, place) {
    return row < 0 || table.lat[row] === null ? null : { lat: table.lat[row], lon: table.lon[row], half: 9, kind: "site",
      rank: 100 + place, from: 11.75, to: 22, text: () => dom.name(table, row) };
  }).filter(Boolean);

  function label(items) {
    base.labels.setSource("sites" + index, items);
    base.labels.setObstacles("sites" + index, items);
  }

  groups.sites.on("add", () => label(names));
  groups.sites.on("remove", () => label([]));

  /* What belongs to one site: its service area and the routes to those it serves. */
  function highlight(row) {
    const ring = L.circleMarker(latlng(table, row), base.options("ring", {
      radius: 17, color: theme.name() === "dark" ? "#ffffff" : "#111a22", weight: 3, fill: false,
    }));
    const place = siteOf[row];
    if (place === undefined) return L.layerGroup([ring]);
    const own = routesOf(row).map((at) => route(at, true));
    return L.layerGroup([area(place, "focus", areaLook(true))].concat(own, [ring]));
  }

  function routesOf(row) {
    return routes.candidate.map((_, at) => at).filter((at) => routes.candidate[at] === row);
  }

  function mark(row, on) {
    if (markers[row]) markers[row].badge.classList.toggle("pin-on", on);
  }

  let isFar = map.getZoom() < 10;
  map.on("zoomend", function () {
    if (isFar === map.getZoom() < 10) return;
    isFar = !isFar;
    groups.candidates.restyle();
    groups.excluded.restyle();
  });

  return {
    facility, groups, highlight, hasAreas: sites.area.some((shape) => shape.length > 0), routesOf, mark,
    place: (row) => siteOf[row],
    restyle: () => Object.keys(groups).forEach((key) => groups[key].restyle()),
  };
};

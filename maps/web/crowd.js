/* The layers of a facility type with many rows: the looks of the small ones, drawn by Siting.Dots and Siting.Lines. */
Siting.crowd = function (app, index, live) {
  "use strict";
  const { map, data } = app, core = Siting.core, dom = Siting.dom, theme = Siting.theme, columns = Siting.columns;
  const facility = data.facilities[index], table = facility.candidates, demand = facility.demand, routes = facility.routes;
  const style = data.style, STEPS = 16;

  /* How far apart the middle half of the places lie, were they spread evenly, as a share of the world. */
  function spacing(lat, lon) {
    const middle = function (values) {
      const sorted = Float64Array.from(values).sort(), n = sorted.length;
      return n ? sorted[Math.floor(0.75 * (n - 1))] - sorted[Math.floor(0.25 * (n - 1))] : 0;
    };
    const known = lat.map((_, row) => row).filter((row) => lat[row] !== null);
    const wide = middle(known.map((row) => columns.across(lon[row]))), high = middle(known.map((row) => columns.down(lat[row])));
    return 2 * Math.sqrt(wide * high / Math.max(1, known.length));
  }

  /* Dots are small where many lie close, so that they do not become one patch. */
  function shrinking(table) {
    const apart = spacing(table.lat, table.lon);
    return (radius) => radius * Math.max(0.45, Math.min(1, apart * map.options.crs.scale(map.getZoom()) / 10));
  }

  const shrunk = shrinking(table), shrunkPoint = shrinking(demand);

  function look(key, small, opacity) {
    const own = theme.look(style.layers, key);
    // A light edge would leave nothing of a very small dot.
    const isEdged = small >= 2 || key !== "demand_covered";
    return { radius: small, fill: own.fill, opacity, stroke: own.stroke, width: isEdged ? Math.min(own.width_px, small / 2) : 0 };
  }

  function classLooks() {
    const edge = theme.name() === "dark" ? "#e8edf2" : "#1b2733";
    const scored = style.colours.map(function (fill, at) {
      const radius = shrunk(style.radii_px[at]);
      return { radius, fill, opacity: 1, stroke: edge, width: Math.min(1, radius / 5) };
    });
    return scored.concat([look("excluded", shrunk(style.layers.excluded.radius_px + 0.5), 0.6)]);
  }

  const candidate = {
    lat: table.lat, lon: table.lon, looks: classLooks,
    hint: (row) => Siting.cards.hint(app, index, row), open: (row) => app.select(index, row),
  };

  function candidates(rows) {
    const sign = function (row) {
      const found = core.scoreClass(live.score(row), style.breaks);
      return found < 0 ? style.colours.length : found;
    };
    return new Siting.Dots(Object.assign({ rows, sign }, candidate));
  }

  function excluded(rows) {
    return new Siting.Dots(Object.assign({ rows, sign: () => style.colours.length }, candidate));
  }

  /* As many radii as the eye tells apart. */
  function step(radius) { return Math.max(0, Math.min(STEPS - 1, Math.round((radius - 2) * 2))); }

  function sized(make) { return Array.from({ length: STEPS }, (_, at) => make(2 + at / 2)); }

  function points(rows, radius, isServed) {
    return new Siting.Dots({
      rows, lat: demand.lat, lon: demand.lon,
      sign: (row) => step(radius(row)) + (isServed(row) ? 0 : STEPS),
      looks: () => sized((r) => look("demand_covered", shrunkPoint(r), 0.85)).concat(sized((r) => look("demand_open", shrunkPoint(r), 0.85))),
      hint: (row) => dom.el("span", {}, dom.name(demand, row)),
      open: (row, place) => app.openCard(place, () => Siting.cards.demand(app, index, row)),
    });
  }

  /* Points that a chosen candidate reaches, above all others. */
  function reached(rows, radius) {
    const looks = () => sized((r) => ({ radius: shrunkPoint(r) + 1, fill: facility.colour, opacity: 0.5, stroke: facility.colour, width: 1 }));
    return new Siting.Dots({ rows, lat: demand.lat, lon: demand.lon, sign: (row) => step(radius(row)), looks }, { pane: "ring" });
  }

  /* Ways as they are stored, or from end to end where they are too many for one file. */
  function ways() {
    if (routes.line) return columns.lines(routes.line);
    const at = (from, row) => row >= 0 && from.lat[row] !== null ? [from.lat[row], from.lon[row]] : null;
    const rows = routes.point.map((_, row) => row);
    return columns.straight(rows, (row) => at(table, routes.candidate[row]), (row) => at(demand, routes.point[row]));
  }

  function network(lines) {
    const pens = [{ color: facility.colour, width: 0.8, opacity: 0.35 }];
    return new Siting.Lines({ lines, strokes: () => [{ kind: 0, pens }] }, { pane: "areas" });
  }

  return { candidates, excluded, points, reached, ways, network };
};

/* What the legend says of a layer that is not all there: empty, without places, thinned, simplified. */
Siting.notes = function (app) {
  "use strict";
  const { data } = app, dom = Siting.dom, t = dom.t;

  const counted = new Map();

  /* How many rows there are and how many of them have no place: of all, or of those with a flag. Counted once. */
  function count(table, flag) {
    const key = flag === undefined ? table : table.excluded, place = flag || 0;
    const found = counted.get(key) || counted.set(key, []).get(key);
    if (!found[place]) {
      const own = table.lat.filter((_, row) => flag === undefined || table.excluded[row] === flag);
      found[place] = { n: own.length, lost: own.filter((lat) => lat === null).length };
    }
    return found[place];
  }

  function placeless(lost) { return lost ? t("no_place", { n: dom.plain(lost) }) : null; }

  const NOTES = {
    sites: (facility) => facility.sites.candidate.length ? [] : [t("nothing_here")],
    areas: () => [],
    candidates: (facility) => candidates(facility, 0),
    excluded: (facility) => candidates(facility, 1),
    demand: function (facility) {
      const { n, lost } = count(facility.demand), left = facility.demand.left_out.rows;
      return [n ? null : t("nothing_here"), left ? t("demand_thinned", { n: dom.plain(n), all: dom.plain(n + left) }) : null, placeless(lost)];
    },
    routes: (facility) => [facility.routes.point.length ? null : t("nothing_here"), facility.routes.line ? null : t("routes_straight")],
  };

  function candidates(facility, excluded) {
    const table = facility.candidates, { n, lost } = count(table, excluded), kept = table.id.length;
    return [n ? null : t("nothing_here"),
      table.left_out && !excluded ? t("candidates_thinned", { n: dom.plain(kept), all: dom.plain(kept + table.left_out) }) : null,
      placeless(lost)];
  }

  /* One line on a facility's layer; empty where there is nothing to say. */
  function facility(entry, kind) {
    return (NOTES[kind] ? NOTES[kind](entry.facility) : []).filter(Boolean).join("; ");
  }

  function base(key) {
    const table = data.base[key], rows = table && (table.id || table.class);
    if (!rows) return "";
    if (key !== "roads") return rows.length ? (table.lat ? placeless(count(table).lost) || "" : "") : t("nothing_here");
    return [rows.length ? null : t("nothing_here"), app.base.hasHidden() ? t("roads_by_zoom") : null,
      table.left_out ? t("roads_left_out", { n: dom.plain(table.left_out) }) : null].filter(Boolean).join("; ");
  }

  return { facility, base };
};

/* Columns and lines of many rows, as maps/_page_columns.py packs them. Pure functions. */
Siting.columns = (function () {
  "use strict";

  // Above it rows are drawn as one canvas layer (PLAIN_ROWS in Python).
  const MANY = 2000, STEPS_PER_DEGREE = 1e5, RAD = Math.PI / 180;
  const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const CODE = new Uint8Array(128);
  for (let i = 0; i < LETTERS.length; i += 1) CODE[LETTERS.charCodeAt(i)] = i;

  /* The whole numbers of a text, five bits a letter and the lowest first; NaN where one is unknown. */
  function integers(text) {
    let n = 0, value = 0, unit = 1;
    for (let i = 0; i < text.length; i += 1) if (CODE[text.charCodeAt(i)] < 32) n += 1;
    const found = new Float64Array(n);
    n = 0;
    for (let i = 0; i < text.length; i += 1) {
      const code = CODE[text.charCodeAt(i)];
      value += (code & 31) * unit;
      if (code >= 32) { unit *= 32; continue; }
      found[n] = value === 0 ? NaN : value % 2 ? (value - 1) / 2 : -value / 2;
      n += 1;
      value = 0;
      unit = 1;
    }
    return found;
  }

  function column(packed) {
    const found = integers(packed.vlq);
    let before = "";
    if (packed.words) return Array.from(found, (at) => packed.words[at]);
    if (packed.ends) return packed.ends.map(function (end, i) { before = before.slice(0, found[i]) + end; return before; });
    return Array.from(found, (value) => value === value ? value / packed.scale : null);
  }

  /* The same data with every packed column as a plain list. */
  function unpack(node) {
    if (node === null || typeof node !== "object") return node;
    if (typeof node.vlq === "string") return column(node);
    if (Array.isArray(node)) return node.length && typeof node[0] === "object" ? node.map(unpack) : node;
    Object.keys(node).forEach(function (key) { node[key] = unpack(node[key]); });
    return node;
  }

  /* Longitude and latitude in degrees as places in the unit square of Web Mercator. */
  function across(lon) { return lon / 360 + 0.5; }

  function down(lat) {
    const sine = Math.sin(lat * RAD);
    return 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
  }

  function ends(counts) {
    const found = new Int32Array(counts.length + 1);
    for (let i = 0; i < counts.length; i += 1) found[i + 1] = found[i] + counts[i];
    return found;
  }

  /* Lines of many rows: row r has the parts first[r] … first[r + 1], part p the vertices start[p] … start[p + 1]. */
  function network(coded) {
    const first = ends(integers(coded.parts)), start = ends(integers(coded.sizes)), steps = integers(coded.steps);
    const n = steps.length / 2, lon = new Float64Array(n), lat = new Float64Array(n);
    for (let i = 0, x = 0, y = 0; i < n; i += 1) {
      x += steps[2 * i];
      y += steps[2 * i + 1];
      lon[i] = x / STEPS_PER_DEGREE;
      lat[i] = y / STEPS_PER_DEGREE;
    }
    return projected({ n: first.length - 1, first, start, lon, lat });
  }

  /* One straight line a row, from place to place [lat, lon]; a row without both has none. */
  function straight(rows, from, to) {
    const counts = rows.map((row) => from(row) && to(row) ? 1 : 0), found = [];
    rows.forEach(function (row, i) { if (counts[i]) found.push(from(row), to(row)); });
    const start = Int32Array.from({ length: found.length / 2 + 1 }, (_, part) => 2 * part);
    return projected({ n: rows.length, first: ends(counts), start,
      lon: Float64Array.from(found, (place) => place[1]), lat: Float64Array.from(found, (place) => place[0]) });
  }

  function projected(lines) {
    lines.x = lines.lon.map(across);
    lines.y = lines.lat.map(down);
    lines.isMany = true;
    lines.parts = function (row) {
      const found = [];
      for (let part = lines.first[row]; part < lines.first[row + 1]; part += 1) {
        const places = [];
        for (let i = lines.start[part]; i < lines.start[part + 1]; i += 1) places.push([lines.lat[i], lines.lon[i]]);
        if (places.length) found.push(places);
      }
      return found;
    };
    return lines;
  }

  /* Lines of either coding: how many rows, and the parts of one as Leaflet takes them. */
  function lines(coded) {
    if (!Array.isArray(coded)) return network(coded);
    return { n: coded.length, isMany: false, parts: (row) => coded[row].map(Siting.core.decode) };
  }

  return { MANY, integers, unpack, lines, straight, across, down };
})();
if (typeof module === "object" && module.exports) module.exports = Siting.columns;

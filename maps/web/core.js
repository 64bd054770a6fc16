/* Pure functions: no DOM, no Leaflet. The page and node load this file alike. */
var Siting = {};
Siting.core = (function () {
  "use strict";

  const STEPS_PER_DEGREE = 1e5;

  /* x0, y0, dx, dy … in steps (lon, lat) become Leaflet's [[lat, lon], …]. */
  function decode(coded) {
    const places = [];
    let x = 0, y = 0;
    for (let i = 0; i < coded.length; i += 2) {
      x += coded[i];
      y += coded[i + 1];
      places.push([y / STEPS_PER_DEGREE, x / STEPS_PER_DEGREE]);
    }
    return places;
  }

  /* A score on a break falls into the lower class, as in maps/style.py; -1 is unknown. */
  function scoreClass(score, breaks) {
    if (score === null) return -1;
    let found = 0;
    while (found < breaks.length && score > breaks[found]) found += 1;
    return found;
  }

  /* Round the parts so that what is shown adds up to the rounded total (largest remainder). */
  function addUp(parts, digits) {
    const unit = Math.pow(10, digits);
    const exact = parts.map((part) => part * unit);
    const whole = exact.map(Math.floor);
    const total = Math.round(exact.reduce((sum, part) => sum + part, 0));
    let missing = total - whole.reduce((sum, part) => sum + part, 0);
    exact.map((part, i) => [whole[i] - part, i])
      .sort((a, b) => a[0] - b[0] || a[1] - b[1])
      .forEach(function (entry) {
        if (missing > 0) { whole[entry[1]] += 1; missing -= 1; }
      });
    return whole.map((part) => part / unit);
  }

  function luminance(hex) {
    const parts = [1, 3, 5].map(function (at) {
      const share = parseInt(hex.slice(at, at + 2), 16) / 255;
      return share <= 0.04045 ? share / 12.92 : Math.pow((share + 0.055) / 1.055, 2.4);
    });
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  }

  /* Black or white, whichever reads better on the colour (WCAG contrast, never below 4.5). */
  function textOn(hex) {
    return luminance(hex) > 0.179 ? "#000000" : "#ffffff";
  }

  /* Text as it is searched: one width, one case, no accents, no double spaces. */
  function fold(text) {
    return text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/\s+/g, " ").trim();
  }

  /* Entries whose text holds every word of the query; those that begin with it come first. */
  function search(entries, query, limit) {
    const wanted = fold(query);
    if (!wanted) return [];
    const wordsOf = wanted.split(" ");
    const found = [];
    entries.forEach(function (entry, at) {
      const hits = wordsOf.every((word) => entry.text.indexOf(word) >= 0);
      if (hits) found.push([entry.starts.some((s) => s.indexOf(wanted) === 0) ? 0 : 1, at]);
    });
    found.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    return found.slice(0, limit).map((hit) => entries[hit[1]]);
  }

  /* Indices in the order of their values; unknown values last, ties in row order. */
  function order(values, descending) {
    const sign = descending ? -1 : 1;
    return values.map((_, i) => i).sort(function (a, b) {
      const x = values[a], y = values[b];
      if (x === y) return a - b;
      if (x === null) return 1;
      if (y === null) return -1;
      return (x < y ? -1 : 1) * sign;
    });
  }

  function clear(box, others) {
    return others.every(function (other) {
      return box[2] < other[0] || box[0] > other[2] || box[3] < other[1] || box[1] > other[3];
    });
  }

  /* For each label, in order of importance, the first of its boxes [left, top, right, bottom] that
     covers neither an obstacle nor a label before it; -1 where none does. */
  function place(choices, obstacles) {
    const taken = obstacles.slice();
    return choices.map(function (boxes) {
      const found = boxes.findIndex((box) => clear(box, taken));
      if (found >= 0) taken.push(boxes[found]);
      return found;
    });
  }

  const HASH_KEYS = ["f", "s", "l", "t", "y"];
  // Per facility type: points of its criteria, ids of sites added and removed.
  const HASH_TABLES = ["w", "a", "r"];
  const LONGEST_HASH = 20000;

  function writeHash(state) {
    const parts = HASH_KEYS.filter((key) => state[key])
      .map((key) => key + "=" + encodeURIComponent(state[key]));
    HASH_TABLES.forEach(function (key) {
      const rows = Object.entries(state[key] || {}).filter((row) => row[1].length);
      const words = rows.map((row) => [row[0]].concat(row[1]).map(encodeURIComponent).join(","));
      if (words.length) parts.push(key + "=" + words.join(";"));
    });
    const view = state.view;
    if (view) parts.push("v=" + [view[0].toFixed(2), view[1].toFixed(4), view[2].toFixed(4)].join("/"));
    return parts.length ? "#" + parts.join("&") : "";
  }

  /* "a,1,2;b,3" as {a: ["1", "2"], b: ["3"]}, without a prototype that a name could hit. */
  function readTable(text) {
    const rows = Object.create(null);
    text.split(";").forEach(function (row) {
      const words = row.split(",").map(decodeURIComponent);
      rows[words[0]] = words.slice(1);
    });
    return rows;
  }

  /* Nothing of a hash is trusted: unknown keys and impossible views fall away. What its words mean
     is checked against the data by who asks for them. */
  function readHash(hash) {
    const state = {};
    if (hash.length > LONGEST_HASH) return state;
    hash.replace(/^#/, "").split("&").forEach(function (part) {
      const at = part.indexOf("=");
      const key = part.slice(0, at);
      let value;
      try {
        if (HASH_TABLES.indexOf(key) >= 0) { state[key] = readTable(part.slice(at + 1)); return; }
        value = decodeURIComponent(part.slice(at + 1));
      } catch (error) { return; }
      if (HASH_KEYS.indexOf(key) >= 0) state[key] = value;
      if (key !== "v") return;
      const view = value.split("/").map(Number);
      const good = view.length === 3 && view.every(isFinite) && Math.abs(view[1]) <= 85 &&
        Math.abs(view[2]) <= 180 && view[0] >= 0 && view[0] <= 22;
      if (good) state.view = view;
    });
    return state;
  }

  /* Whole points from 0 to 100, one a criterion and not all 0; else null. */
  function readPoints(words, n) {
    if (!words || words.length !== n || !words.every((word) => /^(100|[1-9]?\d)$/.test(word))) return null;
    const points = words.map(Number);
    return points.some((point) => point > 0) ? points : null;
  }

  return { readPoints, decode, scoreClass, addUp, textOn, fold, search, order, place, writeHash, readHash };
})();
if (typeof module === "object" && module.exports) module.exports = Siting.core;

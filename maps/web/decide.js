/* What a change of weights or sites brings, computed as Python computes it: pure functions. */
Siting.decide = (function () {
  "use strict";

  /* Base64 of little-endian doubles; NaN is unknown. */
  function doubles(text) {
    const bytes = atob(text), view = new DataView(new ArrayBuffer(bytes.length));
    for (let i = 0; i < bytes.length; i += 1) view.setUint8(i, bytes.charCodeAt(i));
    const found = new Float64Array(bytes.length / 8);
    for (let i = 0; i < found.length; i += 1) found[i] = view.getFloat64(8 * i, true);
    return found;
  }

  /* Rising row numbers, each stored as the step from the one before. */
  function rising(steps) {
    let at = 0;
    return steps.map(function (step) { at += step; return at; });
  }

  /* Whole points that stand for weights, 100 together. */
  function pointsOf(weights) {
    const whole = weights.reduce((sum, weight) => sum + weight, 0);
    return Siting.core.addUp(weights.map((weight) => whole > 0 ? 100 * weight / whole : 0), 0);
  }

  /* Points divided by their sum; null where none is above zero. Sums of whole points are exact. */
  function weigh(points) {
    const whole = points.reduce((sum, point) => sum + point, 0);
    return whole > 0 ? points.map((point) => point / whole) : null;
  }

  /* One row of values a criterion; added in the order of the criteria, as siting.scoring does. */
  function scores(values, weights, n) {
    const found = new Float64Array(n);
    values.forEach(function (column, k) {
      const weight = weights[k];
      for (let i = 0; i < n; i += 1) found[i] += weight * column[i];
    });
    for (let i = 0; i < n; i += 1) found[i] = Math.min(found[i], 1);
    return found;
  }

  /* Rows best first. Rows come sorted by id, so that equal scores keep the order of their ids. */
  function ranking(scored, excluded) {
    const rows = [];
    for (let i = 0; i < scored.length; i += 1) if (!excluded[i] && scored[i] === scored[i]) rows.push(i);
    return rows.sort((a, b) => scored[b] - scored[a] || a - b);
  }

  /* 1 for every point that an open site reaches. */
  function covered(reach, open, n) {
    const flags = new Uint8Array(n);
    open.forEach((row) => reach[row].forEach(function (point) { flags[point] = 1; }));
    return flags;
  }

  /* Added one after another, so that Python's running sum gives the same double. */
  function totalOf(demand, flags) {
    let total = 0;
    for (let i = 0; i < demand.length; i += 1) if (flags[i]) total += demand[i] || 0;
    return total;
  }

  const A_M = 6378137, F = 1 / 298.257223563, B_M = A_M * (1 - F), RAD = Math.PI / 180;

  /* Metres between two places [lat, lon] on the WGS 84 ellipsoid (Vincenty 1975, inverse formula);
     NaN for nearly opposite places, where the series does not settle. */
  function geodesic(from, to) {
    if (from[0] === to[0] && from[1] === to[1]) return 0;
    const u1 = Math.atan((1 - F) * Math.tan(from[0] * RAD)), u2 = Math.atan((1 - F) * Math.tan(to[0] * RAD));
    const s1 = Math.sin(u1), c1 = Math.cos(u1), s2 = Math.sin(u2), c2 = Math.cos(u2), along = (to[1] - from[1]) * RAD;
    let lambda = along;
    for (let turn = 0; turn < 200; turn += 1) {
      const sl = Math.sin(lambda), cl = Math.cos(lambda);
      const sine = Math.hypot(c2 * sl, c1 * s2 - s1 * c2 * cl), cosine = s1 * s2 + c1 * c2 * cl;
      const sigma = Math.atan2(sine, cosine), alpha = c1 * c2 * sl / sine, square = 1 - alpha * alpha;
      const middle = square > 1e-15 ? cosine - 2 * s1 * s2 / square : 0;
      const c = F / 16 * square * (4 + F * (4 - 3 * square)), before = lambda;
      lambda = along + (1 - c) * F * alpha * (sigma + c * sine * (middle + c * cosine * (2 * middle * middle - 1)));
      if (Math.abs(lambda - before) > 1e-13) continue;
      const u = square * (A_M * A_M - B_M * B_M) / (B_M * B_M);
      const big = 1 + u / 16384 * (4096 + u * (u * (320 - 175 * u) - 768)), small = u / 1024 * (256 + u * (u * (74 - 47 * u) - 128));
      const cube = small / 6 * middle * (4 * sine * sine - 3) * (4 * middle * middle - 3);
      return B_M * big * (sigma - small * sine * (middle + small / 4 * (cosine * (2 * middle * middle - 1) - cube)));
    }
    return NaN;
  }

  return { doubles, rising, pointsOf, weigh, scores, ranking, covered, totalOf, geodesic };
})();
if (typeof module === "object" && module.exports) module.exports = Siting.decide;

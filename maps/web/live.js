/* One facility type as the reader has it now: the plan's weights and sites, and what was changed of them. */
Siting.live = function (facility) {
  "use strict";
  const decide = Siting.decide, table = facility.candidates, demand = facility.demand;
  const n = table.id.length, planned = facility.sites.candidate.filter((row) => row >= 0);
  const planWeights = facility.criteria.map((criterion) => criterion.weight);
  const isPlanned = new Set(planned);
  const none = { points: null, added: [], removed: [] };
  const state = Object.assign({}, none);
  let weights = planWeights, scores = null, order = [], rank = [];

  function rescore() {
    weights = state.points ? decide.weigh(state.points) : planWeights;
    scores = decide.scores(table.value, weights, n);
    order = decide.ranking(scores, table.excluded);
    rank = new Int32Array(n);
    order.forEach(function (row, place) { rank[row] = place + 1; });
  }

  rescore();
  const planRank = rank;
  const planFlags = facility.reach ? decide.covered(facility.reach, planned, demand.id.length) : null;

  /* Points of the criteria, whole numbers from 0 to 100 and not all 0; null for the plan's weights. */
  function setPoints(points) {
    if (points && !decide.weigh(points)) return false;
    state.points = points;
    rescore();
    return true;
  }

  function isOpen(row) { return state.added.indexOf(row) >= 0 || isPlanned.has(row) && state.removed.indexOf(row) < 0; }

  function toggle(row) {
    const list = isPlanned.has(row) ? "removed" : "added", others = state[list].filter((other) => other !== row);
    state[list] = others.length < state[list].length ? others : others.concat([row]).sort((a, b) => a - b);
  }

  /* Only ranked candidates can be added, only sites of the plan taken out; the rest falls away. */
  function setSites(added, removed) {
    const once = (rows) => Array.from(new Set(rows)).sort((a, b) => a - b);
    state.added = once(added).filter((row) => rank[row] > 0 && !isPlanned.has(row));
    state.removed = once(removed).filter((row) => isPlanned.has(row));
  }

  function open() { return planned.filter((row) => state.removed.indexOf(row) < 0).concat(state.added); }

  function sum(flags) { return decide.totalOf(demand.demand, flags); }

  function count(flags) { return flags.reduce((total, flag) => total + flag, 0); }

  /* What open sites reach within the service time, now and in the plan; null where pairs are not stored. */
  function coverage() {
    if (!facility.reach) return null;
    const flags = decide.covered(facility.reach, open(), demand.id.length);
    const all = sum(new Uint8Array(demand.id.length).fill(1)), met = sum(flags), before = sum(planFlags);
    return { flags, all, met, before, share: all > 0 ? met / all : null, points: count(flags), points_before: count(planFlags) };
  }

  /* What one candidate reaches, and what of it no other open site does. */
  function gain(row) {
    if (!facility.reach || !rank[row]) return null;
    const flags = decide.covered(facility.reach, [row], demand.id.length);
    const others = decide.covered(facility.reach, open().filter((other) => other !== row), demand.id.length);
    return { rows: facility.reach[row], reached: sum(flags), alone: sum(flags.map((flag, i) => flag && !others[i] ? 1 : 0)) };
  }

  return {
    planned, toggle, isOpen, setPoints, setSites, open, coverage, gain,
    points: () => state.points || decide.pointsOf(planWeights),
    weights: () => weights,
    score: (row) => scores[row] === scores[row] ? scores[row] : null,
    rank: (row) => rank[row] || null,
    rose: (row) => rank[row] && state.points ? planRank[row] - rank[row] : 0,
    order: () => order,
    ranked: () => order.length,
    /* Whether a row is among as many of the best as the plan has sites. */
    isTop: (row) => rank[row] > 0 && rank[row] <= planned.length,
    isPlanned: (row) => isPlanned.has(row),
    added: () => state.added, removed: () => state.removed,
    hasWeights: () => state.points !== null,
    hasSites: () => state.added.length + state.removed.length > 0,
    isServed: (flags, i) => Boolean(flags[i]) || (demand.existing_served[i] > 0 && !(demand.demand[i] > 0)),
  };
};

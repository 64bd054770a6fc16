/* What a click tells: why this place, by which rules, whom it serves, how sure we are. */
Siting.cards = (function () {
  "use strict";
  const core = Siting.core, dom = Siting.dom, el = dom.el, t = dom.t;
  const MARKS = { pass: "✓", fail: "✗", survey: "?" };

  function district(app, value) {
    const table = app.data.base.districts;
    const at = table.id.indexOf(value), row = at >= 0 ? at : table.zh.indexOf(value);
    return row >= 0 ? dom.name(table, row) : value;
  }

  function heading(app, title, second, line) {
    const close = el("button", { type: "button", class: "close", "aria-label": t("close"), on: { click: app.deselect } }, "×");
    return el("header", {}, close, el("h3", {}, title), second && second !== title ? el("p", { class: "second" }, second) : null,
      el("p", { class: "muted" }, line));
  }

  function other(table, row) { return dom.isEnglish() ? table.zh[row] : table.en[row]; }

  function fact(label, value) {
    return value === "–" ? null : el("div", {}, el("dt", {}, label), el("dd", {}, value));
  }

  /* A bar for each criterion, as long as its weight; filled as far as the value reaches. */
  function bars(rows, colour, line) {
    const widest = Math.max.apply(null, rows.map((row) => row.weight).concat([1e-9]));
    const shown = core.addUp(rows.map((row) => 100 * row.weight * row.value), 1);
    return el("ul", { class: "bars" }, rows.map((row, k) => el("li", {},
      el("div", { class: "bar-line" }, el("span", {}, dom.pick(row.criterion.label)), el("b", {}, dom.fixed(shown[k], 1))),
      el("div", { class: "bar", "aria-hidden": "true", style: { width: (100 * row.weight / widest) + "%" } },
        el("i", { style: { width: (100 * row.value) + "%", background: colour } })),
      el("small", { class: "muted" }, line(row, k)))));
  }

  function total(score) { return el("p", { class: "sum bar-line" }, el("span", {}, t("sum")), el("b", {}, dom.fixed(score * 100, 1))); }

  /* 100 points at most; each bar shows what was reached of what the weight allows. */
  function contributions(entry, row) {
    const facility = entry.facility, table = facility.candidates, weights = entry.live.weights();
    const parts = table.value.map((column, k) => weights[k] * column[row]);
    if (parts.some(isNaN)) return el("p", { class: "muted" }, t("no_score"));
    const rows = facility.criteria.map((criterion, k) => ({ criterion, weight: weights[k], value: table.value[k][row] || 0 }));
    const line = (part, k) => t("criterion_line", {
      raw: dom.withUnit(table.raw[k][row], part.criterion.unit), weight: dom.percent(part.weight, 0), value: dom.fixed(table.value[k][row], 2) });
    return el("section", {}, el("h4", {}, t("contributions")), bars(rows, facility.colour, line), total(entry.live.score(row)));
  }

  /* What a candidate would score on a piece of ground for its place alone. */
  function ground(app, facility, rows, note) {
    const score = rows.reduce((sum, row) => sum + row.weight * row.value, 0);
    const line = (row) => t("ground_line", { weight: dom.percent(row.weight, 0), value: dom.fixed(row.value, 2) });
    return el("article", { class: "card" }, heading(app, t("ground_here"), null, dom.pick(facility.label)),
      el("p", { class: "score" }, chip(app.data.style, score), el("span", {}, t("of_hundred"))),
      el("p", { class: "muted" }, note), el("section", {}, el("h4", {}, t("contributions")), bars(rows, facility.colour, line), total(score)));
  }

  /* How sure the rank is was found for the weights of the plan; with other weights nothing is said of it. */
  function score(app, entry, row) {
    const facility = entry.facility, table = facility.candidates, live = entry.live, rank = live.rank(row);
    if (live.score(row) === null) return null;
    return el("p", { class: "score" }, chip(app.data.style, live.score(row)),
      el("span", {}, t("of_hundred")),
      rank === null ? null : el("span", { class: "muted" }, t("rank_of", { rank, all: live.ranked() })),
      live.hasWeights() && rank !== null ? el("small", { class: "muted" }, t("rank_plan", { rank: rank + live.rose(row) })) : null,
      table.rank_low[row] === null || live.hasWeights() ? null : el("small", { class: "muted" }, t("rank_spread", {
        low: table.rank_low[row], high: table.rank_high[row],
        top: Math.max(1, facility.sites.candidate.length), share: dom.percent(table.top_share[row], 0),
      })));
  }

  /* What lifts and what lowers the score against the average of the ranked candidates: three of each at most. */
  function reasons(app, index, row) {
    const live = app.facilities[index].live, facility = app.facilities[index].facility, table = facility.candidates, ranked = live.order();
    if (!ranked.length || live.score(row) === null) return null;
    const pulls = facility.criteria.map(function (criterion, k) {
      const mean = ranked.reduce((sum, i) => sum + table.value[k][i], 0) / ranked.length;
      return { k, points: 100 * live.weights()[k] * (table.value[k][row] - mean) };
    });
    function list(sign, key) {
      const strong = pulls.filter((pull) => sign * pull.points >= 0.05).sort((a, b) => sign * (b.points - a.points)).slice(0, 3);
      if (!strong.length) return null;
      const lines = strong.map(function (pull) {
        const criterion = facility.criteria[pull.k], points = (sign > 0 ? "+" : "−") + dom.fixed(Math.abs(pull.points), 1);
        return el("li", {}, dom.pick(criterion.label), el("small", { class: "muted" }, " " + t("reason_line", {
          raw: dom.withUnit(table.raw[pull.k][row], criterion.unit), points,
        })));
      });
      return el("div", {}, el("small", {}, t(key)), el("ul", { class: "plain" }, lines));
    }
    return el("details", {}, el("summary", {}, t("reasons")), list(1, "reasons_for"), list(-1, "reasons_against"),
      live.hasWeights() ? null : passing(app, index, row));
  }

  /* The nearest better site, and the one change that would pass it. */
  function passing(app, index, row) {
    const facility = app.facilities[index].facility, table = facility.candidates, rival = table.pass_rival[row];
    if (rival === null) return null;
    const k = table.pass_criterion[row], wanted = table.pass_wanted[row];
    const gap = dom.fixed(100 * (table.score[rival] - table.score[row]), 1);
    const go = () => app.select(index, rival, { move: true });
    let change = t("pass_none");
    if (k !== null) {
      const criterion = facility.criteria[k];
      change = wanted === null ? t("pass_by", { criterion: dom.pick(criterion.label) })
        : t("pass_to", { criterion: dom.pick(criterion.label), now: dom.withUnit(table.raw[k][row], criterion.unit),
          wanted: dom.withUnit(wanted, criterion.unit) });
    }
    return el("div", {}, el("small", {}, t("pass_nearest", { gap })), el("p", { class: "plain" },
      el("button", { type: "button", class: "link", "aria-label": dom.name(table, rival), on: { click: go } }, dom.name(table, rival)),
      el("small", { class: "muted" }, " " + change)));
  }

  /* A score in the colour of its class. */
  function chip(style, score) {
    const at = core.scoreClass(score, style.breaks);
    if (at < 0) return "–";
    const colours = { background: style.colours[at], color: style.text_colours[at] };
    return el("span", { class: "chip", style: colours }, dom.fixed(score * 100, 1));
  }

  function failed(facility, row) {
    return facility.rules.filter((_, k) => facility.candidates.outcome[k][row] === "fail");
  }

  function verdict(entry, row) {
    const facility = entry.facility, table = facility.candidates;
    if (table.excluded[row]) {
      const rules = failed(facility, row).map(function (rule) {
        return el("li", {}, dom.pick(rule.label), el("small", { class: "muted" }, " " + rule.clause));
      });
      return el("div", { class: "verdict bad" }, el("strong", {}, t("excluded_by")), el("ul", {}, rules));
    }
    const place = entry.place(row), isOpen = entry.live.isOpen(row);
    if (place === undefined) return el("p", { class: "verdict" + (isOpen ? " good" : "") }, t(isOpen ? "added_by_you" : "not_chosen"));
    if (!isOpen) return el("p", { class: "verdict warn" }, t("removed_by_you"));
    const all = facility.sites.candidate.length;
    return el("p", { class: "verdict good" }, t("chosen_as", { place: place + 1, all, label: dom.pick(facility.site_label) }));
  }

  /* Put the site into the plan or take it out, and what it reaches that no other does. */
  function choice(app, index, row) {
    const entry = app.facilities[index], live = entry.live, facility = entry.facility, gain = live.gain(row);
    if (live.rank(row) === null) return null;
    const unit = (value) => dom.withUnit(value, facility.demand_unit), isOpen = live.isOpen(row);
    const line = gain && t(isOpen ? "reach_line_open" : "reach_line", {
      minutes: dom.plain(facility.minutes), n: dom.plain(gain.rows.length), reached: unit(gain.reached), alone: unit(gain.alone),
    });
    return el("section", { class: "choice" },
      el("button", { type: "button", class: "plain-button", "aria-keyshortcuts": "A", on: { click: () => app.toggle(row) } },
        t(isOpen ? "take_out" : "put_in")),
      line ? el("small", { class: "muted" }, line) : null);
  }

  function way(routes, at) {
    return { time: dom.fixed(routes.time_min[at], 1), distance: dom.fixed(routes.distance_km[at], 1) };
  }

  function serves(entry, row) {
    const place = entry.place(row), facility = entry.facility, sites = facility.sites, routes = facility.routes;
    if (place === undefined) return null;
    const own = entry.routesOf(row).slice().sort((a, b) => (routes.demand[b] || 0) - (routes.demand[a] || 0));
    const list = own.slice(0, 8).map(function (at) {
      const line = t("route_line", Object.assign({ demand: dom.withUnit(routes.demand[at], facility.demand_unit) }, way(routes, at)));
      return el("li", {}, dom.name(facility.demand, routes.point[at]), el("small", { class: "muted" }, " " + line));
    });
    const more = own.length - list.length;
    return el("section", {}, el("h4", {}, t("serves")),
      el("dl", { class: "facts" },
        fact(t("demand_points"), dom.plain(sites.demand_points[place])),
        fact(dom.pick(facility.demand_label), dom.withUnit(sites.demand_served[place], facility.demand_unit)),
        fact(t("share_of_all"), dom.percent(sites.demand_share[place])),
        fact(t("mean_time"), minutes(sites.mean_time_min[place])),
        fact(t("service_area"), dom.withUnit(sites.area_km2[place], "km²"))),
      list.length ? el("details", {}, el("summary", {}, t("served_list", { n: own.length })),
        el("ul", { class: "plain" }, list, more > 0 ? el("li", { class: "muted" }, t("and_more", { n: more })) : null)) : null);
  }

  function minutes(value) {
    return value === null ? "–" : t("minutes", { n: dom.fixed(value, 1) });
  }

  function money(value) {
    return value === null ? "–" : t("million_cny", { n: dom.plain(value), y: dom.plain(value / 100) });
  }

  function rules(facility, row) {
    const table = facility.candidates, outcomes = facility.rules.map((_, k) => table.outcome[k][row]);
    function count(kind) { return outcomes.filter((outcome) => outcome === kind).length; }
    const list = facility.rules.map(function (rule, k) {
      const outcome = outcomes[k], margin = table.margin_m[k][row];
      if (!outcome) return null;
      return el("li", { class: "rule-" + outcome },
        el("span", { class: "mark", role: "img", "aria-label": t("outcome_" + outcome) }, MARKS[outcome]),
        el("span", {}, dom.pick(rule.label), el("small", { class: "muted" }, " " + rule.clause,
          margin === null ? null : " · " + t("margin", { m: dom.plain(margin) }),
          rule.verified ? null : " · " + t("unverified"))));
    });
    return el("details", {}, el("summary", {}, t("rules_line", { pass: count("pass"), fail: count("fail"), survey: count("survey") })),
      el("ul", { class: "plain rules" }, list));
  }

  function position(table, row) {
    return el("details", {}, el("summary", {}, t("position")), el("dl", { class: "facts" },
      fact(t("id"), table.id[row]),
      fact(t("lonlat"), dom.fixed(table.lon[row], 4) + ", " + dom.fixed(table.lat[row], 4)),
      fact(t("confidence"), table.confidence[row] ? t("confidence_" + table.confidence[row]) : "–"),
      fact(t("uncertainty"), table.uncertainty_m[row] === null ? "–" : t("plus_minus_m", { m: dom.plain(table.uncertainty_m[row]) })),
      fact(t("access_leg"), dom.withUnit(table.access_m[row], "m"))));
  }

  function candidate(app, index, row) {
    const entry = app.facilities[index], facility = entry.facility, table = facility.candidates;
    const line = [table.id[row], dom.code("type_", table.type[row]), district(app, table.district[row])].filter(Boolean).join(" · ");
    return el("article", { class: "card" },
      heading(app, dom.name(table, row), other(table, row), line),
      verdict(entry, row), choice(app, index, row), score(app, entry, row), Siting.sizing(app, index, row), reasons(app, index, row), contributions(entry, row),
      serves(entry, row), rules(facility, row), position(table, row));
  }

  /* One line for the pointer: name and score, or name and rule. */
  function hint(app, index, row) {
    const live = app.facilities[index].live, facility = app.facilities[index].facility, table = facility.candidates;
    const why = failed(facility, row).map((rule) => dom.pick(rule.label)).join(", ");
    let tail = t("no_score");
    if (table.excluded[row]) tail = t("excluded_short", { rule: why });
    else if (live.score(row) !== null) tail = t("score_short", { score: dom.fixed(live.score(row) * 100, 1) });
    return el("span", {}, dom.name(table, row), el("small", {}, " " + tail));
  }

  function demand(app, index, row) {
    const entry = app.facilities[index], facility = entry.facility, table = facility.demand, routes = facility.routes;
    const at = routes.point.indexOf(row), by = at < 0 ? -1 : routes.candidate[at];
    const line = [table.id[row], dom.code("kind_", table.kind[row]), district(app, table.district[row])].filter(Boolean).join(" · ");
    const go = () => app.select(index, by, { move: true });
    // Where capacity is short, a point is served in part, or by several sites.
    const served = routes.point.reduce((sum, point, k) => point === row ? sum + (routes.demand[k] || 0) : sum, 0), whole = table.demand[row];
    return el("article", { class: "card" }, heading(app, dom.name(table, row), other(table, row), line),
      el("dl", { class: "facts" },
        fact(dom.pick(facility.demand_label), dom.withUnit(table.demand[row], facility.demand_unit)),
        fact(t("demand_range"), [table.low, table.base, table.high].map((c) => dom.plain(c[row])).join(" / ")),
        by >= 0 && whole > 0 ? fact(t("served_share"), dom.withUnit(served, facility.demand_unit) + " · " + dom.percent(Math.min(1, served / whole))) : null,
        table.existing_served[row] ? fact(t("existing_served"), dom.withUnit(table.existing_served[row], facility.demand_unit)) : null),
      by < 0 ? el("p", { class: "verdict" + (table.covered[row] ? "" : " bad") }, t(table.covered[row] ? "covered" : "not_covered"))
        : el("p", { class: "verdict good" }, t("served_by"), " ",
          el("button", { type: "button", class: "link", on: { click: go } }, dom.name(facility.candidates, by)),
          " " + t("route_short", way(routes, at))));
  }

  function place(app, table, row, kind) {
    const words = kind === "port" ? [t("port"), table.role[row]] : [t("park"), dom.code("type_", table.type[row])];
    const freight = kind === "park" && table.freight_intensity[row];
    return el("article", { class: "card" },
      heading(app, dom.name(table, row), other(table, row), [table.id[row]].concat(words).filter(Boolean).join(" · ")),
      freight ? el("dl", { class: "facts" }, fact(t("freight"), t("level_" + freight))) : null);
  }

  /* A card of no table of its own: what it is, and its parts. */
  function plain(app, title, line) {
    return el.apply(null, ["article", { class: "card" }, heading(app, title, null, line)].concat([].slice.call(arguments, 3)));
  }

  function energy(app, row) {
    const table = app.data.base.energy, exact = /^h2_station/.test(table.type[row]);
    return el("article", { class: "card" },
      heading(app, dom.name(table, row), other(table, row), [table.id[row], dom.code("type_", table.type[row])].join(" · ")),
      el("dl", { class: "facts" },
        fact(t("status"), table.status[row] ? dom.code("status_", table.status[row]) : "–"),
        fact(t("capacity"), table.capacity[row] === null ? "–" : dom.plain(table.capacity[row]) + " " + table.unit[row])),
      exact ? null : el("p", { class: "muted" }, t("coarse_place")));
  }

  function roadClass(app, row) {
    const roads = app.data.base.roads, name = roads.classes[roads.class[row]];
    return t("road_" + (["motorway", "trunk", "ferry"].indexOf(name) >= 0 ? name : "other"));
  }

  function roadHint(app, row) {
    return el("span", {}, [app.data.base.roads.ref[row], roadClass(app, row)].filter(Boolean).join(" · "));
  }

  /* One stretch of a large network; its parts are lists of places. */
  function road(app, row, parts) {
    const kind = roadClass(app, row), metres = (places) => places.slice(1).reduce((sum, to, i) => sum + Siting.decide.geodesic(places[i], to), 0);
    return el("article", { class: "card" }, heading(app, app.data.base.roads.ref[row] || kind, null, kind),
      el("dl", { class: "facts" }, fact(t("road_length"), dom.withUnit(parts.reduce((sum, part) => sum + metres(part), 0) / 1000, "km"))));
  }

  return { candidate, ground, demand, place, energy, road, roadHint, hint, chip, district, money, failed, fact, plain };
})();

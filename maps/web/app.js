/* Wiring: one state, told to every part that shows it. */
Siting.start = function (map) {
  "use strict";
  const core = Siting.core, dom = Siting.dom, theme = Siting.theme;
  const data = Siting.columns.unpack(JSON.parse(dom.byId("siting-data").textContent));
  const HASH_LANGUAGES = ["", "en", "hant"];
  const DEFAULT_KINDS = ["areas", "candidates", "sites"];
  // From bottom to top on the canvas that answers to the pointer.
  const DOT_ORDER = ["flows", "demand", "excluded", "candidates"];
  const app = { map, data, state: { facility: 0, selected: null, year: null }, facilities: [] };
  let highlight = null;

  dom.setWords(data.words);
  dom.byId("map").appendChild(map.getContainer());
  dom.byId("map").appendChild(dom.byId("notice"));

  const bounds = L.latLngBounds([data.bounds[1], data.bounds[0]], [data.bounds[3], data.bounds[2]]);

  /* ---- selection ---- */
  function clear() {
    if (highlight) { highlight.remove(); highlight = null; }
    map.getContainer().classList.remove("focused");
    const chosen = app.state.selected;
    if (chosen) app.facilities[chosen.facility].mark(chosen.row, false);
    app.state.selected = null;
  }

  app.openCard = function (latlng, build, options) {
    if (!options || !options.keep) clear();
    if (options && options.move) moveTo(latlng);
    host.open(latlng, build);
    panel.follow();
    save();
  };

  function moveTo(latlng) {
    const zoom = map.getZoom();
    if (zoom < 10.5 || !map.getBounds().pad(-0.1).contains(latlng)) map.setView(latlng, Math.max(zoom, 10.5), { animate: false });
  }

  app.select = function (index, row, options) {
    if (index !== app.state.facility) app.show(index);
    clear();
    const entry = app.facilities[index], table = entry.facility.candidates;
    app.state.selected = { facility: index, row };
    if (table.lat[row] === null) { panel.follow(); return; }
    highlight = entry.highlight(row).addTo(map);
    entry.mark(row, true);
    map.getContainer().classList.toggle("focused", entry.place(row) !== undefined);
    app.openCard(L.latLng(table.lat[row], table.lon[row]), () => Siting.cards.candidate(app, index, row),
      { keep: true, move: options && options.move });
  };

  app.deselect = function () {
    clear();
    host.close();
    panel.follow();
    save();
  };

  /* ---- facility type on show: the kinds of layers stay, the facility changes ---- */
  app.show = function (index) {
    const before = app.facilities[app.state.facility].groups, after = app.facilities[index].groups;
    const kinds = Object.keys(before).filter((kind) => map.hasLayer(before[kind]));
    clear();
    host.close();
    if (index !== app.state.facility) kinds.forEach((kind) => before[kind].remove());
    app.state.facility = index;
    kinds.forEach((kind) => after[kind].addTo(map));
    panel.update();
    controls.update();
    save();
  };

  /* ---- the reader's changes: weights, sites, filters ---- */
  app.refresh = function (what) {
    app.facilities[app.state.facility].refresh(what);
    if (what !== "weights") raise();
    panel.refresh();
    controls.refresh();
    host.refresh();
    saveSoon();
  };

  app.weigh = function (points) {
    if (!app.facilities[app.state.facility].live.setPoints(points)) return;
    app.refresh("weights");
    if (!points) app.settle();
  };

  app.settle = function () {
    app.facilities[app.state.facility].settle();
    raise();
  };

  app.toggle = function (row) {
    const entry = app.facilities[app.state.facility];
    if (!entry.live.rank(row) && !entry.live.isPlanned(row)) return;
    entry.live.toggle(row);
    app.refresh("sites");
  };

  /* The plan as it stands in a year of the roll-out; null for the whole. */
  app.setYear = function (year) {
    app.state.year = year;
    app.facilities.forEach((entry) => entry.refresh("year"));
    raise();
    panel.refresh();
    controls.refresh();
    save();
  };

  app.showExcluded = function () {
    app.facilities[app.state.facility].groups.excluded.addTo(map);
    panel.setView("excluded");
  };

  app.resetPlan = function () {
    const live = app.facilities[app.state.facility].live;
    live.setPoints(null);
    live.setSites([], []);
    app.refresh("sites");
  };

  function raise() {
    DOT_ORDER.forEach(function (kind) {
      app.facilities.forEach(function (entry) {
        if (map.hasLayer(entry.groups[kind])) entry.groups[kind].eachLayer((layer) => layer.bringToFront());
      });
    });
  }

  function far() { map.getContainer().classList.toggle("far", map.getZoom() < 10); }

  /* ---- language and theme ---- */
  function setLanguage(at) {
    dom.setLanguage(at);
    dom.translate();
    dom.byId("language").value = dom.LANGUAGES[at];
    panel.update();
    controls.update();
    measure.update();
    if (app.tiles) app.tiles.update();
    app.base.labels.draw();
    host.refresh();
    save();
  }

  app.setTheme = function (name) {
    theme.set(name);
    dom.byId("theme").setAttribute("aria-pressed", String(name === "dark"));
    app.base.restyle();
    app.facilities.forEach((entry) => entry.restyle());
    raise();
    app.beside.update();
    app.base.labels.draw();
    controls.update();
    save();
  };

  /* ---- the address keeps the view, so that a file's link can point at a site ---- */
  let ready = false, later = null;

  /* Browsers count how often an address changes; a slider moves many times a second. */
  function saveSoon() {
    window.clearTimeout(later);
    later = window.setTimeout(save, 200);
  }

  /* {facility key: texts} of the facility types that have any. */
  function changed(pick) {
    const found = {};
    app.facilities.forEach(function (entry) {
      const texts = pick(entry);
      if (texts.length) found[entry.facility.key] = texts;
    });
    return found;
  }

  function ids(entry, rows) { return rows.map((row) => entry.facility.candidates.id[row]); }

  function save() {
    if (!ready) return;
    const chosen = app.state.selected, facility = data.facilities[app.state.facility], centre = map.getCenter();
    const hash = core.writeHash({
      f: facility.key, s: chosen ? facility.candidates.id[chosen.row] : "",
      l: HASH_LANGUAGES[dom.language()], t: theme.name() === "dark" ? "dark" : "", y: app.state.year === null ? "" : String(app.state.year),
      w: changed((entry) => entry.live.hasWeights() ? entry.live.points().map(String) : []),
      a: changed((entry) => ids(entry, entry.live.added())), r: changed((entry) => ids(entry, entry.live.removed())),
      view: [map.getZoom(), centre.lat, centre.lng],
    });
    try { window.history.replaceState(null, "", hash); } catch (error) { /* Some viewers forbid it; the page works without. */ }
  }

  /* Points that fit the criteria and ids that are there; whatever else the address says is passed over. */
  function restoreChanges(asked) {
    app.facilities.forEach(function (entry) {
      const key = entry.facility.key, table = entry.facility.candidates;
      const rowsOf = (list) => (list && list[key] || []).map((id) => table.id.indexOf(id)).filter((row) => row >= 0);
      const points = core.readPoints(asked.w && asked.w[key], entry.facility.criteria.length);
      if (points) entry.live.setPoints(points);
      entry.live.setSites(rowsOf(asked.a), rowsOf(asked.r));
    });
  }

  function restore() {
    const asked = core.readHash(window.location.hash);
    app.setTheme(asked.t === "dark" ? "dark" : "light");
    restoreChanges(asked);
    setLanguage(Math.max(0, HASH_LANGUAGES.indexOf(asked.l || "")));
    const index = Math.max(0, data.facilities.findIndex((facility) => facility.key === asked.f));
    app.show(index);
    const year = panel.years.find((known) => String(known) === asked.y);
    if (year !== undefined) app.setYear(year);
    if (asked.view) map.setView([asked.view[1], asked.view[2]], asked.view[0], { animate: false });
    const row = asked.s ? data.facilities[index].candidates.id.indexOf(asked.s) : -1;
    if (row >= 0) app.select(index, row);
  }

  /* ---- start ---- */
  theme.set("light");
  app.sheet = Siting.sheet(app);
  const host = Siting.cardHost(app);
  map.fitBounds(bounds, { paddingTopLeft: [12, 12], paddingBottomRight: [12, 38], animate: false });
  map.setMaxBounds(bounds.pad(0.8));
  map.setMinZoom(Math.floor(map.getZoom()) - 1);
  app.base = Siting.base(app);
  app.facilities = data.facilities.map((_, index) => Siting.facility(app, index));
  app.facilities.forEach(function (entry) {
    DOT_ORDER.forEach((kind) => entry.groups[kind].on("add", raise));
  });
  app.beside = Siting.beside(app);
  const panel = Siting.panel(app), controls = Siting.controls(app);
  Siting.search(app);
  Siting.about(app);
  app.save = Siting.save(app);
  Siting.pointer(app);
  const measure = Siting.measure(app);
  app.rows = () => panel.rows();
  if (app.facilities.length) DEFAULT_KINDS.forEach((kind) => app.facilities[0].groups[kind].addTo(map));
  restore();
  if (data.tiles) app.tiles = Siting.tiles(app);
  ready = true;

  dom.byId("language").addEventListener("change", (event) => setLanguage(dom.LANGUAGES.indexOf(event.target.value)));
  dom.byId("theme").addEventListener("click", () => app.setTheme(theme.name() === "dark" ? "light" : "dark"));
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && host.isOpen() && !dom.byId("about").open && !measure.isOn()) app.deselect();
    // Only while the list or the card has the focus: a letter typed elsewhere must not change the plan.
    const chosen = app.state.selected, inside = event.target.closest && event.target.closest("#table, .card");
    if (event.key.toLowerCase() === "a" && inside && chosen && !event.ctrlKey && !event.metaKey && !event.altKey) app.toggle(chosen.row);
  });
  map.on("moveend", save);
  map.on("zoomend", far);
  far();
  document.body.classList.add("ready");
  Siting.app = app;
};

/* Wiring: one state, told to every part that shows it. */
Siting.start = function (map) {
  "use strict";
  const core = Siting.core, dom = Siting.dom, theme = Siting.theme;
  const data = JSON.parse(dom.byId("siting-data").textContent);
  const DEFAULT_KINDS = ["areas", "candidates", "sites"];
  // From bottom to top on the canvas that answers to the pointer.
  const DOT_ORDER = ["demand", "excluded", "candidates"];
  const app = { map, data, state: { facility: 0, selected: null }, facilities: [] };
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
    dom.byId("language").textContent = data.words.other_language ? dom.t("other_language") : "";
    dom.byId("language").lang = dom.LANGUAGES[1 - at];
    panel.update();
    controls.update();
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
    app.base.labels.draw();
    controls.update();
    save();
  };

  /* ---- the address keeps the view, so that a file's link can point at a site ---- */
  let ready = false;
  function save() {
    if (!ready) return;
    const chosen = app.state.selected, facility = data.facilities[app.state.facility], centre = map.getCenter();
    const hash = core.writeHash({
      f: facility.key, s: chosen ? facility.candidates.id[chosen.row] : "",
      l: dom.language() ? "en" : "", t: theme.name() === "dark" ? "dark" : "",
      view: [map.getZoom(), centre.lat, centre.lng],
    });
    try { window.history.replaceState(null, "", hash); } catch (error) { /* Some viewers forbid it; the page works without. */ }
  }

  function restore() {
    const asked = core.readHash(window.location.hash);
    app.setTheme(asked.t === "dark" ? "dark" : "light");
    setLanguage(asked.l === "en" ? 1 : 0);
    const index = Math.max(0, data.facilities.findIndex((facility) => facility.key === asked.f));
    app.show(index);
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
  const panel = Siting.panel(app), controls = Siting.controls(app);
  Siting.search(app);
  Siting.about(app);
  if (app.facilities.length) DEFAULT_KINDS.forEach((kind) => app.facilities[0].groups[kind].addTo(map));
  restore();
  ready = true;

  dom.byId("language").addEventListener("click", () => setLanguage(1 - dom.language()));
  dom.byId("theme").addEventListener("click", () => app.setTheme(theme.name() === "dark" ? "light" : "dark"));
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && host.isOpen() && !dom.byId("about").open) app.deselect();
  });
  map.on("moveend", save);
  map.on("zoomend", far);
  far();
  document.body.classList.add("ready");
  Siting.app = app;
};

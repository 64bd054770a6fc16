/* The page of two plans: one state, two maps that move together, the list of what changed, and why. */
Siting.startCompare = function (map) {
  "use strict";
  const core = Siting.core, dom = Siting.dom, theme = Siting.theme;
  const data = Siting.columns.unpack(JSON.parse(dom.byId("siting-data").textContent));
  const HASH_LANGUAGES = ["", "en", "hant"], SIDES = ["a", "b"];
  const app = { map, data, facilities: [], state: { facility: 0, row: null } };
  let build = null, ready = false;

  dom.setWords(data.words);
  document.body.classList.add("compare");
  theme.set("light");
  dom.byId("side-a").appendChild(map.getContainer());
  dom.byId("map").appendChild(dom.byId("notice"));
  const twin = L.map(dom.byId("map").querySelector(".twin"), { zoomControl: false, attributionControl: false, zoomSnap: 0.25,
    fadeAnimation: false, preferCanvas: true, maxZoom: map.getMaxZoom(), center: map.getCenter(), zoom: map.getZoom() });

  app.twin = twin;
  app.maps = { a: map, b: twin };
  app.current = () => data.facilities[app.state.facility];

  /* ---- the card: in the panel, so that it hides neither map ---- */
  app.openCard = function (_latlng, make) {
    clear();
    open(make);
  };

  function open(make) {
    build = make;
    document.body.classList.add("with-card");
    dom.refill(dom.byId("card"), make());
    dom.byId("card").scrollTop = 0;
    if (app.isPhone()) { dom.byId("panel").scrollTop = 0; app.sheet.show(); }
  }

  function clear() {
    build = null;
    app.state.row = null;
    dom.refill(dom.byId("card"));
    document.body.classList.remove("with-card");
    tell();
  }

  app.deselect = function () {
    clear();
    panel.back();
  };

  /* The chosen site, told to both maps, the list and the address. */
  function tell() {
    sides.forEach((side) => side.mark(app.state.row));
    panel.mark(app.state.row);
    save();
  }

  app.select = function (row, options) {
    app.state.row = row;
    open(() => Siting.compareCard(app, row));
    if (options && options.move) moveTo(row);
    tell();
  };

  function moveTo(row) {
    const sites = app.current().sites, places = SIDES.filter((side) => sites[side].lat[row] !== null)
      .map((side) => [sites[side].lat[row], sites[side].lon[row]]);
    if (!places.length) return;
    const seen = L.latLngBounds(places), zoom = Math.max(map.getZoom(), 11);
    map.setView(seen.getCenter(), Math.min(zoom, map.getBoundsZoom(seen.pad(0.3))), { animate: false });
  }

  /* ---- facility, language, theme, address ---- */
  app.show = function (index) {
    app.state.facility = index;
    clear();
    sides.forEach((side) => side.draw());
    panel.update();
    tell();
  };

  function setLanguage(at) {
    dom.setLanguage(at);
    dom.translate();
    dom.byId("language").value = dom.LANGUAGES[at];
    panel.update();
    tell();
    if (build) dom.refill(dom.byId("card"), build());
    app.base.labels.draw();
  }

  app.setTheme = function (name) {
    theme.set(name);
    dom.byId("theme").setAttribute("aria-pressed", String(name === "dark"));
    app.base.restyle();
    app.base.labels.draw();
    panel.update();
    tell();
  };

  function save() {
    if (!ready) return;
    const centre = map.getCenter(), row = app.state.row, sites = app.current().sites;
    const hash = core.writeHash({
      f: app.current().key, s: row === null ? "" : sites.b.id[row] || sites.a.id[row],
      l: HASH_LANGUAGES[dom.language()], t: theme.name() === "dark" ? "dark" : "", view: [map.getZoom(), centre.lat, centre.lng],
    });
    try { window.history.replaceState(null, "", hash); } catch (error) { /* Some viewers forbid it; the page works without. */ }
  }

  function restore() {
    const asked = core.readHash(window.location.hash);
    app.state.facility = Math.max(0, data.facilities.findIndex((facility) => facility.key === asked.f));
    app.setTheme(asked.t === "dark" ? "dark" : "light");
    setLanguage(Math.max(0, HASH_LANGUAGES.indexOf(asked.l || "")));
    if (asked.view) map.setView([asked.view[1], asked.view[2]], asked.view[0], { animate: false });
    const sites = app.current().sites, row = asked.s ? Math.max(sites.b.id.indexOf(asked.s), sites.a.id.indexOf(asked.s)) : -1;
    if (row >= 0) app.select(row);
  }

  /* ---- start ---- */
  const bounds = L.latLngBounds([data.bounds[1], data.bounds[0]], [data.bounds[3], data.bounds[2]]);
  /* Both at once, for what draws or prints one map elsewhere. */
  app.base = { restyle: () => sides.forEach((side) => side.restyle()), labels: { draw: () => sides.forEach((side) => side.base.labels.draw()) } };
  app.sheet = Siting.sheet(app);
  map.invalidateSize({ animate: false });
  map.fitBounds(bounds, { paddingTopLeft: [8, 34], paddingBottomRight: [8, 34], animate: false });
  [map, twin].forEach(function (each) {
    each.setMaxBounds(bounds.pad(0.8));
    each.setMinZoom(Math.floor(map.getZoom()) - 1);
  });
  const sides = [Siting.pairSide(app, map, "a"), Siting.pairSide(app, twin, "b")], panel = Siting.comparePanel(app, sides);
  Siting.sync(map, twin);
  Siting.about(app);
  restore();
  ready = true;
  save();

  dom.byId("language").addEventListener("change", (event) => setLanguage(dom.LANGUAGES.indexOf(event.target.value)));
  dom.byId("theme").addEventListener("click", () => app.setTheme(theme.name() === "dark" ? "light" : "dark"));
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && build && !dom.byId("about").open) app.deselect(); });
  map.on("moveend", save);
  document.body.classList.add("ready");
  Siting.app = app;
};

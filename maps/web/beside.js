/* The plan as it was, on a second map beside the one with the reader's changes. The same data, drawn again. */
Siting.beside = function (app) {
  "use strict";
  const { map, data } = app, core = Siting.core, dom = Siting.dom, el = dom.el, t = dom.t, theme = Siting.theme;
  const MOST_DOTS = 2000;
  const frame = dom.byId("map"), now = el("p", { class: "caption" }), before = el("p", { class: "caption" });
  let second = null;

  function current() { return app.facilities[app.state.facility]; }

  /* Options that decide what can be seen; the folium map has them already. */
  function twin(container) {
    const keys = ["minZoom", "maxZoom", "zoomSnap", "maxBounds", "fadeAnimation", "preferCanvas"];
    const options = { zoomControl: false, attributionControl: false, center: map.getCenter(), zoom: map.getZoom() };
    keys.forEach((key) => { options[key] = map.options[key]; });
    return L.map(container, options);
  }

  function open() {
    const container = el("div", { id: "beside" }), seen = map.getBounds(), legend = frame.querySelector(".legend");
    document.body.classList.add("beside");
    frame.appendChild(container);
    map.invalidateSize({ animate: false });
    map.fitBounds(seen, { animate: false });
    if (legend) legend.open = false;
    const own = twin(container), other = { map: own, data, openCard: app.openCard, deselect: app.deselect };
    second = { map: own, base: Siting.base(other), plan: L.layerGroup().addTo(own), container };
    second.part = Siting.sync(map, own);
    const close = el("button", { type: "button", class: "close", on: { click: toggle } }, "×");
    second.close = close;
    frame.appendChild(now);
    container.appendChild(before);
    container.appendChild(close);
    [now, before, close].forEach(L.DomEvent.disableClickPropagation);
    update();
  }

  function close() {
    if (!second) return;
    const seen = map.getBounds();
    second.part();
    second.map.remove();
    second.container.remove();
    now.remove();
    second = null;
    document.body.classList.remove("beside");
    map.invalidateSize({ animate: false });
    map.fitBounds(seen, { animate: false });
  }

  function toggle() {
    if (second) close(); else open();
    const button = dom.byId("beside-toggle");
    if (button) { button.setAttribute("aria-pressed", String(Boolean(second))); button.focus(); }
  }

  function latlng(row) {
    const table = current().facility.candidates;
    return [table.lat[row], table.lon[row]];
  }

  function placed(rows) { return rows.filter((row) => latlng(row)[0] !== null); }

  function areas(entry) {
    const look = data.style.layers.service_areas, colour = entry.facility.colour;
    const options = second.base.options("areas", {
      color: colour, weight: look.width_px, opacity: 0.4, fillColor: colour, fillOpacity: look.fill_opacity,
    });
    return entry.facility.sites.area.map((shape) => L.polygon(shape.map((rings) => rings.map(core.decode)), options));
  }

  /* Candidates by their score in the plan, the best on top. */
  function dots(entry) {
    const table = entry.facility.candidates, edge = theme.name() === "dark" ? "#e8edf2" : "#1b2733";
    const rows = placed(table.id.map((_, row) => row).filter((row) => !table.excluded[row] && table.score[row] !== null));
    if (rows.length > MOST_DOTS) return [];
    return rows.sort((a, b) => table.score[a] - table.score[b]).map(function (row) {
      const found = core.scoreClass(table.score[row], data.style.breaks);
      return L.circleMarker(latlng(row), second.base.options("dots", {
        radius: 0.7 * data.style.radii_px[found], color: edge, weight: 1, fillColor: data.style.colours[found], fillOpacity: 1,
      }));
    });
  }

  function pin(entry, row, place) {
    const out = !entry.live.isOpen(row), colours = { "--pin": entry.facility.colour, "--pin-text": core.textOn(entry.facility.colour) };
    const badge = el("div", { class: "pin pin-" + (app.state.facility % 3) + (out ? " pin-gone" : ""), style: colours }, el("span", {}, place + 1));
    const icon = L.divIcon({ className: "pin-icon", html: badge, iconSize: [24, 24] });
    const marker = L.marker(latlng(row), { icon, keyboard: false, zIndexOffset: -10 * place });
    marker.on("click", () => app.select(app.state.facility, row));
    return marker.bindTooltip(() => el("span", {}, dom.name(entry.facility.candidates, row), out ? el("small", {}, " " + t("mark_removed")) : null), { offset: [12, 0] });
  }

  function label(entry) {
    const table = entry.facility.candidates;
    const items = placed(entry.live.planned).map((row, at) => ({ lat: table.lat[row], lon: table.lon[row], half: 9, kind: "site",
      rank: 100 + at, from: 11.75, to: 22, text: () => dom.name(table, row) }));
    second.base.labels.setSource("sites", items);
    second.base.labels.setObstacles("sites", items);
  }

  function captions(entry) {
    const live = entry.live, cover = live.coverage();
    const share = (met) => cover && cover.all > 0 ? t("cmp_covers", { share: dom.percent(met / cover.all) }) : null;
    const parts = [t("beside_now", { n: live.open().length, plus: live.added().length, minus: live.removed().length }),
      cover ? share(cover.met) : null, live.hasWeights() ? t("beside_weights") : null];
    dom.refill(now, parts.filter(Boolean).join(" · "));
    dom.refill(before, [t("beside_plan", { n: live.planned.length }), cover ? share(cover.before) : null].filter(Boolean).join(" · "));
    second.close.setAttribute("aria-label", t("beside_close"));
    second.map.getContainer().setAttribute("aria-label", t("beside_map"));
    second.map.getContainer().setAttribute("role", "region");
  }

  /* After a change of the plan, of facility type, language or theme. */
  function update() {
    const entry = current();
    if (second && !entry.live.hasSites() && !entry.live.hasWeights()) close();
    if (!second) return;
    second.base.restyle();
    second.plan.clearLayers();
    const layers = areas(entry).concat(dots(entry), placed(entry.live.planned).map((row, place) => pin(entry, row, place)));
    layers.forEach((layer) => second.plan.addLayer(layer));
    second.map.getContainer().classList.toggle("far", second.map.getZoom() < 10);
    label(entry);
    captions(entry);
  }

  map.on("zoomend", function () {
    if (second) second.map.getContainer().classList.toggle("far", map.getZoom() < 10);
  });
  window.addEventListener("beforeprint", function () { if (second) second.base.labels.draw(); });

  return { toggle, close, update, isOpen: () => second !== null, map: () => second && second.map };
};

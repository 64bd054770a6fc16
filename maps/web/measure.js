/* Measure along a line: click from place to place, or move the map by its keys and press Enter. */
Siting.measure = function (app) {
  "use strict";
  const { map, base } = app, dom = Siting.dom, el = dom.el, t = dom.t;
  const button = el("a", { role: "button", href: "#", class: "measure-button", "aria-pressed": "false", on: { click: toggle } });
  const bar = el("div", { class: "measure-bar", role: "status", hidden: true });
  const shown = L.layerGroup();
  let on = false, places = [];

  /* A ruler, drawn: no font and no picture is loaded. */
  button.appendChild(dom.svg("svg", { viewBox: "0 0 24 24", width: 18, height: 18, "aria-hidden": "true" },
    dom.svg("path", { d: "M3 16 16 3l5 5L8 21Z M7 12l2 2 M10 9l3 3 M13 6l2 2", fill: "none", stroke: "currentColor", "stroke-width": 1.8, "stroke-linejoin": "round" })));

  function length() {
    return places.slice(1).reduce((sum, place, i) => sum + Siting.decide.geodesic(places[i], place), 0);
  }

  function words(metres) {
    return metres < 1000 ? dom.fixed(metres, 0) + " m" : dom.fixed(metres / 1000, 2) + " km";
  }

  function draw() {
    shown.clearLayers();
    const colour = Siting.theme.name() === "dark" ? "#ffd75e" : "#9c1f5b";
    const line = L.polyline(places, base.options("ring", { color: colour, weight: 3 }));
    shown.addLayer(line);
    places.forEach((place) => shown.addLayer(L.circleMarker(place, base.options("ring", { radius: 4, color: colour, weight: 2, fillColor: "#ffffff", fillOpacity: 1 }))));
    dom.refill(bar, places.length < 2 ? t("measure_hint") : el("b", {}, t("measure_is", { length: words(length()) })),
      places.length ? el("button", { type: "button", class: "plain-button", on: { click: undo } }, t("measure_undo")) : null,
      el("button", { type: "button", class: "plain-button", on: { click: toggle } }, t("close")));
  }

  function add(place) {
    places.push([place.lat, place.lng]);
    draw();
  }

  function undo() {
    places.pop();
    draw();
    if (places.length) bar.querySelector("button").focus(); else map.getContainer().focus();
  }

  function toggle(event) {
    if (event) { L.DomEvent.stop(event); }
    on = !on;
    places = [];
    button.setAttribute("aria-pressed", String(on));
    map.getContainer().classList.toggle("measuring", on);
    bar.hidden = !on;
    if (on) { app.deselect(); shown.addTo(map); map.doubleClickZoom.disable(); draw(); map.getContainer().focus(); }
    else { shown.clearLayers().remove(); map.doubleClickZoom.enable(); button.focus(); }
  }

  map.on("click", function (event) { if (on) add(event.latlng); });
  map.getContainer().addEventListener("keydown", function (event) {
    if (!on) return;
    if (event.key === "Escape") { event.stopPropagation(); toggle(); }
    if (event.key === "Enter" && event.target === map.getContainer()) add(map.getCenter());
    if (event.key === "Backspace" && event.target === map.getContainer()) undo();
  });

  const control = L.control({ position: "topleft" });
  control.onAdd = function () {
    const container = el("div", { class: "leaflet-bar" }, button);
    L.DomEvent.disableClickPropagation(container);
    return container;
  };
  control.addTo(map);
  button.addEventListener("keydown", function (event) { if (event.key === " ") { event.preventDefault(); toggle(event); } });
  dom.byId("map").appendChild(bar);
  L.DomEvent.disableClickPropagation(bar);

  function update() {
    button.setAttribute("aria-label", t("measure"));
    button.setAttribute("title", t("measure"));
    if (on) draw();
  }

  return { update, isOn: () => on };
};

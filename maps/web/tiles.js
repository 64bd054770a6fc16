/* Online tiles under the data, in a file that was built with them. Without them, or when they fail, the
   vector base is the map. A key lives in this closure only: not in the address, not in any storage. */
Siting.tiles = function (app) {
  "use strict";
  const { map, data, base } = app, source = data.tiles, dom = Siting.dom, el = dom.el, t = dom.t;
  const PATIENCE_MS = 8000, FEW = 3;
  // OpenStreetMap's servers refuse a page that has no address of its own, such as a file on a disk.
  const isRefused = source.wants_referrer && window.location.protocol === "file:";
  const Layer = source.is_shifted ? L.TileLayer.extend(Siting.gcj02.mixin) : L.TileLayer;
  const pane = map.createPane("tiles");
  pane.style.zIndex = 190;
  pane.style.pointerEvents = "none";
  let layers = [], key = "", hidden = [], loaded = 0, failed = 0, timer = null, state = "off";

  function make(url) {
    const layer = new Layer(url.replace("{host}", "{s}"), {
      pane: "tiles", subdomains: source.hosts, maxNativeZoom: source.max_zoom, maxZoom: 22, keepBuffer: 1, updateWhenZooming: false,
      key: encodeURIComponent(key), referrerPolicy: source.wants_referrer ? "strict-origin-when-cross-origin" : "no-referrer",
    });
    return layer.on("tileload", arrived).on("tileerror", missed);
  }

  function ground() { return [base.ground, base.layers.coast, base.layers.roads, base.layers.towns]; }

  /* The tiles' own land, roads and names instead of ours, once there are some. */
  function uncover() {
    hidden = ground().filter((layer) => map.hasLayer(layer));
    hidden.forEach((layer) => layer.remove());
  }

  function cover() {
    hidden.forEach((layer) => layer.addTo(map));
    // All share one canvas; the ground goes below what was drawn meanwhile.
    if (hidden.indexOf(base.ground) >= 0) base.ground.getLayers().reverse().forEach((layer) => layer.bringToBack());
    hidden = [];
  }

  function arrived() {
    loaded += 1;
    if (state !== "asking") return;
    window.clearTimeout(timer);
    state = "on";
    uncover();
    update();
  }

  /* A tile or two may be missing anywhere; most of a view may not. */
  function missed() {
    failed += 1;
    if (failed >= FEW && failed > loaded) fail();
  }

  function start() {
    stop();
    if (source.needs_key && !key) { state = "keyless"; update(); input.focus(); return; }
    state = "asking";
    loaded = failed = 0;
    timer = window.setTimeout(fail, PATIENCE_MS);
    layers = source.urls.map(make);
    layers.forEach((layer) => layer.addTo(map));
    update();
  }

  function stop() {
    window.clearTimeout(timer);
    layers.forEach((layer) => layer.off().remove());
    layers = [];
    cover();
    state = "off";
    update();
  }

  function fail() {
    stop();
    state = "failed";
    update();
  }

  /* ---- what the reader sees of it ---- */
  const choice = el("input", { type: "checkbox", id: "tiles-on", on: { change: () => choice.checked ? start() : stop() } });
  const words = el("span", {}), hint = el("small", { class: "muted" });
  const input = el("input", { type: "text", id: "tiles-key", autocomplete: "off", spellcheck: "false", on: { keydown: enter } });
  const asked = el("label", { for: "tiles-key" }), use = el("button", { type: "button", class: "plain-button", on: { click: take } });
  const box = el("div", { class: "tiles-box" }, el("label", {}, choice, words),
    source.needs_key ? el("div", { class: "tiles-key" }, asked, input, use) : null, hint);
  const notice = el("p", { class: "tiles-notice", role: "status", hidden: true }), credit = el("div", { class: "leaflet-control credits tiles-credit", hidden: true });

  function enter(event) { if (event.key === "Enter") take(); }

  function take() {
    key = input.value.trim();
    start();
  }

  function attach() {
    const control = map.getContainer().querySelector(".leaflet-control-layers");
    control.querySelector(".leaflet-control-layers-list").appendChild(box);
    // The box must not fold away under a reader who is typing.
    box.addEventListener("focusin", () => control.classList.add("typing"));
    box.addEventListener("focusout", () => control.classList.remove("typing"));
    map.getContainer().querySelector(".leaflet-bottom.leaflet-right").appendChild(credit);
    dom.byId("map").appendChild(notice);
    L.DomEvent.disableClickPropagation(notice);
  }

  function label() { return source.label[dom.language()] || source.label[0]; }

  function told() {
    if (state === "failed") return t(source.needs_key ? "tiles_failed_key" : "tiles_failed", { name: label() });
    return state === "keyless" ? t("tiles_keyless", { name: label() }) : "";
  }

  function update() {
    choice.checked = state === "asking" || state === "on";
    words.textContent = t("tiles", { name: label() });
    asked.textContent = t("tiles_key");
    use.textContent = t("tiles_use");
    hint.textContent = [source.needs_key ? t("tiles_key_line") : "", isRefused ? t("tiles_refused", { name: label() }) : "", t("tiles_line", { hosts: source.hosts.length > 1 ? source.hosts[0] + " …" : source.hosts[0] })]
      .filter(Boolean).join(" ");
    credit.textContent = source.attribution;
    credit.hidden = state !== "on";
    notice.hidden = !told();
    if (notice.hidden) { notice.textContent = ""; return; }
    dom.refill(notice, told(), " ",
      state === "failed" ? el("button", { type: "button", class: "plain-button", on: { click: start } }, t("tiles_again")) : null,
      el("button", { type: "button", class: "plain-button", on: { click: stop } }, t("close")));
  }

  /* A picture cannot hold what other hosts sent: it is drawn with the vector base. */
  function withVector(draw) {
    if (!hidden.length) { draw(); return; }
    cover();
    window.requestAnimationFrame(() => window.requestAnimationFrame(function () { draw(); uncover(); }));
  }

  map.on("movestart", function () { loaded = failed = 0; });
  attach();
  update();
  if (!source.needs_key && !isRefused) start();
  return { update, withVector, state: () => state };
};

/* The panel as a bottom sheet on phones, and the page on paper. */
Siting.sheet = function (app) {
  "use strict";
  const dom = Siting.dom, HEIGHTS = ["peek", "half", "full"];
  const handle = dom.byId("sheet"), body = document.body;
  const NARROW = window.matchMedia("(max-width: 760px)");
  let level = 1, from = 0, dragged = false;

  function set(next) {
    level = Math.max(0, Math.min(HEIGHTS.length - 1, next));
    body.dataset.sheet = HEIGHTS[level];
    handle.setAttribute("aria-expanded", String(level > 0));
    app.map.invalidateSize({ animate: false });
  }

  /* A drag moves one step the way it went; a tap or a key goes through the steps. Taps are taken as
     clicks: acting on the pointer would let the click that follows fall on the map below. */
  handle.addEventListener("pointerdown", function (event) {
    from = event.clientY;
    dragged = false;
    handle.setPointerCapture(event.pointerId);
  });
  handle.addEventListener("pointerup", function (event) {
    const moved = event.clientY - from;
    dragged = Math.abs(moved) > 24;
    if (dragged) set(level + (moved < 0 ? 1 : -1));
  });
  handle.addEventListener("click", function () {
    if (!dragged) set((level + 1) % HEIGHTS.length);
    dragged = false;
  });

  let before = null;

  /* Paper shows what the screen shows, in light colours; afterwards all is as it was. */
  function print(on) {
    if (on === Boolean(before)) return;
    const map = app.map;
    if (on) before = { bounds: map.getBounds(), centre: map.getCenter(), zoom: map.getZoom(), theme: Siting.theme.name() };
    body.classList.toggle("printing", on);
    if (before.theme === "dark") app.setTheme(on ? "light" : "dark");
    map.invalidateSize({ animate: false });
    if (on) map.fitBounds(before.bounds, { animate: false });
    else map.setView(before.centre, before.zoom, { animate: false });
    app.base.labels.draw();
    if (on) document.querySelectorAll("canvas").forEach(asPicture);
    else before = null;
  }

  /* Chromium prints what was drawn just before as shapes, and loses most of a large drawing on the way: on paper every
     canvas is a picture. */
  function asPicture(canvas) {
    const { width, height } = canvas;
    if (!width || !height) return;
    // Read back from a copy made for it: the map's own canvases stay as quick as they are.
    const copy = Object.assign(document.createElement("canvas"), { width, height }).getContext("2d", { willReadFrequently: true });
    copy.drawImage(canvas, 0, 0);
    canvas.getContext("2d").putImageData(copy.getImageData(0, 0, width, height), 0, 0);
  }

  window.addEventListener("beforeprint", () => print(true));
  window.addEventListener("afterprint", () => print(false));
  dom.byId("print").addEventListener("click", () => window.print());

  app.isPhone = () => NARROW.matches;
  set(1);
  return { show: function () { if (NARROW.matches && level !== 1) set(1); }, peek: function () { if (NARROW.matches) set(0); } };
};

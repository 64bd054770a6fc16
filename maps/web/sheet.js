/* The panel as a bottom sheet on phones, and the page on paper. */
Siting.sheet = function (app) {
  "use strict";
  const dom = Siting.dom, HEIGHTS = ["peek", "half", "full"];
  const handle = dom.byId("sheet"), body = document.body;
  const NARROW = window.matchMedia("(max-width: 760px)");
  let level = 1, from = null;

  function set(next) {
    level = Math.max(0, Math.min(HEIGHTS.length - 1, next));
    body.dataset.sheet = HEIGHTS[level];
    handle.setAttribute("aria-expanded", String(level > 0));
    app.map.invalidateSize({ animate: false });
  }

  /* A tap opens and closes; a drag moves one step the way it went. */
  handle.addEventListener("pointerdown", function (event) {
    from = event.clientY;
    handle.setPointerCapture(event.pointerId);
  });
  handle.addEventListener("pointerup", function (event) {
    const moved = event.clientY - from;
    if (Math.abs(moved) > 24) set(level + (moved < 0 ? 1 : -1));
    else set(level === 0 ? 1 : level === 1 ? 2 : 0);
  });
  handle.addEventListener("click", function (event) {
    // A click without a pointer comes from the keyboard.
    if (event.detail === 0) set((level + 1) % HEIGHTS.length);
  });

  function print(on) {
    body.classList.toggle("printing", on);
    app.map.invalidateSize({ animate: false });
    app.base.labels.draw();
  }

  window.addEventListener("beforeprint", function () { print(true); });
  window.addEventListener("afterprint", function () { print(false); });
  dom.byId("print").addEventListener("click", function () { window.print(); });

  app.isPhone = function () { return NARROW.matches; };
  set(1);
  return { show: function () { if (NARROW.matches && level !== 1) set(1); }, peek: function () { if (NARROW.matches) set(0); } };
};

/* Where a card is shown: a pop-up at its place, or the sheet on a phone, where a pop-up would hide the map. */
Siting.cardHost = function (app) {
  "use strict";
  const { map } = app, dom = Siting.dom;
  const slot = dom.byId("card");
  let build = null, popup = null;

  function close() {
    const open = popup;
    popup = null;
    build = null;
    if (open) open.remove();
    dom.refill(slot);
    document.body.classList.remove("with-card");
  }

  /* Fill again, after a change of language or plan; the button that did it keeps the focus. */
  function refresh() {
    if (!build) return;
    const content = build(), active = document.activeElement;
    const held = active && active.closest(".card") && active.getAttribute("aria-keyshortcuts");
    // A button that is gone once it has acted would look like a click on the map, which closes the card.
    L.DomEvent.on(content, "click", L.DomEvent.stopPropagation);
    fill(content);
    const again = held && content.querySelector("[aria-keyshortcuts]");
    if (again) again.focus();
  }

  function fill(content) {
    if (!popup) { dom.refill(slot, content); return; }
    content.style.setProperty("--card-height", Math.max(200, Math.min(560, map.getSize().y - 90)) + "px");
    popup.setContent(content);
  }

  function open(latlng, newBuild) {
    close();
    build = newBuild;
    if (app.isPhone()) {
      document.body.classList.add("with-card");
      refresh();
      app.sheet.show();
      dom.byId("panel").scrollTop = 0;
      if (!map.getBounds().pad(-0.15).contains(latlng)) map.panTo(latlng, { animate: false });
      return;
    }
    popup = L.popup({
      minWidth: 340, maxWidth: 340, closeButton: false, offset: [0, -10],
      autoPanPaddingTopLeft: [56, 12], autoPanPaddingBottomRight: [12, 40],
    }).setLatLng(latlng);
    refresh();
    popup.openOn(map);
  }

  map.on("popupclose", function (event) { if (event.popup === popup) app.deselect(); });

  return { open, close, refresh, isOpen: () => build !== null };
};

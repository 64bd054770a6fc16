/* Hover and click on the canvases of many features: what Leaflet does for its own layers. */
Siting.pointer = function (app) {
  "use strict";
  const { map } = app;
  const tooltip = L.tooltip();
  let shown = null;

  /* The row under the pointer, of the layer on top. */
  function find(event) {
    const layers = Siting.Many.shown.filter((layer) => layer.asked.open);
    // Dots lie above lines, and the layer that was raised last above the others.
    layers.sort((a, b) => (a instanceof Siting.Dots) - (b instanceof Siting.Dots) || above(a, b));
    for (let k = layers.length - 1; k >= 0; k -= 1) {
      const row = layers[k].hit(event.latlng);
      if (row >= 0) return { layer: layers[k], row };
    }
    return null;
  }

  function above(a, b) {
    return a.getPane() === b.getPane() && a._container.compareDocumentPosition(b._container) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;
  }

  /* Only where the map itself is met, not a marker or a shape on it. */
  function isFree(event) {
    return (!event.sourceTarget || event.sourceTarget === map) && !map.getContainer().classList.contains("measuring");
  }

  function leave() {
    if (!shown) return;
    shown = null;
    tooltip.remove();
    map.getContainer().classList.remove("hovering");
  }

  function over(event) {
    if (map.dragging.moving && map.dragging.moving()) return;
    const found = isFree(event) ? find(event) : null;
    if (!found) { leave(); return; }
    const isSame = shown && shown.layer === found.layer && shown.row === found.row;
    const place = found.layer.place ? found.layer.place(found.row) : event.latlng;
    if (isSame && found.layer.place) return;
    if (!isSame) tooltip.setContent(found.layer.asked.hint(found.row));
    tooltip.setLatLng(place).addTo(map);
    shown = found;
    map.getContainer().classList.add("hovering");
  }

  map.on("mousemove", over);
  map.on("mouseout movestart zoomstart", leave);
  map.on("click", function (event) {
    if (!isFree(event)) return;
    const found = find(event);
    if (!found) { app.facilities.forEach((entry) => entry.surface.open(event.latlng)); return; }
    leave();
    found.layer.asked.open(found.row, found.layer.place ? found.layer.place(found.row) : event.latlng);
  });
};

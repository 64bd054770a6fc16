/* Two maps that show the same place: what moves one moves the other. Returns the way to part them. */
Siting.sync = function (first, second) {
  "use strict";
  const HANDLERS = { move, moveend, zoomanim, resize };
  let leader = null, goal = null;

  function other(map) { return map === first ? second : first; }

  /* One map leads; what the other says while it follows is its echo. */
  function lead(map, follow) {
    if (leader) return;
    leader = map;
    follow(other(map));
    leader = null;
  }

  function move(event) {
    const from = event.target;
    lead(from, function (to) {
      const centre = from.getCenter(), zoom = from.getZoom();
      if (to.getZoom() !== zoom) { to.setView(centre, zoom, { animate: false }); return; }
      const by = to.project(centre).subtract(to.project(to.getCenter())).round();
      if (!by.x && !by.y) return;
      // Only the pane is moved; to draw anew at every step (panBy) would stutter. Private in Leaflet 1.9.4.
      to._rawPanBy(by);
      to.fire("move");
    });
  }

  function moveend(event) { lead(event.target, (to) => to.fire("moveend")); }

  function zoomanim(event) {
    if (goal && goal.zoom === event.zoom && goal.center.equals(event.center)) return;
    goal = { center: event.center, zoom: event.zoom };
    lead(event.target, (to) => to.setView(event.center, event.zoom, { animate: true }));
  }

  function resize(event) { lead(event.target, (to) => to.invalidateSize({ animate: false })); }

  function zoomend() { goal = null; }

  first.on(HANDLERS).on({ zoomend });
  second.on(HANDLERS).on({ zoomend });
  second.setView(first.getCenter(), first.getZoom(), { animate: false });
  return function () {
    first.off(HANDLERS).off({ zoomend });
    second.off(HANDLERS).off({ zoomend });
  };
};

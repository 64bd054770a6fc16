/* The scored ground of a facility type under the roads: a picture of few colours, with the plan's weights. */
Siting.surface = function (app, index) {
  "use strict";
  const facility = app.data.facilities[index], surface = facility.surface;
  const dom = Siting.dom, t = dom.t;

  function build() {
    if (!surface) return [];
    const [south, west, north, east] = surface.bounds;
    return [L.imageOverlay(surface.png, [[south, west], [north, east]],
      { pane: "surface", opacity: app.data.style.surface_opacity, className: "surface", alt: "" })];
  }

  /* What the picture is made of; changed weights do not change it. */
  function note() {
    const side = surface.cell_m < 1000 ? dom.plain(surface.cell_m) + " m" : dom.plain(surface.cell_m / 1000) + " km";
    return t("surface_note", { side, share: dom.percent(surface.weight_share, 0) });
  }

  return { build, note, isKnown: Boolean(surface) };
};

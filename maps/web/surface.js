/* The scored ground of a facility type under the roads: a picture of few colours that follows the weights. */
Siting.surface = function (app, index) {
  "use strict";
  const facility = app.data.facilities[index], surface = facility.surface, live = surface && surface.live;
  const dom = Siting.dom, el = dom.el, t = dom.t, style = app.data.style;
  const colours = style.surface.map((hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)));
  let overlay = null, cells = null;

  /* The cell under every pixel of the picture, -1 for none, and the values of the cells; made once. */
  function unpacked() {
    if (cells) return cells;
    const [wide, high] = live.size, step = live.step, number = new Map(), under = new Int32Array(wide * high).fill(-1);
    let at = 0;
    Array.from(live.cell).forEach(function (more, k) { at += more; number.set(at, k); });
    for (let j = 0; j < high; j += 1) {
      for (let i = 0; i < wide; i += 1) {
        const place = spot((i + 0.5) / step, (j + 0.5) / step);
        const column = Math.floor(place[0]), row = Math.floor(place[1]);
        if (column < 0 || column >= live.columns) continue;
        const found = number.get(row * live.columns + column);
        if (found !== undefined) under[j * wide + i] = found;
      }
    }
    const value = live.value.map((text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)));
    cells = { under, value, n: number.size };
    return cells;
  }

  /* Column and row in the grid of cells, straight between the corners of the lattice. */
  function spot(x, y) {
    const i = Math.min(Math.floor(x), live.x[0].length - 2), j = Math.min(Math.floor(y), live.x.length - 2), a = x - i, b = y - j;
    return [live.x, live.y].map((grid) => (1 - b) * ((1 - a) * grid[j][i] + a * grid[j][i + 1]) + b * ((1 - a) * grid[j + 1][i] + a * grid[j + 1][i + 1]));
  }

  /* Weights of the criteria of places, 1 together; null where none of them counts. */
  function weights() {
    const own = live.criteria.map((k) => app.facilities[index].live.weights()[k]), whole = own.reduce((sum, weight) => sum + weight, 0);
    return whole > 0 ? own.map((weight) => weight / whole) : null;
  }

  function scores(parts) {
    const { value, n } = unpacked(), found = new Float64Array(n);
    value.forEach(function (column, k) { for (let i = 0; i < n; i += 1) found[i] += parts[k] * column[i] / 255; });
    return found;
  }

  function picture() {
    const [wide, high] = live.size, canvas = document.createElement("canvas"), parts = weights();
    canvas.width = wide;
    canvas.height = high;
    if (!parts) return canvas.toDataURL();
    const pen = canvas.getContext("2d"), image = pen.createImageData(wide, high), under = unpacked().under;
    const steps = Uint8Array.from(scores(parts), (score) => Math.max(0, Math.min(colours.length - 1, Math.ceil(score * colours.length - 1e-9) - 1)));
    for (let k = 0; k < under.length; k += 1) {
      if (under[k] < 0) continue;
      const colour = colours[steps[under[k]]];
      image.data[4 * k] = colour[0];
      image.data[4 * k + 1] = colour[1];
      image.data[4 * k + 2] = colour[2];
      image.data[4 * k + 3] = 255;
    }
    pen.putImageData(image, 0, 0);
    return canvas.toDataURL();
  }

  function isOwn() { return live && app.facilities[index].live.hasWeights(); }

  function build() {
    if (!surface) return [];
    const [south, west, north, east] = surface.bounds;
    overlay = L.imageOverlay(isOwn() ? picture() : surface.png, [[south, west], [north, east]],
      { pane: "surface", opacity: style.surface_opacity, className: "surface", alt: "" });
    return [overlay];
  }

  /* In the colours of the weights as they are now; a picture that is not on show waits until it is. */
  function recolour() {
    if (overlay && overlay._map) overlay.setUrl(isOwn() ? picture() : surface.png);
  }

  function note() {
    const side = surface.cell_m < 1000 ? dom.plain(surface.cell_m) + " m" : dom.plain(surface.cell_m / 1000) + " km";
    const share = isOwn() ? live.criteria.reduce((sum, k) => sum + app.facilities[index].live.weights()[k], 0) : surface.weight_share;
    return t("surface_note", { side, whose: t(isOwn() ? "surface_own" : "surface_plan"), share: dom.percent(share, 0) });
  }

  /* The cell at a place on the map; -1 where none is shown. */
  function cellAt(latlng) {
    const columns = Siting.columns, [south, west, north, east] = surface.bounds, [wide, high] = live.size;
    const x = (columns.across(latlng.lng) - columns.across(west)) / (columns.across(east) - columns.across(west));
    const y = (columns.down(latlng.lat) - columns.down(north)) / (columns.down(south) - columns.down(north));
    const i = Math.floor(x * wide), j = Math.floor(y * high);
    return i < 0 || i >= wide || j < 0 || j >= high ? -1 : unpacked().under[j * wide + i];
  }

  function card(cell) {
    const parts = weights(), value = (k) => unpacked().value[k][cell] / 255;
    const rows = live.criteria.map((at, k) => ({ criterion: facility.criteria[at], weight: parts ? parts[k] : 0, value: value(k) }));
    return Siting.cards.ground(app, facility, rows, note());
  }

  /* Why the ground is worth what it is, where nothing else answers to a click. */
  function open(latlng) {
    if (!live || !app.map.hasLayer(app.facilities[index].groups.surface)) return;
    const cell = cellAt(latlng);
    if (cell >= 0) app.openCard(latlng, () => card(cell));
  }

  return { build, recolour, note, open, isKnown: Boolean(surface) };
};

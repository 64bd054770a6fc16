/* A canvas for many features at once. It moves and grows with the map and is drawn again when the map rests. */
Siting.Many = L.Renderer.extend({
  options: { pane: "many", padding: 0.15 },

  onAdd: function (map) {
    L.Renderer.prototype.onAdd.call(this, map);
    Siting.Many.shown.push(this);
  },

  onRemove: function () {
    Siting.Many.shown.splice(Siting.Many.shown.indexOf(this), 1);
    L.Renderer.prototype.onRemove.call(this);
  },

  _initContainer: function () {
    this._container = L.DomUtil.create("canvas");
    this._container.setAttribute("aria-hidden", "true");
  },

  _destroyContainer: function () {
    L.Util.cancelAnimFrame(this._waiting);
    this._waiting = null;
    this._container.remove();
    this._container = null;
  },

  // Leaflet tells its own renderers by it; there are no paths here.
  _updatePaths: function () {},

  _update: function () {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const size = this._bounds.getSize(), canvas = this._container;
    L.DomUtil.setPosition(canvas, this._bounds.min);
    canvas.style.width = size.x + "px";
    canvas.style.height = size.y + "px";
    this.redraw();
  },

  /* Drawn once a frame, however often it is asked for. */
  redraw: function () {
    if (this._waiting || !this._container) return;
    this._waiting = L.Util.requestAnimFrame(function () {
      this._waiting = null;
      if (this._container) this._paint();
    }, this);
  },

  /* Drawn in whole pixels of the screen, with the corner of the canvas at (0, 0). */
  _paint: function () {
    const size = this._bounds.getSize(), ratio = L.Browser.retina ? 2 : 1, scale = this._map.options.crs.scale(this._map.getZoom());
    const corner = this._map.getPixelOrigin().add(this._bounds.min), canvas = this._container;
    const pen = canvas.getContext("2d");
    if (canvas.width !== ratio * size.x || canvas.height !== ratio * size.y) {
      canvas.width = ratio * size.x;
      canvas.height = ratio * size.y;
    }
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, canvas.width, canvas.height);
    // Unit square to pixels: x * scale - left.
    this._frame = { width: size.x, height: size.y, ratio, scale, left: corner.x, top: corner.y };
    this.draw(pen, this._frame);
  },

  bringToFront: function () {
    if (this._container) this.getPane().appendChild(this._container);
    return this;
  },

  /* What lies at a place of the map, as a row; -1 where nothing does. */
  hit: function (latlng) {
    const frame = this._frame;
    if (!frame || !this._container) return -1;
    const x = Siting.columns.across(latlng.lng) * frame.scale - frame.left, y = Siting.columns.down(latlng.lat) * frame.scale - frame.top;
    return this.find(x, y, frame);
  },
});
// Those on the map, in the order in which they were added.
Siting.Many.shown = [];

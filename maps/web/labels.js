/* Names on the map, drawn on one canvas: the most important first, none on top of another. */
Siting.Labels = L.Layer.extend({
  options: { pane: "labels" },

  FONT: "system-ui, 'Noto Sans CJK SC', 'Microsoft YaHei', 'PingFang SC', sans-serif",
  KINDS: {
    district: { size: 15, weight: 600, spacing: 3 },
    port: { size: 12.5, weight: 600, spacing: 0, beside: 9 },
    site: { size: 12, weight: 600, spacing: 0, beside: 15 },
    town: { size: 12, weight: 400, spacing: 0 },
    park: { size: 11.5, weight: 400, spacing: 0, beside: 8 },
    protected: { size: 11.5, weight: 400, spacing: 0 },
  },

  // Where a name may go when its own place is taken, in pixels.
  MOVES: {
    district: [[0, 0], [0, 22], [0, -22], [34, 0], [-34, 0], [34, 24], [-34, 24], [34, -24], [-34, -24], [0, 42], [0, -42]],
    other: [[0, 0]],
  },

  initialize: function () {
    this._sources = {};
    this._obstacles = {};
  },

  onAdd: function (map) {
    this._canvas = L.DomUtil.create("canvas", "leaflet-zoom-hide", this.getPane());
    this._canvas.setAttribute("aria-hidden", "true");
    map.on("move zoomend resize viewreset", this._soon, this);
    this._soon();
  },

  onRemove: function (map) {
    map.off("move zoomend resize viewreset", this._soon, this);
    this._canvas.remove();
    this._canvas = null;
  },

  /* Items: {lat, lon, text() or shield, kind, rank (small is important), from, to (zooms)}. */
  setSource: function (key, items) {
    this._sources[key] = items;
    this._soon();
  },

  redraw: function () { this._soon(); },

  _soon: function () {
    if (this._waiting || !this._canvas) return;
    this._waiting = L.Util.requestAnimFrame(function () {
      this._waiting = null;
      if (this._canvas) this.draw();
    }, this);
  },

  draw: function () {
    const map = this._map, size = map.getSize(), ratio = window.devicePixelRatio || 1;
    const canvas = this._canvas, pen = canvas.getContext("2d");
    L.DomUtil.setPosition(canvas, map.containerPointToLayerPoint([0, 0]));
    canvas.width = Math.round(size.x * ratio);
    canvas.height = Math.round(size.y * ratio);
    canvas.style.width = size.x + "px";
    canvas.style.height = size.y + "px";
    pen.scale(ratio, ratio);
    pen.lineJoin = "round";
    pen.textBaseline = "middle";
    const ready = this._visible(size).map(function (item) { return this._measure(pen, item); }, this);
    const found = Siting.core.place(ready.map((label) => label.moves.map(moved(label.box))), this._obstacleBoxes().concat(this._controlBoxes()));
    this.shown = ready.filter(function (label, i) {
      if (found[i] >= 0) label.move = label.moves[found[i]];
      return found[i] >= 0;
    });
    this.shown.slice().reverse().forEach(function (label) {
      pen.save();
      pen.translate(label.move[0], label.move[1]);
      this._draw(pen, label);
      pen.restore();
    }, this);

    function moved(box) {
      return (by) => [box[0] + by[0], box[1] + by[1], box[2] + by[0], box[3] + by[1]];
    }
  },

  /* Places of markers, {lat, lon, half} (pixels), that no label may cover. */
  setObstacles: function (key, items) {
    this._obstacles[key] = items;
    this._soon();
  },

  /* Where a panel lies on the map; a name under it could be read by half at best. */
  _controlBoxes: function () {
    const frame = this._map.getContainer().getBoundingClientRect();
    return Array.from(this._map.getContainer().querySelectorAll(".leaflet-control")).map(function (node) {
      const box = node.getBoundingClientRect();
      return [box.left - frame.left, box.top - frame.top, box.right - frame.left, box.bottom - frame.top];
    }).filter((box) => box[2] > box[0]);
  },

  _obstacleBoxes: function () {
    const map = this._map, all = [].concat.apply([], Object.values(this._obstacles));
    return all.map(function (item) {
      const at = map.latLngToContainerPoint([item.lat, item.lon]);
      return [at.x - item.half, at.y - item.half, at.x + item.half, at.y + item.half];
    });
  },

  _visible: function (size) {
    const map = this._map, zoom = map.getZoom(), all = [];
    Object.keys(this._sources).forEach(function (key) {
      this._sources[key].forEach(function (item) {
        if (zoom < item.from || zoom > item.to) return;
        const at = map.latLngToContainerPoint([item.lat, item.lon]);
        // A margin, so that a label does not come and go while its neighbour crosses the edge.
        if (at.x < -160 || at.y < -40 || at.x > size.x + 160 || at.y > size.y + 40) return;
        all.push({ item: item, at: at });
      });
    }, this);
    return all.sort((a, b) => a.item.rank - b.item.rank);
  },

  _measure: function (pen, entry) {
    const item = entry.item, at = entry.at;
    if (item.shield) {
      pen.font = "700 10.5px " + this.FONT;
      const half = pen.measureText(item.shield).width / 2 + 5;
      // Shields keep their distance, so that a road is not paved with them.
      return { item, at, half, moves: this.MOVES.other, box: [at.x - half - 14, at.y - 22, at.x + half + 14, at.y + 22] };
    }
    const kind = this.KINDS[item.kind], text = item.text();
    // Only Chinese names are set wide; Latin ones are long enough.
    const spacing = /[\u3400-\u9fff]/.test(text) ? kind.spacing : 0;
    pen.font = this._font(kind);
    const width = pen.measureText(text).width + spacing * text.length;
    const left = kind.beside ? at.x + kind.beside : at.x - width / 2;
    const high = kind.size * 0.7;
    const moves = kind.beside ? this._around(width, kind.beside) : this.MOVES[item.kind] || this.MOVES.other;
    return { item, at, text, kind, spacing, left, moves, box: [left - 4, at.y - high, left + width + 4, at.y + high] };
  },

  /* Right of its symbol, else left, below or above. */
  _around: function (width, beside) {
    const middle = -(width / 2 + beside);
    return [[0, 0], [-(width + 2 * beside), 0], [middle, beside + 8], [middle, -beside - 8]];
  },

  _font: function (kind) { return kind.weight + " " + kind.size + "px " + this.FONT; },

  _draw: function (pen, label) {
    if (label.item.shield) { this._drawShield(pen, label); return; }
    const colours = Siting.theme.labels();
    pen.font = this._font(label.kind);
    pen.textAlign = "left";
    pen.lineWidth = 3.5;
    pen.strokeStyle = colours.halo;
    pen.fillStyle = colours[label.item.kind];
    ["strokeText", "fillText"].forEach(function (how) {
      let x = label.left;
      if (!label.spacing) { pen[how](label.text, x, label.at.y); return; }
      Array.from(label.text).forEach(function (letter) {
        pen[how](letter, x, label.at.y);
        x += pen.measureText(letter).width + label.spacing;
      });
    });
  },

  /* Colours of China's road signs: expressways green, national roads red, provincial ones yellow. */
  _drawShield: function (pen, label) {
    const item = label.item, half = label.half, at = label.at;
    const yellow = item.kind !== "motorway" && item.shield.charAt(0) !== "G";
    pen.fillStyle = item.kind === "motorway" ? "#14693a" : yellow ? "#f2c230" : "#b3282d";
    pen.strokeStyle = "#ffffff";
    pen.lineWidth = 1;
    pen.beginPath();
    pen.rect(at.x - half, at.y - 8, 2 * half, 16);
    pen.fill();
    pen.stroke();
    pen.font = "700 10.5px " + this.FONT;
    pen.textAlign = "center";
    pen.fillStyle = yellow ? "#000000" : "#ffffff";
    pen.fillText(item.shield, at.x, at.y + 0.5);
  },
});

/* Lines of many rows on one canvas, class by class. */
Siting.Lines = Siting.Many.extend({
  REACH: 4, STEP: 0.8,

  /* Asked for: lines (Siting.columns), kind (class by row, a list), strokes(zoom): classes on show from bottom to top as
     {kind, pens: [{color, width, dash, opacity}]}; for the pointer hint(row) and open(row, place). */
  initialize: function (asked, options) {
    L.Renderer.prototype.initialize.call(this, options);
    this.asked = asked;
    this._rowsOf = [];
    for (let row = 0; row < asked.lines.n; row += 1) {
      const kind = asked.kind ? asked.kind[row] : 0;
      (this._rowsOf[kind] = this._rowsOf[kind] || []).push(row);
    }
    this._box();
  },

  /* The box of every row; NaN where it has no line. */
  _box: function () {
    const lines = this.asked.lines, n = lines.n;
    const box = [0, 1, 2, 3].map(() => new Float64Array(n).fill(NaN));
    for (let row = 0; row < n; row += 1) {
      const begin = lines.start[lines.first[row]], end = lines.start[lines.first[row + 1]];
      if (begin === end) continue;
      let x0 = Infinity, y0 = Infinity, x1 = -Infinity, y1 = -Infinity;
      for (let i = begin; i < end; i += 1) {
        const x = lines.x[i], y = lines.y[i];
        if (x < x0) x0 = x;
        if (x > x1) x1 = x;
        if (y < y0) y0 = y;
        if (y > y1) y1 = y;
      }
      box[0][row] = x0;
      box[1][row] = y0;
      box[2][row] = x1;
      box[3][row] = y1;
    }
    this._boxes = box;
  },

  draw: function (pen, frame) {
    pen.setTransform(frame.ratio, 0, 0, frame.ratio, 0, 0);
    pen.lineJoin = "round";
    this._strokes = this.asked.strokes(this._map.getZoom());
    this._strokes.forEach(function (stroke) {
      const rows = this._rowsOf[stroke.kind] || [];
      pen.beginPath();
      for (let k = 0; k < rows.length; k += 1) if (this._isIn(rows[k], frame)) this._trace(pen, rows[k], frame);
      stroke.pens.forEach(function (look) {
        pen.strokeStyle = look.color;
        pen.lineWidth = look.width;
        pen.globalAlpha = look.opacity || 1;
        // Round ends close the joints of wide roads; on thin ones they only cost time.
        pen.lineCap = look.width > 1.5 && !look.dash ? "round" : "butt";
        pen.setLineDash(look.dash || []);
        pen.stroke();
      });
    }, this);
  },

  _isIn: function (row, frame) {
    const box = this._boxes, margin = 8;
    return box[0][row] * frame.scale - frame.left <= frame.width + margin && box[2][row] * frame.scale - frame.left >= -margin &&
      box[1][row] * frame.scale - frame.top <= frame.height + margin && box[3][row] * frame.scale - frame.top >= -margin;
  },

  /* Vertices nearer than a pixel to the last one are passed over, the end of a part never. */
  _trace: function (pen, row, frame) {
    const lines = this.asked.lines;
    for (let part = lines.first[row]; part < lines.first[row + 1]; part += 1) {
      const last = lines.start[part + 1] - 1;
      let x0 = 0, y0 = 0;
      for (let i = lines.start[part]; i <= last; i += 1) {
        const x = lines.x[i] * frame.scale - frame.left, y = lines.y[i] * frame.scale - frame.top;
        if (i === lines.start[part]) pen.moveTo(x, y);
        else if (i === last || Math.abs(x - x0) + Math.abs(y - y0) >= this.STEP) pen.lineTo(x, y);
        else continue;
        x0 = x;
        y0 = y;
      }
    }
  },

  /* The nearest row of a class on show within a few pixels; the index is built when it is first asked. */
  find: function (x, y, frame) {
    if (!this._grid) this._grid = Siting.grid.build.apply(null, this._boxes);
    const reach = this.REACH / frame.scale, at = [(x + frame.left) / frame.scale, (y + frame.top) / frame.scale];
    const kinds = new Set(this._strokes.map((stroke) => stroke.kind));
    let best = -1, least = reach;
    this._grid.query([at[0] - reach, at[1] - reach, at[0] + reach, at[1] + reach]).forEach(function (row) {
      if (!kinds.has(this.asked.kind ? this.asked.kind[row] : 0)) return;
      const away = this._distance(row, at[0], at[1]);
      if (away < least) { least = away; best = row; }
    }, this);
    this._at = at;
    return best;
  },

  _distance: function (row, x, y) {
    const lines = this.asked.lines;
    let least = Infinity;
    for (let part = lines.first[row]; part < lines.first[row + 1]; part += 1) {
      for (let i = lines.start[part] + 1; i < lines.start[part + 1]; i += 1) {
        const dx = lines.x[i] - lines.x[i - 1], dy = lines.y[i] - lines.y[i - 1], square = dx * dx + dy * dy;
        const along = square ? ((x - lines.x[i - 1]) * dx + (y - lines.y[i - 1]) * dy) / square : 0, share = Math.max(0, Math.min(1, along));
        least = Math.min(least, Math.hypot(lines.x[i - 1] + share * dx - x, lines.y[i - 1] + share * dy - y));
      }
    }
    return least;
  },
});

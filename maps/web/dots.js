/* Rows of a table as dots on one canvas. What a dot looks like is a sign: one of a few looks {radius, fill, opacity, stroke, width}. */
Siting.Dots = Siting.Many.extend({
  CELL: 16, FINE: 2, REACH: 2,

  /* Asked for: rows (drawn last on top), lat and lon by row, sign(row), looks(); for the pointer hint(row) and open(row, place). */
  initialize: function (asked, options) {
    L.Renderer.prototype.initialize.call(this, options);
    this.asked = asked;
    this.setRows(asked.rows);
  },

  setRows: function (rows) {
    const columns = Siting.columns, asked = this.asked;
    this.rows = rows;
    this.x = Float64Array.from(rows, (row) => columns.across(asked.lon[row]));
    this.y = Float64Array.from(rows, (row) => columns.down(asked.lat[row]));
    this.sign = new Uint8Array(rows.length);
    this.repaint();
  },

  /* New signs in the old order. */
  repaint: function () {
    for (let i = 0; i < this.rows.length; i += 1) this.sign[i] = this.asked.sign(this.rows[i]);
    this.redraw();
  },

  draw: function (pen, frame) {
    const looks = this.asked.looks(), radii = looks.map((look) => look.radius), ratio = frame.ratio;
    const wide = ratio * frame.width, high = ratio * frame.height, picture = this._empty(pen, wide, high);
    const stamps = looks.map((look) => Siting.stamp.cut(look, ratio, wide)), seen = this._seen(frame, radii);
    // Those on top were found first.
    for (let k = seen.length - 1; k >= 0; k -= 1) {
      const i = seen[k], stamp = stamps[this.sign[i]];
      const x = Math.round((this.x[i] * frame.scale - frame.left) * ratio), y = Math.round((this.y[i] * frame.scale - frame.top) * ratio);
      // Half a dot at the edge of the picture lies outside the view.
      if (x < stamp.left || y < stamp.top || x >= wide - stamp.left || y >= high - stamp.top) continue;
      Siting.stamp.press(picture.data, stamp, 4 * (y * wide + x));
    }
    pen.putImageData(picture, 0, 0);
    this._index(seen, frame, radii);
  },

  /* The picture of last time, wiped, where it has the size. */
  _empty: function (pen, wide, high) {
    if (!this._picture || this._picture.width !== wide || this._picture.height !== high) this._picture = pen.createImageData(wide, high);
    else this._picture.data.fill(0);
    return this._picture;
  },

  /* The dots in view from top to bottom, but those that lie under one at least as large in the same place. */
  _seen: function (frame, radii) {
    const wide = Math.ceil(frame.width / this.FINE), high = Math.ceil(frame.height / this.FINE);
    const largest = new Float32Array(wide * high), found = [];
    for (let i = this.rows.length - 1; i >= 0; i -= 1) {
      const x = this.x[i] * frame.scale - frame.left, y = this.y[i] * frame.scale - frame.top;
      if (!(x >= 0 && y >= 0 && x < wide * this.FINE && y < high * this.FINE)) continue;
      const cell = Math.floor(y / this.FINE) * wide + Math.floor(x / this.FINE), radius = radii[this.sign[i]];
      if (largest[cell] >= radius) continue;
      largest[cell] = radius;
      found.push(i);
    }
    return found;
  },

  /* For the pointer: the dots of each cell of the screen as a chain, the topmost first. */
  _index: function (seen, frame, radii) {
    const wide = Math.ceil(frame.width / this.CELL), high = Math.ceil(frame.height / this.CELL);
    const head = new Int32Array(wide * high).fill(-1), next = new Int32Array(seen.length);
    for (let k = seen.length - 1; k >= 0; k -= 1) {
      const column = Math.floor((this.x[seen[k]] * frame.scale - frame.left) / this.CELL);
      const line = Math.floor((this.y[seen[k]] * frame.scale - frame.top) / this.CELL);
      if (column < 0 || line < 0 || column >= wide || line >= high) continue;
      next[k] = head[line * wide + column];
      head[line * wide + column] = k;
    }
    this._found = { seen, head, next, wide, high, radii, far: Math.ceil((Math.max.apply(null, radii) + this.REACH) / this.CELL) };
  },

  find: function (x, y, frame) {
    const found = this._found, column = Math.floor(x / this.CELL), line = Math.floor(y / this.CELL);
    let best = -1;
    for (let row = Math.max(0, line - found.far); row <= Math.min(found.high - 1, line + found.far); row += 1) {
      for (let at = Math.max(0, column - found.far); at <= Math.min(found.wide - 1, column + found.far); at += 1) {
        for (let k = found.head[row * found.wide + at]; k >= 0; k = found.next[k]) {
          const i = found.seen[k], reach = found.radii[this.sign[i]] + this.REACH;
          const away = Math.hypot(this.x[i] * frame.scale - frame.left - x, this.y[i] * frame.scale - frame.top - y);
          if (away <= reach && (best < 0 || k < best)) best = k;
        }
      }
    }
    return best < 0 ? -1 : this.rows[found.seen[best]];
  },

  /* Where the hint of a row stands. */
  place: function (row) { return L.latLng(this.asked.lat[row], this.asked.lon[row]); },
});

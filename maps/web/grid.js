/* An index of boxes: which rows may lie in a window. A grid of equal cells, each with its rows. Pure functions. */
Siting.grid = (function () {
  "use strict";
  const MOST_CELLS = 512;

  /* Boxes as four columns; a box with a NaN is in no cell. About four boxes a cell where they are spread evenly. */
  function build(left, top, right, bottom) {
    const n = left.length, side = Math.max(1, Math.min(MOST_CELLS, Math.floor(Math.sqrt(n) / 2)));
    let x0 = Infinity, y0 = Infinity, x1 = -Infinity, y1 = -Infinity;
    for (let i = 0; i < n; i += 1) {
      if (left[i] < x0) x0 = left[i];
      if (top[i] < y0) y0 = top[i];
      if (right[i] > x1) x1 = right[i];
      if (bottom[i] > y1) y1 = bottom[i];
    }
    const wide = side / (x1 - x0 || 1), high = side / (y1 - y0 || 1);
    const column = (x) => Math.max(0, Math.min(side - 1, Math.floor((x - x0) * wide)));
    const line = (y) => Math.max(0, Math.min(side - 1, Math.floor((y - y0) * high)));

    function cells(box, visit) {
      for (let row = line(box[1]); row <= line(box[3]); row += 1) {
        for (let at = column(box[0]); at <= column(box[2]); at += 1) visit(row * side + at);
      }
    }

    function each(visit) {
      for (let i = 0; i < n; i += 1) {
        if (left[i] <= right[i] && top[i] <= bottom[i]) cells([left[i], top[i], right[i], bottom[i]], (cell) => visit(cell, i));
      }
    }

    const ends = new Int32Array(side * side + 1);
    each(function (cell) { ends[cell + 1] += 1; });
    for (let cell = 0; cell < side * side; cell += 1) ends[cell + 1] += ends[cell];
    const rows = new Int32Array(ends[side * side]), next = ends.slice();
    each(function (cell, i) { rows[next[cell]] = i; next[cell] += 1; });
    const seen = new Int32Array(n);
    let search = 0;

    /* The rows whose box meets the window, each once, in their order. */
    function query(window) {
      const found = [];
      if (!n || window[2] < x0 || window[0] > x1 || window[3] < y0 || window[1] > y1) return found;
      search += 1;
      cells(window, function (cell) {
        for (let at = ends[cell]; at < ends[cell + 1]; at += 1) {
          const i = rows[at];
          if (seen[i] === search) continue;
          seen[i] = search;
          if (left[i] <= window[2] && right[i] >= window[0] && top[i] <= window[3] && bottom[i] >= window[1]) found.push(i);
        }
      });
      return found.sort((a, b) => a - b);
    }

    return { query };
  }

  return { build };
})();
if (typeof module === "object" && module.exports) module.exports = Siting.grid;

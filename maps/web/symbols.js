/* Markers drawn on the canvas in other shapes than a circle. */
Siting.symbols = (function () {
  "use strict";

  const PATHS = {
    circle: (pen, x, y, r) => pen.arc(x, y, r, 0, 2 * Math.PI),
    square: (pen, x, y, r) => pen.rect(x - r, y - r, 2 * r, 2 * r),
    diamond: (pen, x, y, r) => corners(pen, [[x, y - 1.3 * r], [x + 1.3 * r, y], [x, y + 1.3 * r], [x - 1.3 * r, y]]),
    triangle: (pen, x, y, r) => corners(pen, [[x, y - 1.2 * r], [x + 1.15 * r, y + r], [x - 1.15 * r, y + r]]),
    plus: function (pen, x, y, r) {
      const w = r * 0.45, s = r * 1.2;
      corners(pen, [[x - w, y - s], [x + w, y - s], [x + w, y - w], [x + s, y - w], [x + s, y + w], [x + w, y + w],
        [x + w, y + s], [x - w, y + s], [x - w, y + w], [x - s, y + w], [x - s, y - w], [x - w, y - w]]);
    },
  };

  function corners(pen, points) {
    points.forEach((point, i) => pen[i ? "lineTo" : "moveTo"](point[0], point[1]));
    pen.closePath();
  }

  L.Canvas.include({
    _updateSymbol: function (layer) {
      if (!this._drawing || layer._empty()) return;
      this._ctx.beginPath();
      PATHS[layer.options.shape](this._ctx, layer._point.x, layer._point.y, layer._radius);
      this._fillStroke(this._ctx, layer);
    },
  });

  return {
    /* A circle marker of another shape; hit like a circle. */
    Symbol: L.CircleMarker.extend({
      options: { shape: "circle" },
      _updatePath: function () { this._renderer._updateSymbol(this); },
    }),
    PATHS,
  };
})();

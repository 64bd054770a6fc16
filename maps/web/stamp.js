/* Dots as pixels: computed and copied by hand, which without a GPU is many times as fast as the canvas's own circles. Pure functions. */
Siting.stamp = (function () {
  "use strict";

  function channels(hex) { return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)); }

  function share(value) { return Math.max(0, Math.min(1, value)); }

  /* What of a pixel lies within an edge that is this far away. */
  function within(distance) { return share(distance + 0.5); }

  /* The pixels of a look {radius, fill, opacity, stroke, width}: a square of side 2 half + 1 around the centre. */
  function make(look, ratio) {
    const radius = look.radius * ratio, wide = look.width * ratio, half = Math.ceil(radius + wide / 2 + 0.5);
    const fill = channels(look.fill), stroke = channels(look.stroke), pixels = [];
    for (let y = -half; y <= half; y += 1) {
      for (let x = -half; x <= half; x += 1) {
        const away = Math.hypot(x, y), edge = share(within(radius + wide / 2 - away) - (wide ? within(radius - wide / 2 - away) : 1));
        const under = look.opacity * within(radius - away) * (1 - edge), whole = edge + under;
        if (whole < 1 / 255) continue;
        pixels.push({ x, y, alpha: Math.round(255 * whole), rgb: fill.map((part, k) => Math.round((part * under + stroke[k] * edge) / whole)) });
      }
    }
    return pixels;
  }

  /* A stamp for pictures of a width: steps to its pixels from the centre, and their colours. */
  function cut(look, ratio, width) {
    const pixels = make(look, ratio);
    return {
      step: Int32Array.from(pixels, (p) => 4 * (p.y * width + p.x)),
      red: Uint8Array.from(pixels, (p) => p.rgb[0]), green: Uint8Array.from(pixels, (p) => p.rgb[1]), blue: Uint8Array.from(pixels, (p) => p.rgb[2]),
      alpha: Uint8Array.from(pixels, (p) => p.alpha),
      left: Math.max.apply(null, pixels.map((p) => -p.x).concat(0)), top: Math.max.apply(null, pixels.map((p) => -p.y).concat(0)),
    };
  }

  /* Lay a stamp over a picture (red, green, blue, alpha by pixel) with its centre at a pixel; it must lie wholly within. */
  function press(data, stamp, centre) {
    const step = stamp.step, alpha = stamp.alpha;
    for (let k = 0; k < step.length; k += 1) {
      const at = centre + step[k], over = alpha[k], under = data[at + 3];
      if (over === 255 || under === 0) {
        data[at] = stamp.red[k];
        data[at + 1] = stamp.green[k];
        data[at + 2] = stamp.blue[k];
        data[at + 3] = over;
        continue;
      }
      const rest = under * (255 - over) / 255, whole = over + rest;
      data[at] = (stamp.red[k] * over + data[at] * rest) / whole;
      data[at + 1] = (stamp.green[k] * over + data[at + 1] * rest) / whole;
      data[at + 2] = (stamp.blue[k] * over + data[at + 2] * rest) / whole;
      data[at + 3] = whole;
    }
  }

  return { cut, press };
})();
if (typeof module === "object" && module.exports) module.exports = Siting.stamp;

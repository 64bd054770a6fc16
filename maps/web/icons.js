/* Small pictures of what the map shows, for the legend and the layer tree. */
Siting.icons = function (app) {
  "use strict";
  const dom = Siting.dom, svg = dom.svg, style = app.data.style;

  function frame() {
    const attributes = { class: "icon", viewBox: "0 0 22 16", width: 22, height: 16, "aria-hidden": "true" };
    return svg.apply(null, ["svg", attributes].concat([].slice.call(arguments)));
  }

  function dot(look, x, r) {
    const width = Math.max(1, look.width_px || 1);
    return svg("circle", { cx: x || 11, cy: 8, r: r || 5, fill: look.fill || "none", stroke: look.stroke, "stroke-width": width });
  }

  function line(colour, width, dash) {
    return svg("line", { x1: 1, y1: 8, x2: 21, y2: 8, stroke: colour, "stroke-width": width, "stroke-dasharray": dash || null });
  }

  function box(look) {
    return svg("rect", {
      x: 2, y: 2, width: 18, height: 12, fill: look.fill || "none", "fill-opacity": look.fill_opacity, stroke: look.stroke,
      "stroke-dasharray": look.dash && look.dash.length ? look.dash.join(" ") : null,
    });
  }

  /* The canvas symbols again, so that the legend cannot drift from the map. */
  function shape(name, look) {
    const parts = [];
    const pen = {
      moveTo: (x, y) => parts.push("M" + x + " " + y), lineTo: (x, y) => parts.push("L" + x + " " + y),
      closePath: () => parts.push("Z"),
      arc: (x, y, r) => parts.push("M" + (x - r) + " " + y + "a" + r + " " + r + " 0 1 0 " + 2 * r + " 0a" + r + " " + r + " 0 1 0 " + -2 * r + " 0Z"),
      rect: (x, y, w, h) => parts.push("M" + x + " " + y + "h" + w + "v" + h + "h" + -w + "Z"),
    };
    Siting.symbols.PATHS[name](pen, 11, 8, 4.5);
    return frame(svg("path", { d: parts.join(""), fill: look.fill, stroke: look.stroke }));
  }

  function edge() { return Siting.theme.name() === "dark" ? "#e8edf2" : "#1b2733"; }

  function scored(at, x, r) { return dot({ fill: style.colours[at], stroke: edge() }, x, r); }

  function layer(key) { return Siting.theme.look(style.layers, key); }

  const base = {
    ports: () => shape("square", layer("ports")), parks: () => shape("square", layer("parks")),
    districts: () => frame(line(layer("districts").stroke, 1.4, "4 3")),
    roads: () => frame(line(Siting.theme.roads().motorway[1], 3)),
    protected: () => frame(box(layer("protected_hard"))),
    coast: () => frame(line(layer("coastline").stroke, 1.5)),
  };

  return {
    base,
    pin: function (index) {
      const colour = app.facilities[index].facility.colour;
      return dom.el("span", { class: "swatch pin-" + (index % 3), style: { "--pin": colour }, "aria-hidden": "true" });
    },
    fresh: function (index) {
      const colour = app.facilities[index].facility.colour;
      return dom.el("span", { class: "swatch fresh pin-" + (index % 3), style: { "--pin": colour }, "aria-hidden": "true" });
    },
    ramp: () => frame(scored(0, 4, 3.5), scored(2, 11, 4), scored(4, 18.5, 3.5)),
    cells: () => frame.apply(null, [0, 2, 4].map((at, k) => svg("rect", { x: 2 + 6 * k, y: 2, width: 6, height: 12, fill: style.colours[at] }))),
    /* The colours of the scored ground from 0 to 100, with the limits of the score classes below. */
    bar: function () {
      const colours = style.surface, wide = 200 / colours.length, limits = [0].concat(style.breaks, [1]);
      const parts = colours.map((colour, at) => svg("rect", { x: at * wide, y: 0, width: wide + 0.3, height: 10, fill: colour }));
      const words = limits.map((limit) => svg("text", { x: 200 * limit, y: 22, "font-size": 10.5, fill: "currentColor",
        "text-anchor": limit === 0 ? "start" : limit === 1 ? "end" : "middle" }, String(Math.round(100 * limit))));
      return svg.apply(null, ["svg", { class: "ramp", viewBox: "0 0 200 25", width: 200, height: 25, "aria-hidden": "true" }].concat(parts, words));
    },
    score: (at) => frame(scored(at, 11, style.radii_px[at] * 0.85)),
    risen: () => frame(svg("circle", { cx: 11, cy: 8, r: 6, fill: "none", stroke: "currentColor", "stroke-width": 1.8, "stroke-dasharray": "3 2" })),
    dot: (key) => frame(dot(layer(key))),
    area: (colour) => frame(box({ fill: colour, fill_opacity: 0.25, stroke: colour })),
    box: (key) => frame(box(layer(key))),
    line: (colour, width, dash) => frame(line(colour, width, dash)),
    shape: (name, key) => shape(name, layer(key)),
    ghost: () => frame(svg("circle", { cx: 11, cy: 8, r: 5, fill: "none", stroke: "currentColor", "stroke-width": 1.6 })),
  };
};

/* The map as one picture: its canvases from bottom to top, the pins, a title above and the credits below. */
Siting.picture = function (app) {
  "use strict";
  const { map, data } = app, core = Siting.core, dom = Siting.dom, t = dom.t;
  const PANES = ["land", "surface", "roads", "areas", "focus", "many", "dots", "labels", "ring"];
  const HEAD = 54, FOOT = 46, FONT = "system-ui, 'Noto Sans CJK SC', 'Microsoft YaHei', 'PingFang SC', sans-serif";
  const entry = app.facilities[app.state.facility], size = map.getSize(), ratio = window.devicePixelRatio || 1;
  const dark = Siting.theme.name() === "dark";
  const colours = dark ? { back: "#151b21", text: "#e6ecf1", weak: "#a9b5c0", beyond: "#12171c" }
    : { back: "#ffffff", text: "#1b2733", weak: "#52606c", beyond: "#e9edf0" };
  const canvas = document.createElement("canvas"), pen = canvas.getContext("2d");

  /* A line of text, shortened where it does not fit. */
  function write(words, x, y, font, colour, width) {
    pen.font = font + " " + FONT;
    pen.fillStyle = colour;
    let shown = words;
    while (shown.length > 1 && pen.measureText(shown).width > width) shown = shown.slice(0, -2) + "…";
    pen.fillText(shown, x, y);
  }

  function panes() {
    const frame = map.getContainer().getBoundingClientRect();
    PANES.forEach(function (name) {
      map.getPane(name).querySelectorAll("canvas").forEach(function (layer) {
        const box = layer.getBoundingClientRect();
        if (box.width && layer.width) pen.drawImage(layer, box.left - frame.left, box.top - frame.top, box.width, box.height);
      });
      if (name === "surface") surfaces(frame);
      if (name === "dots") pins();
    });
  }

  function surfaces(frame) {
    pen.save();
    pen.globalAlpha = data.style.surface_opacity;
    pen.imageSmoothingEnabled = false;
    map.getPane("surface").querySelectorAll("img").forEach(function (image) {
      const box = image.getBoundingClientRect();
      pen.drawImage(image, box.left - frame.left, box.top - frame.top, box.width, box.height);
    });
    pen.restore();
  }

  function shape(kind, r) {
    pen.beginPath();
    if (kind === 0) pen.arc(0, 0, r, 0, 2 * Math.PI);
    else if (kind === 1) pen.rect(-r, -r, 2 * r, 2 * r);
    else Siting.symbols.PATHS.diamond(pen, 0, 0, r);
  }

  /* Pins are elements of the page; they are drawn again here in their order on the map. */
  function pins() {
    app.facilities.forEach(function (other, index) {
      if (!map.hasLayer(other.groups.sites)) return;
      const found = [];
      other.groups.sites.eachLayer((marker) => found.push(marker));
      found.sort((a, b) => b.getLatLng().lat - a.getLatLng().lat).forEach(function (marker) {
        const at = map.latLngToContainerPoint(marker.getLatLng()), r = map.getZoom() < 10 ? 9 : 11.5;
        pen.save();
        pen.translate(at.x, at.y);
        pen.globalAlpha = marker.badge.classList.contains("pin-off") ? 0.45 : 1;
        shape(index % 3, r);
        pen.fillStyle = other.facility.colour;
        pen.strokeStyle = "#ffffff";
        pen.lineWidth = 2;
        pen.fill();
        pen.stroke();
        pen.textAlign = "center";
        write(marker.badge.textContent, 0, 0.5, "700 " + (r < 10 ? 10 : 11.5) + "px", core.textOn(other.facility.colour), 40);
        pen.restore();
      });
    });
  }

  /* What the reader changed stands on the picture, so that it is not taken for the plan. */
  function subtitle() {
    const live = entry.live, parts = [dom.pick(entry.facility.label), t("edition", { date: data.study.edition })];
    if (live.hasSites()) parts.push(t("sites_now", { n: live.open().length, plus: live.added().length, minus: live.removed().length }));
    if (live.hasWeights()) {
      const weights = entry.facility.criteria.map((criterion, k) => dom.pick(criterion.label) + " " + dom.percent(live.weights()[k], 0));
      parts.push(t("weights_changed") + weights.join(", "));
    }
    return parts.join(" · ");
  }

  canvas.width = Math.round(size.x * ratio);
  canvas.height = Math.round((size.y + HEAD + FOOT) * ratio);
  pen.scale(ratio, ratio);
  pen.textBaseline = "middle";
  pen.fillStyle = colours.back;
  pen.fillRect(0, 0, size.x, size.y + HEAD + FOOT);
  pen.save();
  pen.beginPath();
  pen.rect(0, HEAD, size.x, size.y);
  pen.clip();
  pen.fillStyle = colours.beyond;
  pen.fillRect(0, HEAD, size.x, size.y);
  pen.translate(0, HEAD);
  panes();
  pen.restore();
  write(dom.pick(data.study.title), 14, 19, "700 17px", colours.text, size.x - 28);
  write(subtitle(), 14, 41, "13px", colours.weak, size.x - 28);
  write(dom.pick(data.study.notice), 14, size.y + HEAD + 15, "600 12.5px", colours.text, size.x - 28);
  write(document.querySelector(".credits").textContent, 14, size.y + HEAD + 34, "11.5px", colours.weak, size.x - 28);
  return canvas;
};

/* The side panel of two plans: facility types, what the marks mean, what changed, totals and reasons. */
Siting.comparePanel = function (app, sides) {
  "use strict";
  const { data } = app, dom = Siting.dom, el = dom.el, t = dom.t;
  const SIDES = ["a", "b"], CHANGES = ["moved", "dropped", "added", "kept"];
  let backTo = null;
  const icons = Siting.icons(app);

  app.tag = function (change) {
    return el("span", { class: "change" }, icons.shape(Siting.changeShapes[change], "change_" + change), t("cmp_" + change));
  };

  app.siteName = function (row) {
    const sites = app.current().sites, ends = SIDES.filter((side) => sites[side].id[row]).map((side) => dom.name(sites[side], row));
    return sites.change[row] === "moved" ? ends.join(" → ") : ends[ends.length - 1];
  };

  function tabs() {
    dom.refill(dom.byId("tabs"), data.facilities.map(function (facility, index) {
      const on = index === app.state.facility;
      return el("button", { type: "button", role: "tab", id: "tab-" + index, "aria-selected": String(on), "aria-controls": "facility",
        tabindex: on ? "0" : "-1", on: { click: () => app.show(index), keydown: (event) => step(event, index) } }, dom.pick(facility.label));
    }));
    dom.byId("facility").setAttribute("aria-labelledby", "tab-" + app.state.facility);
  }

  function step(event, index) {
    const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key], n = data.facilities.length;
    if (!move) return;
    event.preventDefault();
    app.show((index + move + n) % n);
    dom.byId("tab-" + app.state.facility).focus();
  }

  function rowsOf(change) {
    return app.current().sites.change.map((_, row) => row).filter((row) => app.current().sites.change[row] === change);
  }

  function entries(rows) {
    return el("ul", { class: "marked" }, rows.map(function (row) {
      const go = (event) => { backTo = event.currentTarget; app.select(row, { move: true }); if (app.isPhone()) dom.byId("card").querySelector("button").focus(); };
      return el("li", {}, el("button", { type: "button", "data-row": row, on: { click: go } }, app.tag(app.current().sites.change[row]), app.siteName(row)));
    }));
  }

  function totals(facility) {
    const heads = [t("cmp_figure"), "A", "B", t("cmp_change")].map((words) => el("th", { scope: "col" }, words));
    const sign = (value, unit) => value === null ? "–" : (value > 0 ? "+" : value < 0 ? "−" : "±") + dom.withUnit(Math.abs(value), unit);
    return el("table", { class: "two" }, el("thead", {}, el("tr", {}, heads)), el("tbody", {}, facility.totals.map(function (row) {
      const unit = row.unit === "share" ? "share" : "", named = unit || !row.unit || row.unit === "sites" ? "" : " (" + dom.code("unit_", row.unit) + ")";
      return el("tr", {}, el("th", { scope: "row" }, dom.pick(row.label) + named), el("td", {}, dom.withUnit(row.a, unit)),
        el("td", {}, dom.withUnit(row.b, unit)), el("td", { class: row.change ? "differs" : null }, sign(row.change, unit)));
    })));
  }

  function lonely() {
    return data.only.map((labels, at) => labels.length
      ? el("p", { class: "muted" }, t("cmp_only", { side: "AB"[at], labels: labels.map(dom.pick).join(", ") })) : null);
  }

  function list() {
    const facility = app.current(), changed = [].concat.apply([], CHANGES.slice(0, 3).map(rowsOf)), kept = rowsOf("kept");
    dom.refill(dom.byId("list"),
      el("h2", {}, t("cmp_changed")), changed.length ? entries(changed) : el("p", {}, t("cmp_unchanged")),
      el("h2", {}, t("cmp_totals")), totals(facility),
      facility.why.length ? [el("h2", {}, t("cmp_why_all")), el("ul", { class: "whys" }, facility.why.map((words) => el("li", {}, dom.pick(words))))] : null,
      kept.length ? el("details", { class: "fold" }, el("summary", {}, t("cmp_kept_list", { n: kept.length })), entries(kept)) : null,
      el("p", { class: "muted" }, t("cmp_moved_is", { km: dom.plain(data.takeover_km) })), lonely());
  }

  const areas = el("input", { type: "checkbox", id: "areas-on", on: { change: () => sides.forEach((side) => side.showAreas(areas.checked)) } });
  const areasWords = el("span", {});

  function keys() {
    areasWords.textContent = t("cmp_areas");
    dom.refill(dom.byId("keys"), CHANGES.map((change) => el("li", {}, icons.shape(Siting.changeShapes[change], "change_" + change), t("cmp_" + change))),
      el("li", {}, icons.ghost(), t("cmp_ghost")),
      data.base.ports.id.length ? el("li", {}, icons.base.ports(), t("layer_ports")) : null, el("li", {}, el("label", {}, areas, areasWords)));
  }

  function covered(side) {
    const row = app.current().totals.find((figure) => figure.figure === "coverage_share");
    return row && row[side] !== null ? t("cmp_covers", { share: dom.percent(row[side]) }) : null;
  }

  function captions() {
    SIDES.forEach(function (side, at) {
      const n = app.current().sites[side].id.filter(Boolean).length, frame = dom.byId("side-" + side);
      dom.refill(frame.querySelector(".caption"), [t("cmp_side_" + side), data.names[at], t("cmp_sites", { n }), covered(side)].filter(Boolean).join(" · "));
      sides[at].map.getContainer().setAttribute("role", "region");
      sides[at].map.getContainer().setAttribute("aria-label", t("cmp_map_" + side));
    });
  }

  function update() {
    document.title = t("cmp_title") + " – " + dom.pick(data.study.title);
    dom.byId("title").textContent = t("cmp_title");
    dom.byId("edition").textContent = dom.pick(data.study.title) + " · " + t("edition", { date: data.study.edition });
    dom.byId("notice").textContent = dom.pick(data.study.notice);
    const counts = {};
    CHANGES.forEach((change) => { counts[change] = rowsOf(change).length; });
    dom.byId("counts").textContent = t("cmp_counts", counts);
    tabs();
    keys();
    list();
    captions();
    controls();
  }

  /* ---- on the maps ---- */
  const zoom = L.control.zoom({ position: "topleft" }).addTo(sides[0].map);
  L.control.scale({ imperial: false, position: "bottomleft" }).addTo(sides[0].map);
  const credit = el("div", { class: "credits" }), corner = L.control({ position: "bottomright" });
  corner.onAdd = () => credit;
  corner.addTo(sides[1].map);

  function controls() {
    const bar = zoom.getContainer().querySelectorAll("a");
    ["zoom_in", "zoom_out"].forEach(function (key, at) { bar[at].title = t(key); bar[at].setAttribute("aria-label", t(key)); });
    const owners = data.about.layers.map((layer) => layer.attribution);
    dom.refill(credit, el("a", { href: "https://leafletjs.com", rel: "noreferrer", target: "_blank" }, "Leaflet"),
      [""].concat(owners.filter((owner, at) => owner && owners.indexOf(owner) === at)).join(" · "));
  }

  function mark(row) {
    dom.byId("list").querySelectorAll("[data-row]").forEach(function (button) {
      if (Number(button.dataset.row) === row) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    });
  }

  /* To the entry of the list that opened the card. */
  function back() {
    if (backTo && document.contains(backTo)) backTo.focus();
    backTo = null;
  }

  return { update, mark, back };
};

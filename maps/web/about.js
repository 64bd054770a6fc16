/* Sources, method, notices and third-party licences, in a dialog. */
Siting.about = function (app) {
  "use strict";
  const { data } = app, dom = Siting.dom, el = dom.el, t = dom.t;
  const dialog = dom.byId("about");

  function section(title) {
    return el.apply(null, ["section", {}, el("h3", {}, title)].concat([].slice.call(arguments, 1)));
  }

  function table(heads, rows) {
    const head = el("tr", {}, heads.map((words) => el("th", { scope: "col" }, words)));
    const body = rows.map((cells) => el("tr", {}, cells.map((cell) => el("td", {}, cell))));
    return el("div", { class: "scroll", tabindex: "0" }, el("table", {}, el("thead", {}, head), el("tbody", {}, body)));
  }

  function notices() {
    const list = data.about.notices.map((notice) => el("li", { class: notice.level }, dom.pick(notice.label)));
    if (data.base.roads.left_out) list.push(el("li", { class: "info" }, t("roads_left_out", { n: dom.plain(data.base.roads.left_out) })));
    return section(t("notices"), el("p", { class: "verdict warn" }, dom.pick(data.study.notice)),
      el("p", { class: "muted" }, t("offline_line", { crs: data.study.crs, date: data.study.edition })), el("ul", {}, list));
  }

  function range(entry) {
    const ends = [entry.low, entry.high].map((end) => end === null ? "–" : dom.withUnit(end, entry.unit));
    return entry.low === null && entry.high === null ? "–" : ends.join(" … ");
  }

  function method(entry) {
    const facility = entry.facility;
    return el("details", {}, el("summary", {}, dom.pick(facility.label)),
      el("h4", {}, t("criteria")),
      table([t("criterion"), t("weight"), t("unit"), t("confidence"), t("source")], facility.criteria.map(function (criterion) {
        const better = t(criterion.direction === "max" ? "more_is_better" : "less_is_better");
        const unit = dom.code("unit_", criterion.unit);
        return [dom.pick(criterion.label) + " " + better, dom.percent(criterion.weight, 0), unit, criterion.confidence, criterion.source];
      })),
      el("h4", {}, t("rules")),
      table([t("rule"), t("clause"), t("verified")], facility.rules.map(function (rule) {
        return [dom.pick(rule.label), rule.clause, t(rule.verified ? "yes" : "unverified")];
      })),
      facility.assumptions.length ? assumptions(facility) : null);
  }

  function assumptions(facility) {
    const heads = [t("assumption"), t("value"), t("range"), t("confidence"), t("source")];
    return [el("h4", {}, t("assumptions")), table(heads, facility.assumptions.map(function (entry) {
      return [dom.pick(entry.label), dom.withUnit(entry.value, entry.unit), range(entry), entry.confidence, entry.source];
    }))];
  }

  function sources() {
    return section(t("sources"), el("ul", {}, data.about.sources.map((source) => el("li", {}, source))),
      table([t("layer"), t("rows"), t("licence"), t("attribution"), t("repairs")], data.about.layers.map(function (layer) {
        const kind = el("span", {}, dom.code("kind_", layer.kind), el("small", { class: "muted" }, " " + layer.reference));
        return [kind, dom.plain(layer.rows), layer.licence, layer.attribution, layer.repairs.join("; ")];
      })));
  }

  function licences() {
    return section(t("licences"), data.about.licences.map(function (licence) {
      const title = licence.package + " " + licence.version + " (" + licence.spdx + ")";
      return el("details", {}, el("summary", {}, title), el("pre", {}, licence.text));
    }));
  }

  function open() {
    const methods = section(t("method"), el("p", { class: "muted" }, t("method_line")), app.facilities.map(method));
    dom.refill(dom.byId("about-body"), notices(), methods, sources(), licences());
    dialog.showModal();
    dom.byId("about-body").scrollTop = 0;
  }

  dom.byId("about-open").addEventListener("click", open);
  dom.byId("about-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", function (event) { if (event.target === dialog) dialog.close(); });
};

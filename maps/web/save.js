/* What leaves the page as a file: the list as CSV, the map as PNG, the changes as TOML. Nothing is sent. */
Siting.save = function (app) {
  "use strict";
  const { data } = app, dom = Siting.dom, text = Siting.text, t = dom.t;

  function download(name, blob) {
    const address = URL.createObjectURL(blob);
    const link = dom.el("a", { href: address, download: name, hidden: true });
    document.body.appendChild(link);
    link.click();
    link.remove();
    window.setTimeout(() => URL.revokeObjectURL(address), 10000);
  }

  /* A name of letters, digits and lines only: study names come from file names. */
  function fileName(parts, ending) {
    return parts.map((part) => part.replace(/[^\w\u3400-\u9fff-]+/g, "_")).join("-") + "." + ending;
  }

  /* The rows of the list as they stand, under the weights of now, with every measured value. */
  function csv() {
    const entry = app.facilities[app.state.facility], facility = entry.facility, table = facility.candidates, live = entry.live;
    const heads = ["facility", "rank", "candidate_id", "name_zh", "name_en", "type", "district", "score", "in_plan", "is_open", "lon", "lat"];
    const units = facility.criteria.map((criterion) => "raw_" + criterion.key + (criterion.unit ? " (" + criterion.unit + ")" : ""));
    const rows = app.rows().map(function (row) {
      return [facility.key, live.rank(row), table.id[row], table.zh[row], table.en[row], table.type[row], table.district[row],
        live.score(row), live.isPlanned(row) ? 1 : 0, live.isOpen(row) ? 1 : 0, table.lon[row], table.lat[row]]
        .concat(table.raw.map((column) => column[row]));
    });
    const body = text.csv([heads.concat(units)].concat(rows));
    download(fileName([data.study.name, facility.key], "csv"), new Blob([body], { type: "text/csv;charset=utf-8" }));
  }

  function roles(entry) {
    const live = entry.live, table = entry.facility.candidates, found = {};
    live.open().slice().sort((a, b) => a - b).forEach(function (row) {
      const role = table.role[row] === "existing" ? "existing" : "required";
      (found[role] = found[role] || []).push(table.id[row]);
    });
    if (live.removed().length) found.forbidden = live.removed().map((row) => table.id[row]);
    return found;
  }

  /* The changes of every facility type, not only of the one on show. */
  function changes() {
    return app.facilities.filter((entry) => entry.live.hasWeights() || entry.live.hasSites()).map(function (entry) {
      const live = entry.live, change = { key: entry.facility.key };
      if (live.hasWeights()) {
        change.points = {};
        entry.facility.criteria.forEach(function (criterion, k) { change.points[criterion.key] = live.points()[k]; });
      }
      if (live.hasSites()) {
        change.roles = roles(entry);
        change.count = (change.roles.required || []).length;
      }
      return change;
    });
  }

  function toml() {
    download(fileName([data.study.name, "changes"], "toml"), new Blob([text.toml(data.study.name, changes())], { type: "application/toml" }));
  }

  function png() {
    if (app.tiles) app.tiles.withVector(drawn); else drawn();
  }

  function drawn() {
    Siting.picture(app).toBlob(function (blob) {
      download(fileName([data.study.name, app.facilities[app.state.facility].facility.key], "png"), blob);
    }, "image/png");
  }

  dom.byId("save-csv").addEventListener("click", csv);
  dom.byId("save-png").addEventListener("click", png);
  return { csv, toml, png, tomlText: () => text.toml(data.study.name, changes()) };
};

/* Search over ids, names in both languages and pinyin initials; a combobox that needs no pointer. */
Siting.search = function (app) {
  "use strict";
  const { data } = app, core = Siting.core, dom = Siting.dom, el = dom.el, t = dom.t;
  const LIMIT = 12;
  const input = dom.byId("search"), list = dom.byId("found");
  let hits = [], active = -1;

  function entry(table, row, kind, go, initials) {
    const parts = [table.id[row], table.zh[row], table.en[row], initials && initials[row] || ""].map(core.fold);
    return { text: parts.join(" "), starts: parts, kind, go, id: table.id[row], name: () => dom.name(table, row) };
  }

  function rows(table) { return table.id.map((_, row) => row); }

  function candidates(index) {
    const table = app.facilities[index].facility.candidates;
    return rows(table).filter((row) => table.lat[row] !== null).map(function (row) {
      const kind = () => dom.pick(app.facilities[index].facility.label);
      return entry(table, row, kind, () => app.select(index, row, { move: true }), data.initials.candidates[index]);
    });
  }

  function places(table, key, card, initials) {
    return rows(table).filter((row) => table.lat[row] !== null).map(function (row) {
      return entry(table, row, () => t(key), function () {
        app.openCard(L.latLng(table.lat[row], table.lon[row]), () => card(row), { move: true });
      }, initials);
    });
  }

  /* Districts and towns have no card; the map goes there. */
  function grounds(table, key, zoom) {
    return rows(table).filter((row) => table.lat[row] !== null).map(function (row) {
      return entry(table, row, () => t(key), function () {
        app.deselect();
        app.map.setView([table.lat[row], table.lon[row]], zoom, { animate: false });
      }, data.initials[key + "s"]);
    });
  }

  /* Districts and ports, which are few, then the facility type on show, the others and the other places. */
  function entries() {
    const order = app.facilities.map((_, index) => index);
    order.sort((a, b) => (a === app.state.facility ? -1 : a) - (b === app.state.facility ? -1 : b));
    const base = data.base, cards = Siting.cards;
    const known = grounds(base.districts, "district", 11).concat(
      places(base.ports, "port", (row) => cards.place(app, base.ports, row, "port"), data.initials.ports));
    return [].concat.apply(known, order.map(candidates)).concat(
      places(base.parks, "park", (row) => cards.place(app, base.parks, row, "park"), data.initials.parks),
      places(base.energy, "energy", (row) => cards.energy(app, row), data.initials.energy),
      grounds(base.towns, "town", 12.5));
  }

  function close() {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function find() {
    hits = core.search(entries(), Siting.simplify(input.value), LIMIT);
    active = -1;
    const empty = input.value.trim() && !hits.length;
    dom.refill(list, hits.map(function (hit, at) {
      return el("li", { role: "option", id: "found-" + at, "aria-selected": "false", on: {
        // Before the field loses its focus, which closes the list.
        mousedown: function (event) { event.preventDefault(); choose(at); },
      } }, el("span", {}, hit.name()), el("small", { class: "muted" }, hit.id + " · " + hit.kind()));
    }));
    list.hidden = !hits.length;
    input.setAttribute("aria-expanded", String(hits.length > 0));
    dom.byId("search-status").textContent = empty ? t("none") : hits.length ? t("found", { n: hits.length }) : "";
  }

  function move(by) {
    active = (active + by + hits.length) % hits.length;
    list.childNodes.forEach((node, at) => node.setAttribute("aria-selected", String(at === active)));
    input.setAttribute("aria-activedescendant", "found-" + active);
    list.childNodes[active].scrollIntoView({ block: "nearest" });
  }

  function choose(at) {
    const hit = hits[at];
    input.value = hit.name();
    close();
    hit.go();
  }

  input.addEventListener("input", find);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", function (event) {
    if (event.key === "Escape") { close(); return; }
    if (!hits.length || list.hidden) return;
    const by = { ArrowDown: 1, ArrowUp: active < 0 ? 0 : -1 }[event.key];
    if (event.key === "Enter") choose(Math.max(0, active));
    else if (by === undefined) return;
    else move(by);
    event.preventDefault();
  });
};

/* The tree of layers. The plug-in takes labels as HTML, so it gets empty slots that are filled here. */
Siting.tree = function (app, icons) {
  "use strict";
  const { base } = app, dom = Siting.dom, t = dom.t;
  const KINDS = ["sites", "areas", "candidates", "excluded", "demand", "routes", "flows", "surface"];

  const slots = [];

  function node(words, icon, layer) {
    slots.push({ words, icon });
    const slot = { label: "<span data-slot='" + (slots.length - 1) + "'></span>" };
    if (layer) slot.layer = layer;
    return slot;
  }

  function branch(words, children, collapsed) {
    return Object.assign(node(words), { children, collapsed });
  }

  function kindIcon(kind, index) {
    const colour = app.facilities[index].facility.colour;
    return {
      sites: () => icons.pin(index), areas: () => icons.area(colour),
      candidates: icons.ramp, excluded: () => icons.dot("excluded"),
      demand: () => icons.dot("demand_covered"), routes: () => icons.line(colour, 2),
      flows: () => icons.line("#a2459a", 4), surface: icons.cells,
    }[kind];
  }

  function leaf(key, icon) { return node(() => t("layer_" + key), icon, base.layers[key]); }

  function tree() {
    slots.length = 0;
    const facilities = app.facilities.map(function (entry, index) {
      const children = KINDS.filter((kind) => !entry[kind] || entry[kind].isKnown).map((kind) => node(() => t("layer_" + kind), kindIcon(kind, index), entry.groups[kind]));
      return branch(() => dom.pick(entry.facility.label), children, index !== app.state.facility);
    });
    const energy = base.energyShapes.filter((group) => base.layers[group[0]]).map(function (group) {
      return leaf(group[0], () => icons.shape(group[1], "energy"));
    });
    const places = (energy.length ? [branch(() => t("energy"), energy, true)] : [])
      .concat(["ports", "parks"].map((key) => leaf(key, icons.base[key])));
    const ground = ["districts", "towns", "roads", "protected", "coast"].map((key) => leaf(key, icons.base[key]));
    return facilities.concat([branch(() => t("places"), places, true), branch(() => t("base_map"), ground, true)]);
  }

  const Tree = L.Control.Layers.Tree.extend({
    _update: function () {
      L.Control.Layers.Tree.prototype._update.call(this);
      const container = this.getContainer();
      container.querySelectorAll("[data-slot]").forEach(function (span) {
        const slot = slots[Number(span.dataset.slot)];
        dom.refill(span, slot.icon ? slot.icon() : null, slot.words());
      });
      container.querySelectorAll(".leaflet-layerstree-header-pointer").forEach((header) => header.setAttribute("role", "button"));
      return this;
    },
  });
  const control = new Tree(null, tree(), { position: "topright", closedSymbol: "▸", openedSymbol: "▾", spaceSymbol: "" });

  return { control, update: () => control.setOverlayTree(tree()) };
};

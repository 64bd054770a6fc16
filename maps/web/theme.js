/* Colours of the base map by theme. The light ones come from maps/style.py, so that the map and the
   GeoPackage look alike; the dark ones exist on screens only. */
Siting.theme = (function () {
  "use strict";

  const DARK = {
    sea: { fill: "#0d1a26" },
    land: { stroke: "#46535f", fill: "#1c242c" },
    districts: { stroke: "#7d8b99" },
    coastline: { stroke: "#5c7186" },
    protected_hard: { stroke: "#5d8a57", fill: "#35552f" },
    protected_soft: { stroke: "#5d8a57", fill: "#35552f" },
    ports: { stroke: "#0f161d", fill: "#9fb4c8" },
    parks: { stroke: "#0f161d", fill: "#c79a6b" },
    energy: { stroke: "#0f161d", fill: "#a593e0" },
    demand_covered: { stroke: "#0f161d", fill: "#a9b6c2" },
    demand_open: { stroke: "#ff8a80", fill: "#1c242c" },
    excluded: { stroke: "#9aa5af", fill: "#1c242c" },
    change_kept: { stroke: "#0f161d", fill: "#a9b6c2" },
    change_moved: { stroke: "#0f161d", fill: "#5cb8f0" },
    change_dropped: { stroke: "#0f161d", fill: "#ff9458" },
    change_added: { stroke: "#0f161d", fill: "#45d3a6" },
  };
  // Inside the districts the land is lighter: that is what the plan is about.
  const CITY = { light: "#fdfcf9", dark: "#232d37" };
  const ROADS = {
    light: {
      motorway: ["#b5651d", "#f0a04b"], trunk: ["#b08d3e", "#f6d58a"], primary: ["#b9b2a6", "#fffaf0"],
      secondary: ["", "#c4bdb1"], minor: ["", "#d3cdc3"], ferry: ["", "#7f9db5"],
    },
    dark: {
      motorway: ["#12181e", "#b9742f"], trunk: ["#12181e", "#8f7a3e"], primary: ["#12181e", "#5f6770"],
      secondary: ["", "#49525b"], minor: ["", "#3a434c"], ferry: ["", "#41586b"],
    },
  };
  const LABELS = {
    light: {
      halo: "#ffffff", district: "#3d4a57", port: "#1d3347", town: "#4c5965", site: "#111a22", protected: "#2f5a2a", park: "#5d4327",
    },
    dark: {
      halo: "#10171e", district: "#c9d3dc", port: "#b9cee2", town: "#aab6c1", site: "#f2f5f8", protected: "#9cc795", park: "#dab88f",
    },
  };
  let current = "light";

  function set(name) {
    current = name;
    document.documentElement.dataset.theme = name;
  }

  function look(layers, key) {
    const own = layers[key];
    return current === "dark" ? Object.assign({}, own, DARK[key]) : own;
  }

  return {
    set, look,
    name: () => current,
    city: () => CITY[current],
    roads: () => ROADS[current],
    labels: () => LABELS[current],
  };
})();

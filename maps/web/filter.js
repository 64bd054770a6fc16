/* Which candidates are shown, on the map and in the table alike: by score and by type. */
Siting.filter = function (table, live) {
  "use strict";
  const types = Array.from(new Set(table.type)).sort();
  const off = new Set();
  let low = 0, rule = -1;

  function shows(row) {
    if (off.has(table.type[row])) return false;
    if (rule >= 0 && table.excluded[row] && table.outcome[rule][row] !== "fail") return false;
    const score = live.score(row);
    return low === 0 || score !== null && 100 * score >= low;
  }

  function setType(type, on) { if (on) off.delete(type); else off.add(type); }

  return {
    types, shows, setType,
    hasType: (type) => !off.has(type),
    low: () => low,
    setLow: function (points) { low = points; },
    /* The rule whose candidates alone are shown of the excluded ones; -1 for all. */
    rule: () => rule,
    setRule: function (k) { rule = k; },
    isOn: () => low > 0 || off.size > 0 || rule >= 0,
    clear: function () { low = 0; rule = -1; off.clear(); },
  };
};

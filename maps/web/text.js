/* Files that leave the page: a table for a spreadsheet, changes for the next run. Pure functions. */
Siting.text = (function () {
  "use strict";

  /* As maps/tables.py: what a spreadsheet would take for a formula gets an apostrophe before it. */
  const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

  function cell(value) {
    if (value === null || value === undefined) return "";
    if (typeof value === "number") return String(value);
    const guarded = FORMULA.test(value) ? "'" + value : value;
    return /[",\r\n]/.test(guarded) ? '"' + guarded.replace(/"/g, '""') + '"' : guarded;
  }

  /* Lists of cells as CSV; with a byte-order mark Excel shows Chinese as it is. */
  function csv(rows) {
    return "\ufeff" + rows.map((row) => row.map(cell).join(",") + "\r\n").join("");
  }

  /* A TOML basic string; half a character, which UTF-8 cannot hold, becomes U+FFFD. */
  function quoted(text) {
    const whole = Array.from(text).map((sign) => /^[\ud800-\udfff]$/.test(sign) ? "\ufffd" : sign).join("");
    return '"' + whole.replace(/[\u0000-\u001f"\\\u007f]/g, function (sign) {
      return sign === '"' || sign === "\\" ? "\\" + sign : "\\u" + sign.charCodeAt(0).toString(16).padStart(4, "0");
    }) + '"';
  }

  function list(texts) { return "[" + texts.map(quoted).join(", ") + "]"; }

  /* Changes [{key, points: {criterion: n}, roles: {role: [id]}, count}] as the file of siting run --with. */
  function toml(study, changes) {
    const lines = ["# Changes made on the map. To plan with them: siting run STUDY --with FILE", "study = " + quoted(study)];
    changes.forEach(function (change) {
      const table = "facilities." + quoted(change.key);
      if (change.points) {
        lines.push("", "[" + table + ".weights]");
        Object.keys(change.points).forEach((key) => lines.push(quoted(key) + " = " + change.points[key]));
      }
      if (change.roles) {
        lines.push("", "[" + table + ".sites]", "count = " + change.count);
        Object.keys(change.roles).forEach((role) => lines.push(role + " = " + list(change.roles[role])));
      }
    });
    return lines.join("\n") + "\n";
  }

  return { cell, csv, quoted, toml };
})();
if (typeof module === "object" && module.exports) module.exports = Siting.text;

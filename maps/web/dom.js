/* Words, numbers and elements. Text from data only ever becomes a text node. */
Siting.dom = (function () {
  "use strict";

  // The words of a key come in this order; names in the data are Chinese as written, or English.
  const LANGUAGES = ["zh-Hans", "en", "zh-Hant"], ENGLISH = 1;
  let words = {};
  let language = 0;
  let formats = {};

  function setWords(all) { words = all; }

  function setLanguage(at) {
    language = at;
    formats = {};
    document.documentElement.lang = LANGUAGES[at];
  }

  /* The words of a key in the page's language, {name} filled in; an unknown key shows itself. */
  function t(key, values) {
    const text = words[key] ? words[key][language] || words[key][0] : key;
    return text.replace(/\{(\w+)\}/g, function (whole, name) {
      return values && name in values ? values[name] : whole;
    });
  }

  function has(key) { return key in words; }

  /* A pair [zh, en] in the page's language, or the other where this one is missing. */
  function pick(pair) {
    if (!pair) return "";
    return isEnglish() ? pair[1] || pair[0] : pair[0] || pair[1];
  }

  function isEnglish() { return language === ENGLISH; }

  function name(table, row) { return pick([table.zh[row], table.en[row]]) || table.id[row]; }

  /* A code from data, worded where we know it, else as it is. */
  function code(prefix, value) {
    return has(prefix + value) ? t(prefix + value) : value.replace(/_/g, " ");
  }

  function format(value, options) {
    const key = JSON.stringify(options);
    if (!formats[key]) formats[key] = new Intl.NumberFormat(isEnglish() ? "en" : "zh-CN", options);
    return formats[key].format(value);
  }

  function fixed(value, digits) {
    if (value === null || value === undefined) return "–";
    return format(value, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  }

  /* Three digits that count, whole numbers from a hundred on. */
  function plain(value) {
    if (value === null || value === undefined) return "–";
    const size = Math.abs(value);
    return format(value, { maximumFractionDigits: size >= 100 || size === 0 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3 });
  }

  function percent(share, digits) {
    if (share === null || share === undefined) return "–";
    const places = digits === undefined ? 1 : digits;
    return format(share, { style: "percent", minimumFractionDigits: places, maximumFractionDigits: places });
  }

  function withUnit(value, unit) {
    if (value === null || value === undefined) return "–";
    if (unit === "share") return percent(value);
    return unit ? plain(value) + " " + code("unit_", unit) : plain(value);
  }

  /* el("p", {class: "x", on: {click: f}}, "text", child …); null children fall away. */
  function el(tag, attributes) {
    return filled(document.createElement(tag), attributes, [].slice.call(arguments, 2));
  }

  function svg(tag, attributes) {
    return filled(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, [].slice.call(arguments, 2));
  }

  function filled(node, attributes, children) {
    Object.keys(attributes || {}).forEach(function (key) {
      const value = attributes[key];
      if (key === "on") Object.keys(value).forEach((type) => node.addEventListener(type, value[type]));
      else if (key === "style") Object.keys(value).forEach((rule) => node.style.setProperty(rule, value[rule]));
      else if (value === true) node.setAttribute(key, "");
      else if (value !== false && value !== null && value !== undefined) node.setAttribute(key, value);
    });
    add(node, children);
    return node;
  }

  function add(node, children) {
    children.forEach(function (child) {
      if (Array.isArray(child)) add(node, child);
      else if (child instanceof Node) node.appendChild(child);
      else if (child !== null && child !== undefined && child !== false) node.appendChild(document.createTextNode(String(child)));
    });
  }

  function refill(node) {
    node.textContent = "";
    add(node, [].slice.call(arguments, 1));
  }

  function byId(id) { return document.getElementById(id); }

  /* Every element that names its words gets them again. */
  function translate() {
    document.querySelectorAll("[data-t]").forEach(function (node) { node.textContent = t(node.dataset.t); });
    [["tLabel", "aria-label"], ["tTitle", "title"], ["tHint", "placeholder"]].forEach(function (entry) {
      const selector = "[data-" + entry[0].replace(/[A-Z]/g, (c) => "-" + c.toLowerCase()) + "]";
      document.querySelectorAll(selector).forEach((node) => node.setAttribute(entry[1], t(node.dataset[entry[0]])));
    });
  }

  return {
    LANGUAGES, setWords, setLanguage, isEnglish, language: () => language,
    t, pick, name, code, fixed, plain, percent, withUnit, el, svg, refill, byId, translate,
  };
})();

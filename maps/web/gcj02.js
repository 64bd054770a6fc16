/* Tiles that show places where GCJ-02 puts them, moved so that the data lie on them. The data never move. */
Siting.gcj02 = (function () {
  "use strict";

  // Krasovsky 1940, which the public approximation measures on; see siting/datum.py for its sources.
  const AXIS_M = 6378245, ECCENTRICITY_SQUARED = 0.006693421622965943, CHINA = [72.004, 0.8293, 137.8347, 55.8271], RAD = Math.PI / 180;

  function wave(value, terms) {
    return terms.reduce((sum, term) => sum + term[0] * Math.sin(value * term[1] * Math.PI), 0) * 2 / 3;
  }

  /* Where GCJ-02 shows a place [lon, lat] of WGS 84; outside of China nothing is shifted. */
  function shift(lonlat) {
    const lon = lonlat[0], lat = lonlat[1];
    if (lon < CHINA[0] || lat < CHINA[1] || lon > CHINA[2] || lat > CHINA[3]) return [lon, lat];
    const x = lon - 105, y = lat - 35, root = Math.sqrt(Math.abs(x));
    const both = wave(x, [[20, 6], [20, 2]]);
    const north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + both + wave(y, [[20, 1], [40, 1 / 3], [160, 1 / 12], [320, 1 / 30]]);
    const east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + both + wave(x, [[20, 1], [40, 1 / 3], [150, 1 / 12], [300, 1 / 30]]);
    const sine = Math.sin(lat * RAD), magic = 1 - ECCENTRICITY_SQUARED * sine * sine;
    const perLat = AXIS_M * (1 - ECCENTRICITY_SQUARED) / (magic * Math.sqrt(magic)) * RAD, perLon = AXIS_M / Math.sqrt(magic) * Math.cos(lat * RAD) * RAD;
    return [lon + east / perLon, lat + north / perLat];
  }

  /* The WGS 84 place that GCJ-02 shows at another; each step leaves less than 3 % of the error. */
  function unshift(shown) {
    let place = shown;
    for (let step = 0; step < 3; step += 1) {
      const found = shift(place);
      place = [place[0] + shown[0] - found[0], place[1] + shown[1] - found[1]];
    }
    return place;
  }

  /* For L.GridLayer: every tile is put, corner by corner, where what it shows lies, so that it fits all over the
     view and meets its neighbours; it grows or shrinks by a pixel. These methods are private in Leaflet 1.9.4. */
  const mixin = {
    _cornerAt: function (x, y, zoom) {
      const size = this.getTileSize(), shown = this._map.unproject(L.point(x * size.x, y * size.y), zoom);
      const place = unshift([shown.lng, shown.lat]);
      return this._map.project(L.latLng(place[1], place[0]), zoom).subtract(this._level.origin).round();
    },
    _getTilePos: function (coords) { return this._cornerAt(coords.x, coords.y, coords.z); },
    _addTile: function (coords, container) {
      L.TileLayer.prototype._addTile.call(this, coords, container);
      const tile = this._tiles[this._tileCoordsToKey(coords)].el;
      const size = this._cornerAt(coords.x + 1, coords.y + 1, coords.z).subtract(this._getTilePos(coords));
      tile.style.width = size.x + "px";
      tile.style.height = size.y + "px";
    },
    /* Which tiles are in view: those of the shifted view. */
    _getTiledPixelBounds: function (center) {
      const bounds = L.GridLayer.prototype._getTiledPixelBounds.call(this, center), shown = shift([center.lng, center.lat]);
      const by = this._map.project(L.latLng(shown[1], shown[0]), this._tileZoom).subtract(this._map.project(center, this._tileZoom));
      return L.bounds(bounds.min.add(by), bounds.max.add(by));
    },
  };

  return { shift, unshift, mixin };
})();
if (typeof module === "object" && module.exports) module.exports = Siting.gcj02;

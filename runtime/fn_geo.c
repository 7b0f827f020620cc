/* fn_geo.c -- built-in functions on places: degrees, north and east positive; the earth a
 * sphere. */
#include "fn.h"
#include <math.h>

static bool on_earth(wr_f64 latitude, wr_f64 longitude) {
  return fabs(latitude) <= 90 && fabs(longitude) <= 180;
}

static wr_f64 radians(wr_f64 degrees) { return degrees * (M_PI / 180); }

/* The haversine formula: exact for near points, where the cosine rule is not. */
wr_status wr_fn_geo_distance_FFFF(wr_ctx *ctx, wr_f64 lat1, wr_f64 lon1, wr_f64 lat2, wr_f64 lon2,
                                  wr_f64 *out) {
  (void)ctx;
  static const wr_f64 radius = 6371008.8;
  if (!on_earth(lat1, lon1) || !on_earth(lat2, lon2)) return WR_E_DOMAIN;
  wr_f64 a = sin(radians(lat2 - lat1) / 2), b = sin(radians(lon2 - lon1) / 2);
  wr_f64 h = a * a + cos(radians(lat1)) * cos(radians(lat2)) * b * b;
  *out = 2 * radius * asin(h > 1 ? 1 : sqrt(h));
  return WR_OK;
}

wr_status wr_fn_geo_bearing_FFFF(wr_ctx *ctx, wr_f64 lat1, wr_f64 lon1, wr_f64 lat2, wr_f64 lon2,
                                 wr_f64 *out) {
  (void)ctx;
  if (!on_earth(lat1, lon1) || !on_earth(lat2, lon2)) return WR_E_DOMAIN;
  wr_f64 a = radians(lat1), b = radians(lat2), d = radians(lon2 - lon1);
  wr_f64 angle = atan2(sin(d) * cos(b), cos(a) * sin(b) - sin(a) * cos(b) * cos(d)) * (180 / M_PI);
  *out = angle < 0 ? angle + 360 : angle;
  if (*out >= 360 || *out == 0) *out = 0;
  return WR_OK;
}

/* Halves the range of longitude, then of latitude, and so on; five bits make a character. */
wr_status wr_fn_geohash_FFI(wr_ctx *ctx, wr_f64 lat, wr_f64 lon, wr_i64 n, wr_str *out) {
  static const char digit[] = "0123456789bcdefghjkmnpqrstuvwxyz";
  wr_f64 low[2] = { -180, -90 }, high[2] = { 180, 90 }, at[2] = { lon, lat };
  char text[12];
  if (!on_earth(lat, lon) || n < 1 || n > 12) return WR_E_DOMAIN;
  for (int i = 0, bits = 0; i < n * 5; i++) {
    int axis = i & 1;
    wr_f64 middle = (low[axis] + high[axis]) / 2;
    bool upper = at[axis] >= middle;
    *(upper ? &low[axis] : &high[axis]) = middle;
    bits = (bits << 1 | upper) & 31;
    if (i % 5 == 4) text[i / 5] = digit[bits];
  }
  return fn_copy(ctx, text, (size_t)n, out);
}

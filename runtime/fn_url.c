/* fn_url.c -- built-in functions on URLs and internet addresses.
 *
 * A URL is cut by its punctuation alone (RFC 3986's outline): parts come as they are written, only
 * parameters are decoded. Without a scheme there is no host, and the text begins with the path.
 */
#include "fn.h"
#include <arpa/inet.h>

/* ---- parts ---- */

typedef struct url {                      /* p 0: it has none */
  wr_str protocol, host, port, path, query, fragment;
} url;

static wr_str part(const char *from, const char *to) { return fn_str(from, (size_t)(to - from)); }

/* The first of `stops` in [p, end), or end. */
static const char *until(const char *p, const char *end, const char *stops) {
  while (p < end && !(*p && strchr(stops, *p))) p++;
  return p;
}

/* user@host:port, the host perhaps in brackets */
static void cut_authority(const char *p, const char *end, url *u) {
  const char *at = memrchr(p, '@', (size_t)(end - p));
  if (at) p = at + 1;
  const char *close = p < end && *p == '[' ? memchr(p, ']', (size_t)(end - p)) : 0;
  const char *colon = close ? close + 1 : until(p, end, ":");
  u->host = close ? part(p + 1, close) : part(p, colon);
  if (colon < end && *colon == ':' && colon + 1 < end) u->port = part(colon + 1, end);
}

static url cut(wr_str s) {
  url u = {0};
  const char *p = s.p ? s.p : "", *end = p + s.len, *stop = until(p, end, ":/?#");
  if (end - stop >= 3 && stop > p && memcmp(stop, "://", 3) == 0) {
    const char *from = stop + 3, *to = until(from, end, "/?#");
    u.protocol = part(p, stop);
    cut_authority(from, to, &u);
    p = to;
  }
  stop = until(p, end, "?#");
  u.path = part(p, stop);
  if (stop < end && *stop == '?') {
    p = stop + 1;
    stop = until(p, end, "#");
    u.query = part(p, stop);
  }
  if (stop < end) u.fragment = part(stop + 1, end);
  return u;
}

static wr_status give(wr_str s, wr_str *out) {
  *out = s;
  return s.p ? WR_OK : WR_NULL;
}

wr_status wr_fn_url_protocol_S(wr_ctx *ctx, wr_str s, wr_str *out) {
  (void)ctx;
  return give(cut(s).protocol, out);
}

wr_status wr_fn_url_host_S(wr_ctx *ctx, wr_str s, wr_str *out) {
  (void)ctx;
  return give(cut(s).host, out);
}

wr_status wr_fn_url_path_S(wr_ctx *ctx, wr_str s, wr_str *out) {
  (void)ctx;
  return give(cut(s).path, out);
}

wr_status wr_fn_url_query_S(wr_ctx *ctx, wr_str s, wr_str *out) {
  (void)ctx;
  return give(cut(s).query, out);
}

wr_status wr_fn_url_fragment_S(wr_ctx *ctx, wr_str s, wr_str *out) {
  (void)ctx;
  return give(cut(s).fragment, out);
}

wr_status wr_fn_url_port_S(wr_ctx *ctx, wr_str s, wr_i64 *out) {
  (void)ctx;
  wr_str port = cut(s).port;
  if (!port.p || !wr_parse_int(port.p, port.len, out)) return WR_NULL;
  return *out >= 0 && *out <= 65535 ? WR_OK : WR_NULL;
}

/* ---- escapes ---- */

static int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c |= 32;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

wr_status wr_fn_url_decode_S(wr_ctx *ctx, wr_str s, wr_str *out) {
  *out = s;
  if (s.len == 0 || (!memchr(s.p, '%', s.len) && !memchr(s.p, '+', s.len))) return WR_OK;
  char *p = wr_alloc(ctx, s.len), *q = p;
  for (wr_u32 i = 0; i < s.len; i++) {
    int high = s.p[i] == '%' && s.len - i > 2 ? hex(s.p[i + 1]) : -1;
    int low = high < 0 ? -1 : hex(s.p[i + 2]);
    if (low >= 0) i += 2;
    *q++ = low >= 0 ? (char)(high << 4 | low) : s.p[i] == '+' ? ' ' : s.p[i];
  }
  *out = part(p, q);
  return wr_utf8_valid(p, (size_t)(q - p)) ? WR_OK : WR_E_UTF8;
}

static bool unreserved(char c) {
  bool word = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
  return word || (c && strchr("-._~", c));
}

wr_status wr_fn_url_encode_S(wr_ctx *ctx, wr_str s, wr_str *out) {
  static const char digit[] = "0123456789ABCDEF";
  char *p = fn_room(ctx, (size_t)s.len * 3), *q = p;
  if (!p) return WR_E_LIMIT;
  for (wr_u32 i = 0; i < s.len; i++) {
    unsigned char c = (unsigned char)s.p[i];
    if (unreserved(s.p[i])) { *q++ = s.p[i]; continue; }
    *q++ = '%';
    *q++ = digit[c >> 4];
    *q++ = digit[c & 15];
  }
  *out = part(p, q);
  return WR_OK;
}

wr_status wr_fn_url_param_SS(wr_ctx *ctx, wr_str s, wr_str name, wr_str *out) {
  wr_str query = cut(s).query;
  if (!query.p) return WR_NULL;
  for (const char *p = query.p, *end = fn_end(query), *next; p <= end; p = next + 1) {
    next = until(p, end, "&");
    const char *equals = until(p, next, "=");
    wr_str key;
    if (wr_fn_url_decode_S(ctx, part(p, equals), &key) != WR_OK || !wr_str_eq(key, name)) continue;
    return wr_fn_url_decode_S(ctx, part(equals < next ? equals + 1 : next, next), out);
  }
  return WR_NULL;
}

/* ---- addresses: IPv4 in the last four of sixteen bytes, as ::ffff:a.b.c.d ---- */

typedef struct address { unsigned char byte[16]; bool v4; } address;

static bool read_address(wr_str s, address *a) {
  char text[INET6_ADDRSTRLEN];
  static const unsigned char mapped[12] = { [10] = 0xFF, [11] = 0xFF };
  if (s.len == 0 || s.len >= sizeof text) return false;
  memcpy(text, s.p, s.len);
  text[s.len] = 0;
  if (strlen(text) != s.len) return false;
  a->v4 = inet_pton(AF_INET, text, a->byte + 12) == 1;
  if (a->v4) memcpy(a->byte, mapped, 12);
  return a->v4 || inet_pton(AF_INET6, text, a->byte) == 1;
}

static bool same_bits(const address *a, const address *b, int bits) {
  int whole = bits / 8, rest = bits % 8;
  if (memcmp(a->byte, b->byte, (size_t)whole) != 0) return false;
  return rest == 0 || ((a->byte[whole] ^ b->byte[whole]) >> (8 - rest)) == 0;
}

/* a.b.c.d/n; without a length, the one address. The length counts from the sixteen bytes' start. */
static bool read_network(wr_str s, address *a, int *bits) {
  const char *slash = s.len ? memchr(s.p, '/', s.len) : 0;
  wr_i64 n = 0;
  size_t digits = slash ? (size_t)(fn_end(s) - slash - 1) : 0;
  if (!read_address(slash ? part(s.p, slash) : s, a)) return false;
  int most = a->v4 ? 32 : 128;
  if (!slash) n = most;
  else if (!wr_parse_int(slash + 1, digits, &n) || n < 0 || n > most) return false;
  *bits = (int)n + 128 - most;
  return true;
}

wr_status wr_fn_is_ipv4_S(wr_ctx *ctx, wr_str s, wr_u8 *out) {
  (void)ctx;
  address a;
  *out = read_address(s, &a) && a.v4;
  return WR_OK;
}

wr_status wr_fn_is_ipv6_S(wr_ctx *ctx, wr_str s, wr_u8 *out) {
  (void)ctx;
  address a;
  *out = read_address(s, &a) && !a.v4;
  return WR_OK;
}

#define V4(a, b) { [10] = 0xFF, [11] = 0xFF, [12] = a, [13] = b }
wr_status wr_fn_is_private_ip_S(wr_ctx *ctx, wr_str s, wr_u8 *out) {
  static const struct { unsigned char byte[16]; int bits; } private[] = {
    { V4(10, 0), 104 }, { V4(172, 16), 108 }, { V4(192, 168), 112 }, { V4(127, 0), 104 },
    { V4(169, 254), 112 }, { { [15] = 1 }, 128 }, { { [0] = 0xFC }, 7 }, { { 0xFE, 0x80 }, 10 },
  };
  (void)ctx;
  address a, b;
  if (!read_address(s, &a)) return WR_NULL;
  *out = 0;
  for (size_t i = 0; i < sizeof private / sizeof *private && !*out; i++) {
    memcpy(b.byte, private[i].byte, 16);
    *out = same_bits(&a, &b, private[i].bits);
  }
  return WR_OK;
}

wr_status wr_fn_ip_in_SS(wr_ctx *ctx, wr_str s, wr_str network, wr_u8 *out) {
  (void)ctx;
  address a, net;
  int bits;
  if (!read_network(network, &net, &bits)) return WR_E_DOMAIN;
  if (!read_address(s, &a)) return WR_NULL;
  *out = a.v4 == net.v4 && same_bits(&a, &net, bits);
  return WR_OK;
}

wr_status wr_fn_ip_prefix_SI(wr_ctx *ctx, wr_str s, wr_i64 bits, wr_str *out) {
  address a;
  char text[INET6_ADDRSTRLEN + 8];
  if (!read_address(s, &a)) return WR_NULL;
  if (bits < 0 || bits > (a.v4 ? 32 : 128)) return WR_E_DOMAIN;
  int keep = (int)bits + (a.v4 ? 96 : 0);
  for (int i = 0; i < 16; i++) {
    int here = keep - i * 8;
    a.byte[i] &= (unsigned char)(here >= 8 ? 0xFF : here <= 0 ? 0 : 0xFF << (8 - here));
  }
  int family = a.v4 ? AF_INET : AF_INET6;
  if (!inet_ntop(family, a.byte + (a.v4 ? 12 : 0), text, sizeof text)) return WR_E_DOMAIN;
  size_t n = strlen(text);
  text[n++] = '/';
  n += wr_print_int(text + n, bits);
  return fn_copy(ctx, text, n, out);
}

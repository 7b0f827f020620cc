/* fn_mask.c -- masking and pseudonyms, and the environment as configuration. HMAC is nettle's. */
#include "fn.h"
#include <nettle/hmac.h>
#include <stdlib.h>

wr_status wr_fn_mask_SI(wr_ctx *ctx, wr_str s, wr_i64 keep, wr_str *out) {
  wr_i64 n = (wr_i64)fn_chars(s), hidden = keep < 0 ? n : n - (keep < n ? keep : n);
  const char *p = s.p, *end = fn_end(s);
  for (wr_i64 i = 0; i < hidden; i++)
    do p++; while (p < end && ((unsigned char)*p & 0xC0) == 0x80);
  char *q = wr_alloc(ctx, s.len);         /* never longer: a * for a character */
  if (hidden) memset(q, '*', (size_t)hidden);
  if (p < end) memcpy(q + hidden, p, (size_t)(end - p));
  *out = fn_str(q, (size_t)hidden + (size_t)(end - p));
  return WR_OK;
}

wr_status wr_fn_mask_S(wr_ctx *ctx, wr_str s, wr_str *out) { return wr_fn_mask_SI(ctx, s, 0, out); }

static void add_text(struct hmac_sha256_ctx *h, wr_str s) {
  if (s.len) hmac_sha256_update(h, s.len, (const uint8_t *)s.p);
}

static void set_key(struct hmac_sha256_ctx *h, wr_str key) {
  hmac_sha256_set_key(h, key.len, (const uint8_t *)(key.len ? key.p : ""));
}

wr_status wr_fn_hmac_SS(wr_ctx *ctx, wr_str s, wr_str key, wr_str *out) {
  struct hmac_sha256_ctx h;
  uint8_t digest[SHA256_DIGEST_SIZE];
  set_key(&h, key);
  add_text(&h, s);
  hmac_sha256_digest(&h, sizeof digest, digest);
  return fn_hex(ctx, digest, sizeof digest, out);
}

/* The first 128 bits in base32 (RFC 4648, no padding): 26 characters, the last of three bits. */
static void base32(char *p, const uint8_t *bits) {
  static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  for (int i = 0; i < 26; i++) {
    int at = i * 5, byte = at / 8, shift = 11 - at % 8;
    unsigned two = (unsigned)bits[byte] << 8 | (byte < 15 ? bits[byte + 1] : 0u);
    p[i] = digit[two >> shift & 31];
  }
}

/* HMAC(key, domain 0 type text): the 0 and the type keep domains and kinds of values apart, so a
 * domain must not hold a 0 itself. The prefix names the key for the day when there are two. */
wr_status wr_fn_tokenize_SSS(wr_ctx *ctx, wr_str s, wr_str key, wr_str domain, wr_str *out) {
  enum { KEY_LEAST = 32 };
  struct hmac_sha256_ctx h;
  uint8_t digest[SHA256_DIGEST_SIZE];
  char text[3 + 26] = "k1_";
  if (key.len < KEY_LEAST || (domain.len && memchr(domain.p, 0, domain.len))) return WR_E_DOMAIN;
  set_key(&h, key);
  add_text(&h, domain);
  hmac_sha256_update(&h, 2, (const uint8_t *)"\0s");
  add_text(&h, s);
  hmac_sha256_digest(&h, sizeof digest, digest);
  base32(text + 3, digest);
  return fn_copy(ctx, text, sizeof text, out);
}

/* ---- configuration ---- */

static const char *environment(wr_str name) {
  char text[256];
  if (name.len == 0 || name.len >= sizeof text || memchr(name.p, 0, name.len)) return 0;
  memcpy(text, name.p, name.len);
  text[name.len] = 0;
  return getenv(text);
}

wr_status wr_fn_env_S(wr_ctx *ctx, wr_str name, wr_str *out) {
  const char *value = environment(name);
  return value ? fn_copy(ctx, value, strlen(value), out) : WR_E_NULL_VALUE;
}

wr_status wr_fn_env_SS(wr_ctx *ctx, wr_str name, wr_str otherwise, wr_str *out) {
  const char *value = environment(name);
  *out = otherwise;
  return value ? fn_copy(ctx, value, strlen(value), out) : WR_OK;
}

/* fn_hash.c -- built-in hashes, checksums and encodings of bytes. SHA-256 and base64 are
 * nettle's. */
#include "fn.h"
#include <nettle/base64.h>
#include <nettle/sha2.h>

wr_status wr_fn_hash_A(wr_ctx *ctx, wr_slot v, const wr_type *type, wr_i64 *out) {
  (void)ctx;
  *out = (wr_i64)wr_hash_slot(type, v, 0);
  return WR_OK;
}

/* CRC-32 of IEEE 802.3, half a byte at a time: a table of sixteen entries stays in the cache. */
wr_status wr_fn_crc32_S(wr_ctx *ctx, wr_str s, wr_i64 *out) {
  static const uint32_t table[16] = {
    0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
    0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C, 0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
  };
  (void)ctx;
  uint32_t crc = 0xFFFFFFFF;
  for (wr_u32 i = 0; i < s.len; i++) {
    crc ^= (unsigned char)s.p[i];
    crc = crc >> 4 ^ table[crc & 15];
    crc = crc >> 4 ^ table[crc & 15];
  }
  *out = (wr_i64)(crc ^ 0xFFFFFFFF);
  return WR_OK;
}

wr_status wr_fn_crc32_B(wr_ctx *ctx, wr_str s, wr_i64 *out) { return wr_fn_crc32_S(ctx, s, out); }

/* ---- hexadecimal digits ---- */

wr_status fn_hex(wr_ctx *ctx, const unsigned char *p, size_t n, wr_str *out) {
  static const char digit[] = "0123456789abcdef";
  char *q = fn_room(ctx, n * 2);
  if (!q) return WR_E_LIMIT;
  *out = fn_str(q, n * 2);
  for (size_t i = 0; i < n; i++) {
    *q++ = digit[p[i] >> 4];
    *q++ = digit[p[i] & 15];
  }
  return WR_OK;
}

wr_status wr_fn_hex_encode_S(wr_ctx *ctx, wr_str s, wr_str *out) {
  return fn_hex(ctx, (const unsigned char *)s.p, s.len, out);
}

wr_status wr_fn_hex_encode_B(wr_ctx *ctx, wr_str s, wr_str *out) {
  return wr_fn_hex_encode_S(ctx, s, out);
}

wr_status wr_fn_hex_encode_I(wr_ctx *ctx, wr_i64 v, wr_str *out) {
  char text[20];
  int n = snprintf(text, sizeof text, "%llx", (unsigned long long)v);
  return fn_copy(ctx, text, (size_t)n, out);
}

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c |= 32;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

wr_status wr_fn_hex_decode_S(wr_ctx *ctx, wr_str s, wr_str *out) {
  char *p = wr_alloc(ctx, s.len / 2);
  *out = fn_str(p, s.len / 2);
  if (s.len % 2) return WR_E_DOMAIN;
  for (wr_u32 i = 0; i < s.len; i += 2) {
    int high = hex_digit(s.p[i]), low = hex_digit(s.p[i + 1]);
    if (high < 0 || low < 0) return WR_E_DOMAIN;
    *p++ = (char)(high << 4 | low);
  }
  return WR_OK;
}

/* ---- base64 ---- */

wr_status wr_fn_base64_encode_S(wr_ctx *ctx, wr_str s, wr_str *out) {
  size_t n = BASE64_ENCODE_RAW_LENGTH((size_t)s.len);
  char *p = fn_room(ctx, n);
  if (!p) return WR_E_LIMIT;
  *out = fn_str(p, n);
  if (s.len) base64_encode_raw(p, s.len, (const uint8_t *)s.p);
  return WR_OK;
}

wr_status wr_fn_base64_encode_B(wr_ctx *ctx, wr_str s, wr_str *out) {
  return wr_fn_base64_encode_S(ctx, s, out);
}

wr_status wr_fn_base64_decode_S(wr_ctx *ctx, wr_str s, wr_str *out) {
  size_t n = BASE64_DECODE_LENGTH((size_t)s.len);
  char *p = fn_room(ctx, n);
  struct base64_decode_ctx state;
  if (!p) return WR_E_LIMIT;
  base64_decode_init(&state);
  if (s.len && !base64_decode_update(&state, &n, (uint8_t *)p, s.len, s.p)) return WR_E_DOMAIN;
  if (!base64_decode_final(&state)) return WR_E_DOMAIN;
  *out = fn_str(p, s.len ? n : 0);
  return WR_OK;
}

/* ---- SHA-256 ---- */

wr_status wr_fn_sha256_S(wr_ctx *ctx, wr_str s, wr_str *out) {
  struct sha256_ctx sha;
  uint8_t digest[SHA256_DIGEST_SIZE];
  sha256_init(&sha);
  if (s.len) sha256_update(&sha, s.len, (const uint8_t *)s.p);
  sha256_digest(&sha, sizeof digest, digest);
  return fn_hex(ctx, digest, sizeof digest, out);
}

wr_status wr_fn_sha256_B(wr_ctx *ctx, wr_str s, wr_str *out) { return wr_fn_sha256_S(ctx, s, out); }

/* kafka_api.c -- loads librdkafka on first use. It stays loaded: its threads may outlive a client. */
#include "kafka_api.h"
#include <dlfcn.h>

static kafka_calls calls;

static const struct { const char *name; size_t at; } wanted[] = {
#define CALL(name) { "rd_kafka_" #name, offsetof(kafka_calls, name) },
  KAFKA_CALLS(CALL)
#undef CALL
};

const kafka_calls *wr_kafka_calls(wr_ctx *ctx, const char *who)
{
  void *lib;

  if (calls.err2str) return &calls;
  lib = dlopen("librdkafka.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!lib) {
    wr_error(ctx, WR_EXIT_CONFIG, "install the Debian package librdkafka1: apt-get install librdkafka1",
             "%s: Kafka needs librdkafka: %s", who, dlerror());
    return 0;
  }
  for (size_t i = sizeof wanted / sizeof *wanted; i-- > 0;) {       /* the first last: it says that all are there */
    void *f = dlsym(lib, wanted[i].name);
    if (!f) {
      wr_error(ctx, WR_EXIT_CONFIG, "Weir needs librdkafka 2.0 or later: the package librdkafka1 of Debian 12",
               "%s: this librdkafka has no %s", who, wanted[i].name);
      return 0;
    }
    *(void **)((char *)&calls + wanted[i].at) = f;
  }
  return &calls;
}

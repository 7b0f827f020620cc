# Weir. Two targets do everything on a fresh Debian: `make demo` and `make check`; both say what is
# missing and install it. Out-of-tree build in build/; V=1 shows the commands.

CC     ?= cc
BUILD  ?= build
PREFIX ?= /usr/local
OPT    ?= -O2
OPT_RT := $(if $(filter -O2,$(OPT)),-O3,$(OPT))  # the runtime is the hot path
FUZZ_SECONDS ?= 60
ifeq ($(V),1)
Q :=
else
Q := @
MAKEFLAGS += --no-print-directory
endif

# clang-rt stands for the sanitizer library of the clang that is the default here
PACKAGES := gcc libc6-dev make flex bison tcc libtcc-dev libmicrohttpd-dev nettle-dev libxxhash-dev librdkafka-dev tzdata
# the last three run a real Apache Kafka: tests/kafka
PACKAGES_CHECK := $(PACKAGES) libcmocka-dev clang clang-rt python3 curl openssl default-jre-headless maven

# ---- flags: warnings are errors; hardening flags are used where the compiler knows them ----

WARN := -Wall -Wextra -Wshadow -Wswitch-enum -Wmissing-prototypes -Wstrict-prototypes -Werror
HARDEN_WANTED := -fstack-clash-protection -fstack-protector-strong -fcf-protection=full \
  -ftrivial-auto-var-init=zero -fno-delete-null-pointer-checks -fno-strict-overflow
LINK_WANTED := -Wl,-z,relro,-z,now -Wl,-z,noexecstack -Wl,--as-needed
probe = $(shell $(CC) -Werror $(1) -x c -c /dev/null -o /dev/null 2>/dev/null && echo $(1))
probe_link = $(shell echo 'int main(void){return 0;}' | $(CC) -Werror $(1) -x c - -o /dev/null 2>/dev/null && echo $(1))
HARDEN := $(foreach f,$(HARDEN_WANTED),$(call probe,$(f)))
LINK := $(foreach f,$(LINK_WANTED),$(call probe_link,$(f)))
SANITIZE ?=
ifeq ($(SANITIZE),)
FORTIFY := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
else
FORTIFY := -fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer
endif
CPPFLAGS += -D_GNU_SOURCE -Iinclude
CFLAGS += -std=gnu11 -g $(OPT) $(WARN) $(HARDEN) $(FORTIFY) -fno-strict-aliasing -ffp-contract=off \
  -ffile-prefix-map=$(CURDIR)=.
LDFLAGS += $(LINK) $(if $(SANITIZE),-fsanitize=$(SANITIZE))
LIBS_RT := -lnettle -lm
LIBS := -ltcc -ldl $(LIBS_RT)

# ---- what is built ----

RT_SRC := $(filter-out runtime/aot_main.c runtime/symbols.c,$(wildcard runtime/*.c))
RT_OBJ := $(RT_SRC:%.c=$(BUILD)/%.o)
CC_SRC := $(wildcard compiler/*.c)
CC_OBJ := $(CC_SRC:%.c=$(BUILD)/%.o) $(BUILD)/compiler/parser.o $(BUILD)/compiler/lexer.o $(BUILD)/rt_text.o \
  $(BUILD)/runtime/symbols.o
WEIR := $(BUILD)/weir
RT_LIB := $(BUILD)/libweir_rt.a

.PHONY: all deps deps-check demo show check check-all tests bench fuzz fuzzers docs bless install clean
all: $(WEIR)

$(WEIR): $(CC_OBJ) $(RT_LIB)
	@echo "  LINK  $@"
	$(Q)$(CC) $(LDFLAGS) -rdynamic -pie -o $@ $(CC_OBJ) $(RT_LIB) $(LIBS)

$(RT_LIB): $(RT_OBJ) $(BUILD)/runtime/aot_main.o
	@echo "  AR    $@"
	$(Q)rm -f $@ && ar rcs $@ $^

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC    $<"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -fPIE $(if $(filter runtime/%,$<),$(OPT_RT) -ffunction-sections -fdata-sections -Iruntime,-Icompiler -I$(BUILD)/compiler) \
	  -MMD -MP -c $< -o $@
$(BUILD)/compiler/aot.o: CPPFLAGS += -DWEIR_LIBS='"$(LIBS_RT)"'
# every family of aggregates is included by being there
$(BUILD)/runtime/agg_rows.o: CPPFLAGS += $(addprefix -include ,$(sort $(wildcard include/weir/agg/*.h)))

# generated parsers: tables are bison's and flex's, not ours to warn about
$(BUILD)/compiler/parser.c $(BUILD)/compiler/parser.h &: compiler/parser.y
	@mkdir -p $(@D)
	@echo "  BISON $<"
	$(Q)bison -Wall -Werror --defines=$(BUILD)/compiler/parser.h -o $(BUILD)/compiler/parser.c $<
$(BUILD)/compiler/lexer.c $(BUILD)/compiler/lexer.h &: compiler/lexer.l $(BUILD)/compiler/parser.h
	@echo "  FLEX  $<"
	$(Q)flex --header-file=$(BUILD)/compiler/lexer.h -o $(BUILD)/compiler/lexer.c $<
$(BUILD)/compiler/parser.o $(BUILD)/compiler/lexer.o: $(BUILD)/compiler/%.o: $(BUILD)/compiler/%.c $(BUILD)/compiler/lexer.h $(BUILD)/compiler/parser.h
	$(Q)$(CC) $(CPPFLAGS) -Icompiler -I$(BUILD)/compiler $(filter-out -Wshadow -Wswitch-enum -Wmissing-prototypes,$(CFLAGS)) \
	  -Wno-unused-function -Wno-sign-compare -fPIE -MMD -MP -c $< -o $@
$(CC_SRC:%.c=$(BUILD)/%.o): | $(BUILD)/compiler/parser.h $(BUILD)/compiler/lexer.h

# rt.h and all that it includes, as one text inside the binary: `weir run` needs no header on disk
$(BUILD)/rt_text.c: $(wildcard include/weir/*.h include/weir/*.def)
	@mkdir -p $(@D)
	$(Q)$(CC) -E -P -dD -undef -nostdinc -Iinclude -include weir/rt.h -x c /dev/null | grep -v '^#define __' | \
	  awk 'BEGIN { print "extern const char weir_rt_text[];\nconst char weir_rt_text[] =" } \
	       { gsub(/\\/, "\\\\"); gsub(/"/, "\\\""); print "\"" $$0 "\\n\"" } END { print ";" }' > $@
$(BUILD)/rt_text.o: $(BUILD)/rt_text.c
	$(Q)$(CC) $(CFLAGS) -fPIE -Wno-overlength-strings -c $< -o $@

# ---- tests: each tests/unit/test_*.c is a program. What runtime and compiler define is weak there, so
# that what a test defines itself stands in for it ----

RIG := $(BUILD)/libweir_tests.a
UNIT := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test_*.c))
tests: $(WEIR) $(UNIT) $(BUILD)/gen_docs $(BUILD)/gen_rows $(BUILD)/ktool
$(BUILD)/weak/%.o: $(BUILD)/%.o
	@mkdir -p $(@D)
	$(Q)nm -gP --defined-only $< | cut -d' ' -f1 > $@.names && objcopy --weaken-symbols=$@.names $< $@
$(RIG): $(patsubst $(BUILD)/%,$(BUILD)/weak/%,$(RT_OBJ) $(filter-out $(BUILD)/compiler/main.o,$(CC_OBJ)))
	$(Q)rm -f $@ && ar rcs $@ $^
TEST_INC := -Itests/unit -Iruntime -Icompiler -I$(BUILD)/compiler
$(BUILD)/tests/%: tests/unit/%.c $(RIG)
	@mkdir -p $(@D)
	@echo "  TEST  $<"
	$(Q)$(CC) $(CPPFLAGS) $(TEST_INC) $(CFLAGS) -fPIE -pie -MMD -MP $(LDFLAGS) -rdynamic -o $@ $< $(RIG) -lcmocka $(LIBS)
$(BUILD)/gen_%: tests/tools/gen_%.c $(RIG)
	@echo "  TOOL  $<"
	$(Q)$(CC) $(CPPFLAGS) $(TEST_INC) $(CFLAGS) -fPIE -pie -MMD -MP $(LDFLAGS) -rdynamic -o $@ $< $(RIG) $(LIBS)
$(BUILD)/ktool: tests/kafka/ktool.c
	@mkdir -p $(@D)
	@echo "  TOOL  $<"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -fPIE -pie -MMD -MP $(LDFLAGS) -o $@ $< -lrdkafka

# ---- the targets that are programs of their own. They start make again once the packages are there:
# the flags are probed when this file is read ----

deps:
	$(Q)tests/tools/deps.sh $(PACKAGES)
deps-check:
	$(Q)tests/tools/deps.sh $(PACKAGES_CHECK)
demo: deps
	$(Q)$(MAKE) -s -j2 all $(if $(KAFKA),$(BUILD)/ktool)
	$(Q)examples/demo.sh $(WEIR)
check: deps-check
	$(Q)MAKE='$(MAKE)' tests/check.sh
check-all: deps-check
	$(Q)MAKE='$(MAKE)' tests/check.sh --all
bench: all
	$(Q)tests/bench/run.sh $(BUILD)
	$(Q)tests/bench/checkpoint.sh $(BUILD)
	$(Q)tests/kafka/rival.sh $(BUILD)
bless: all
	$(Q)tests/golden.sh --bless
docs: $(BUILD)/gen_docs
	$(Q)$(BUILD)/gen_docs > docs/builtins.md

# Each fuzzer keeps what it learns in build/fuzz/NAME and starts from tests/fuzz/corpus/NAME.
FUZZERS := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzzers/%,$(wildcard tests/fuzz/fuzz_*.c))
fuzz: all
	$(Q)$(MAKE) -j2 CC=clang BUILD=build/fuzz OPT=-O1 SANITIZE=fuzzer-no-link,address,undefined fuzzers
	$(Q)tests/fuzz/fuzz.sh $(FUZZ_SECONDS)
	$(Q)tests/model/run.sh $(BUILD) 1000 $$(date +%s) --native 0 --seconds $(FUZZ_SECONDS)
fuzzers: $(FUZZERS)
$(BUILD)/fuzzers/%: tests/fuzz/%.c $(RIG)
	@mkdir -p $(@D)
	@echo "  FUZZ  $<"
	$(Q)$(CC) $(CPPFLAGS) $(TEST_INC) $(CFLAGS) -fPIE -pie -MMD -MP $(LDFLAGS) -fsanitize=fuzzer -rdynamic -o $@ $< $(RIG) $(LIBS)

DEST := $(DESTDIR)$(PREFIX)
install: all
	install -d $(DEST)/bin $(DEST)/lib/weir/include/weir/agg $(DEST)/share/man/man1 $(DEST)/share/doc/weir
	install -m 755 $(WEIR) $(DEST)/bin/weir
	install -m 644 $(RT_LIB) $(DEST)/lib/weir/libweir_rt.a
	install -m 644 $(wildcard include/weir/*.h include/weir/*.def) $(DEST)/lib/weir/include/weir
	install -m 644 $(wildcard include/weir/agg/*.h) $(DEST)/lib/weir/include/weir/agg
	install -m 644 $(wildcard docs/man/*.1) $(DEST)/share/man/man1
	install -m 644 $(wildcard README.md docs/*.md) $(DEST)/share/doc/weir

-include $(wildcard $(BUILD)/*/*.d $(BUILD)/*.d)

clean:
	rm -rf build $(BUILD)

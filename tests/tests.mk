# SPDX-License-Identifier: GPL-2.0-only
# The tests: make check, check-unit, check-bpf, check-net, check-diff, check-vm, each with TESTS='pattern...'; make lint.
# make fuzz [SECONDS=n]: readers and guards against what nobody would send. make soak: the differential test until it is stopped.

T   := $(B)/tests
SAN := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

san       = $(patsubst %.c,$(B)/san/%.o,$(1))
LIB_SAN  := $(call san,$(wildcard lib/*.c))
KVS_SAN  := $(call san,$(filter-out kvs/main.c,$(wildcard kvs/*.c)))
KVSD_SAN := $(call san,$(filter-out kvsd/main.c,$(wildcard kvsd/*.c)))
HELP_BPF := $(patsubst %.c,$(B)/obj/%.o,$(filter-out %_test.c,$(wildcard tests/bpf/*.c)))

# A tool is tests/tools/NAME.c and, where that is too long, NAME_*.c beside it.
TOOL_SRC := $(filter-out %.bpf.c,$(wildcard tests/tools/*.c))
TOOLS    := $(foreach c,$(TOOL_SRC),$(if $(findstring _,$(notdir $c)),,$(c:%.c=$(B)/%))) \
            $(patsubst %.bpf.c,$(B)/obj/%.bpf.o,$(wildcard tests/tools/*.bpf.c))
UNIT     := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/*_test.c))
BPF      := $(patsubst %.c,$(B)/%,$(wildcard tests/bpf/*_test.c))

FUZZ     := $(patsubst %.c,$(B)/%,$(wildcard tests/fuzz/*_fuzz.c))

DIFF     := $(T)/diff

# what each level runs
NEEDS_unit := all $(UNIT) $(FUZZ)
NEEDS_bpf  := $(BPF)
NEEDS_net  := all $(TOOLS)
NEEDS_diff := all $(DIFF)
NEEDS_vm   := all $(TOOLS) $(BPF) $(DIFF)
NEEDS_     := all $(TOOLS) $(BPF) $(DIFF) $(UNIT) $(FUZZ)

tests: $(NEEDS_)

$(B)/san/%.o: %.c
	@mkdir -p $(@D)
	@echo "CC  $< (sanitised)"
	@$(CC) $(CPPFLAGS) $(CFLAGS) $(SAN) -MMD -MP -c -o $@ $<

define LINK_SAN
	@mkdir -p $(@D)
	@echo "LD  $@"
	@$(CC) $(LDFLAGS) $(SAN) -o $@ $^ $(LDLIBS) $(shell pkg-config --libs cmocka)
endef

# unused functions are errors through -Wall -Werror: a test that is written but not listed does not build
$(B)/san/tests/unit/kvs_%.o: CPPFLAGS += -Ikvs
$(B)/san/tests/unit/kvsd_%.o: CPPFLAGS += -Ikvsd
$(KVSD_SAN): | $(B)/kvs.skel.h
$(KVS_SAN): # named, or a new one would be left out: make prefers a rule of which all parts are there
$(B)/san/tests/unit/kvsd_%.o: | $(B)/kvs.skel.h
$(T)/unit/kvs_%_test: $(B)/san/tests/unit/kvs_%_test.o $(KVS_SAN) $(LIB_SAN)
	$(LINK_SAN)
$(T)/unit/kvsd_%_test: $(B)/san/tests/unit/kvsd_%_test.o $(KVSD_SAN) $(LIB_SAN)
	$(LINK_SAN)
$(T)/unit/%_test: $(B)/san/tests/unit/%_test.o $(LIB_SAN)
	$(LINK_SAN)

$(BPF:$(B)/%=$(B)/obj/%.o) $(HELP_BPF): | $(B)/kvs.skel.h
$(T)/bpf/%_test: $(B)/obj/tests/bpf/%_test.o $(HELP_BPF) $(LIB_OBJ)
	@mkdir -p $(@D)
	@echo "LD  $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS) $(shell pkg-config --libs cmocka)

.SECONDEXPANSION:
tool_part = $(addprefix $(B)/obj/,$(addsuffix .o,$(basename $(wildcard tests/tools/$(1)_*.c))))
$(T)/tools/%: $(B)/obj/tests/tools/%.o $$(call tool_part,$$*) $(LIB_OBJ)
	@mkdir -p $(@D)
	@echo "LD  $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(DIFF): $(patsubst %.c,$(B)/obj/%.o,$(wildcard tests/diff/*.c)) $(LIB_OBJ)
	@mkdir -p $(@D)
	@echo "LD  $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# The fuzzers are built whole from their sources, by clang. The guard's has bpf/ as plain C.
FUZZFLAGS := -g -O1 -std=gnu11 $(filter-out -Wpointer-arith,$(WARN)) -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined
$(T)/fuzz/guard_fuzz: tests/fuzz/oracle.c
$(T)/fuzz/guard_fuzz: FUZZFLAGS += -Itests/fuzz/native -Ibpf
$(T)/fuzz/json_fuzz: kvsd/http_request.c | $(B)/kvs.skel.h
$(T)/fuzz/json_fuzz: FUZZFLAGS += -Ikvsd
$(T)/fuzz/json_fuzz $(T)/fuzz/yaml_fuzz: $(wildcard lib/*.c)
$(T)/fuzz/%_fuzz: tests/fuzz/%_fuzz.c $(wildcard bpf/*.h include/kvs/*.h lib/*.h kvsd/http*.h tests/fuzz/*.h tests/fuzz/native/*.h tests/fuzz/native/bpf/*.h)
	@mkdir -p $(@D)
	@echo "CC  $@"
	@$(CLANG) $(FUZZFLAGS) $(CPPFLAGS) -o $@ $(filter %.c,$^) $(LDLIBS)

# One sentence instead of a failure midway. unit tests need no root.
define NEED_ROOT
	@if [ "$(LEVEL)" != unit ] && [ "$$(id -u)" != 0 ] && [ -z "$(SUDO)" ]; then \
		echo "'make $@' loads BPF programs and makes network namespaces: run it as root." >&2; exit 1; fi
endef

PARALLEL = $(if $(findstring j,$(firstword $(MAKEFLAGS))),,-j$(shell nproc))
PATTERNS = $(or $(TESTS:%='$(LEVEL:%=%/*)%'),$(LEVEL:%=%/))

check check-unit check-bpf check-net check-diff check-vm: LEVEL = $(patsubst check-%,%,$(filter check-%,$@))
check check-unit check-bpf check-net check-diff check-vm:
	$(NEED_ROOT)
	@$(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory $(PARALLEL) $(NEEDS_$(LEVEL))
	@$(if $(filter unit,$(LEVEL)),,$(SUDO)) tests/run $(V:1=-v) $(PATTERNS)

fuzz: deps
	@$(MAKE) --no-print-directory $(PARALLEL) $(FUZZ)
	@tests/fuzz/fuzz.sh $(or $(SECONDS),60)

soak:
	$(NEED_ROOT)
	@$(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory $(PARALLEL) $(NEEDS_diff)
	@$(SUDO) tests/diff/diff.sh soak $(SECONDS)

# docs/scale.md has its figures
scale: all tests
	$(NEED_ROOT)
	@$(SUDO) bench/scale.sh $(RUNS)
	@$(SUDO) bench/peers.sh

lint: deps
	@tests/lint.sh

.SECONDARY:
.PHONY: tests check check-unit check-bpf check-net check-diff check-vm fuzz soak scale lint

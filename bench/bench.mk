# SPDX-License-Identifier: GPL-2.0-only
# make bench [BENCH='NAME...']: measures KVS beside others; docs/performance.md has the figures. bench/lib.sh says how.

BENCH_SRC   := $(filter-out %.bpf.c,$(wildcard bench/*.c))
BENCH_TOOLS := $(BENCH_SRC:%.c=$(B)/%)
BENCH_SKEL  := $(patsubst %.bpf.c,$(B)/%.skel.h,$(wildcard bench/*.bpf.c))

$(B)/bench/%.skel.h: $(B)/obj/bench/%.bpf.o
	@mkdir -p $(@D)
	@echo "GEN $@"
	@$(BPFTOOL) gen skeleton $< name $*_bpf > $@.tmp && mv $@.tmp $@

$(BENCH_SRC:%.c=$(B)/obj/%.o): CPPFLAGS += -I$(B)/bench
$(BENCH_SRC:%.c=$(B)/obj/%.o): | $(BENCH_SKEL)
$(BENCH_TOOLS): $(B)/bench/%: $(B)/obj/bench/%.o $(LIB_OBJ)
	@mkdir -p $(@D)
	@echo "LD  $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

bench-tools: all $(TOOLS) $(BENCH_TOOLS)

bench:
	$(NEED_ROOT)
	@$(MAKE) --no-print-directory deps
	@tools/deps.sh bench/packages.txt
	@$(MAKE) --no-print-directory $(PARALLEL) bench-tools
	@$(SUDO) bench/run $(BENCH)

.PHONY: bench bench-tools

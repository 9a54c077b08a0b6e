# SPDX-License-Identifier: GPL-2.0-only
# make deps | all | check | demo | lint | bench | install; see README.md

PREFIX  ?= /usr
DESTDIR ?=
B       := build
VERSION := 0.1.0

CC      ?= gcc
CLANG   ?= clang
BPFTOOL ?= $(firstword $(shell command -v bpftool /usr/sbin/bpftool) bpftool)
PKGS    := libbpf libmnl jansson libmicrohttpd libcurl libcyaml yaml-0.1 libsystemd smartcols

WARN     := -Wall -Wextra -Werror -Wno-unused-parameter -Wshadow -Wstrict-prototypes -Wpointer-arith
CPPFLAGS += -Iinclude -Ilib -I$(B) -D_GNU_SOURCE -DKVS_VERSION='"$(VERSION)"'
CFLAGS   ?= -O2 -g
CFLAGS   += -std=gnu11 $(WARN) -Wmissing-prototypes $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
LDLIBS    = $(shell pkg-config --libs $(PKGS))
BPFFLAGS := -target bpf -g -O2 -std=gnu11 -mcpu=v3 $(filter-out -Wpointer-arith,$(WARN)) -Iinclude \
            -I/usr/include/$(shell $(CC) -print-multiarch)

LIB_OBJ  := $(patsubst %.c,$(B)/obj/%.o,$(wildcard lib/*.c))
KVS_OBJ  := $(patsubst %.c,$(B)/obj/%.o,$(wildcard kvs/*.c))
KVSD_OBJ := $(patsubst %.c,$(B)/obj/%.o,$(wildcard kvsd/*.c))
BPF_OBJ  := $(patsubst %.bpf.c,$(B)/obj/%.bpf.o,$(wildcard bpf/*.bpf.c))

SUDO := $(if $(filter 0,$(shell id -u)),,$(shell command -v sudo))

all: $(B)/kvsd $(B)/kvs

$(B)/kvs: $(KVS_OBJ) $(LIB_OBJ)
$(B)/kvsd: $(KVSD_OBJ) $(LIB_OBJ)
$(B)/kvs $(B)/kvsd:
	@echo "LD  $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	@echo "CC  $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/obj/%.bpf.o: %.bpf.c
	@mkdir -p $(@D)
	@echo "BPF $<"
	@$(CLANG) $(BPFFLAGS) -MMD -MP -c -o $@ $<

$(B)/kvs.bpf.o: $(BPF_OBJ)
	@echo "GEN $@"
	@$(BPFTOOL) gen object $@ $^

$(B)/kvs.skel.h: $(B)/kvs.bpf.o
	@echo "GEN $@"
	@$(BPFTOOL) gen skeleton $< name kvs_bpf > $@.tmp && mv $@.tmp $@

$(KVSD_OBJ): | $(B)/kvs.skel.h
$(B)/obj/kvsd/load.o: $(B)/kvs.skel.h

deps:
	@tools/deps.sh packages.txt

clean:
	rm -rf $(B)

# 'make check' and 'make demo' are all that README asks for
demo:
	$(NEED_ROOT)
	@$(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory $(PARALLEL) all
	@$(SUDO) demo/demo.sh

# MODE:SOURCE:PLACE below PREFIX. /etc/kvs/kvs.yaml is the administrator's: only an example is installed.
DEST      := $(DESTDIR)$(PREFIX)
MAN       := $(wildcard man/*.[1-8])
INSTALLED := 755:$(B)/kvsd:sbin/kvsd 755:$(B)/kvs:bin/kvs \
             644:$(B)/kvsd.service:lib/systemd/system/kvsd.service \
             644:completion/kvs:share/bash-completion/completions/kvs \
             644:docs/api.md:share/doc/kvs/api.md 644:docs/kvs.yaml.example:share/doc/kvs/kvs.yaml.example \
             $(foreach m,$(MAN),644:$m:share/man/man$(subst .,,$(suffix $m))/$(notdir $m))

define NEED_DEST
	@mkdir -p '$(DEST)' 2>/dev/null && [ -w '$(DEST)' ] || { \
		echo "'make $@' writes to $(DEST): run it as root, or name another folder with DESTDIR." >&2; exit 1; }
endef

install: all
	$(NEED_DEST)
	@sed 's|@PREFIX@|$(PREFIX)|g' systemd/kvsd.service.in > $(B)/kvsd.service
	@IFS=:; for f in $(INSTALLED:%='%'); do \
		set -- $$f && install -D -m $$1 $$2 '$(DEST)'/$$3 && echo "INSTALL $(DEST)/$$3" || exit; done

uninstall:
	$(NEED_DEST)
	@rm -fv $(foreach f,$(INSTALLED),'$(DEST)/$(lastword $(subst :, ,$f))')
	@rmdir '$(DEST)/share/doc/kvs' 2>/dev/null || true

include tests/tests.mk
include bench/bench.mk
-include $(shell find $(B) -name '*.d' 2>/dev/null)

.PHONY: all deps clean demo install uninstall
.DELETE_ON_ERROR:

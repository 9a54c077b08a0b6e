# SPDX-License-Identifier: GPL-2.0-only
# make deps | all | check | demo | lint | install; see README.md

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

include tests/tests.mk
-include $(shell find $(B) -name '*.d' 2>/dev/null)

.PHONY: all deps clean
.DELETE_ON_ERROR:

/* SPDX-License-Identifier: GPL-2.0-only */
/* The maps: their sizes, which of them are pinned, and where one load takes them from another. */
#pragma once

#include "load.h"

struct bpf_object;

/* As large as load's limits say those of features; the others keep their one entry. */
int load_maps_size(const struct load *load, const struct bpf_object *obj, unsigned int features);

/* The features of which all maps that are pinned fit; none without LOAD_CORE, since all have its
 * slots. */
unsigned int load_maps_fitting(const char *pin_dir, const struct bpf_object *obj,
			       unsigned int features);

/* What the programs were loaded with that are at work. */
unsigned int load_maps_pinned(const char *pin_dir);

/* Maps of features: those that are pinned, or another load's. */
int load_maps_take(const char *pin_dir, const struct bpf_object *obj, unsigned int features);
int load_maps_share(const struct bpf_object *from, const struct bpf_object *to,
		    unsigned int features);

int load_maps_pin(const struct bpf_object *obj, const char *pin_dir, unsigned int features,
		  struct err *err);
void load_maps_unpin(const char *pin_dir, unsigned int features);

/* Bytes of memory that the kernel reports for the maps and the programs of an object. */
void load_maps_memory(const struct bpf_object *obj, uint64_t *maps, uint64_t *programs);

// SPDX-License-Identifier: GPL-2.0-only
/* Programs changed while they run: loaded with other features, and put on every port. */
#include "hook.h"
#include "hook_bridge.h"
#include "swap.h"

static int swap(struct kvsd *k, unsigned int features, struct err *err)
{
	/* at start, what is pinned is still needed: see start.c */
	const char *pin_dir = k->is_starting ? NULL : k->pin_dir;
	int rc;

	if (features == k->load->features)
		return 0;
	rc = load_switch(k->load, pin_dir, features, err);
	if (rc)
		return rc;
	links_for_each(&k->links, l)
		if (l->port)
			hook_replace(k, l);
	links_for_each(&k->links, l)
		if (l->sw)
			hook_bridge_replace(k, l);
	load_switched(k->load, pin_dir);
	return 0;
}

int swap_add(struct kvsd *k, unsigned int features, struct err *err)
{
	return swap(k, k->load->features | features, err);
}

void swap_drop(struct kvsd *k, unsigned int features)
{
	struct err err;

	if (swap(k, k->load->features & ~features, &err))
		log_warn("the programs stay as they are: %s", err.text);
}

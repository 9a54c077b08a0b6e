/* SPDX-License-Identifier: GPL-2.0-only */
/* Other network namespaces, by the id that ours has for them. */
#pragma once

#include <stddef.h>

#include "err.h"

/* Where namespaces were seen at the last look at all of them. Ids change hands: each is asked for
 * its id again before it is used. No namespace is kept open, which would keep it alive. */
struct netns {
	struct netns_place *place; /* sorted by id */
	size_t n, room;
	unsigned int batch;   /* depth of netns_begin() */
	bool has_looked;      /* since the batch began */
	unsigned long opened; /* how many namespaces have been opened so far */
};

/* Starts as {}. */
void netns_free(struct netns *ns);

/* The namespace with this id, as a descriptor. -ENOENT: it has neither a name nor a process that we
 * can see. */
int netns_open(struct netns *ns, int id, struct err *err);

/* Between these two, one look at all namespaces has to suffice: what it did not find is not there.
 * For work on many links that were known before. */
void netns_begin(struct netns *ns);
void netns_end(struct netns *ns);

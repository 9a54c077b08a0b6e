/* SPDX-License-Identifier: GPL-2.0-only */
/* What the value of a word or option may be, and what becomes of it in a request. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

enum type_id {
	TYPE_FLAG, /* no value */
	TYPE_DEVICE,
	TYPE_PORT,
	TYPE_SWITCH,
	TYPE_ONOFF,
	TYPE_PATH,
	TYPE_NETFILTER,
	TYPE_GROUP,
	TYPE_MAC,
	TYPE_MACS,
	TYPE_ADDRESSES,
	TYPE_GUARD,
	TYPE_MODE,
	TYPE_RATE,
	TYPE_EGRESS,
	TYPE_STORM,
	TYPE_BURST,
	TYPE_VID,
	TYPE_SECONDS,
	TYPE_FILE,
	TYPE_FOLDER,
};

struct type {
	const char *value;    /* stands for the value in the usage; words are parted by '|' */
	const char *offer;    /* for the completion: words, or @kind of thing */
	const char *expected; /* for the message when it is not that */
	bool (*valid)(const char *text);
	json_t *(*json)(const char *text);
};

const struct type *type_get(enum type_id id);

// SPDX-License-Identifier: GPL-2.0-only
/* What the value of a word or option may be, and what becomes of it in a request. */
#include <ctype.h>
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "limit.h"
#include "policy.h"
#include "type.h"
#include "util.h"

#define VID_MAX     4094
#define SECONDS_MAX 1000000

#define ONOFF      "on|off"
#define PATHS      "auto|xdp|tc|slow"
#define NETFILTERS "follow|bypass"
#define MODES      "enforce|audit"
#define PRESETS    "vm|router|trunk"
#define AS_GUARD   "guard" /* a limit: as the port's guard has it */
#define ANY        "any"   /* an empty list: nothing is looked at */

static bool among(const char *words, const char *text)
{
	size_t len = strlen(text);

	for (const char *w = words; w; w = strchr(w, '|')) {
		w += *w == '|';
		if (strcspn(w, "|") == len && !strncmp(w, text, len))
			return true;
	}
	return false;
}

static bool onoff_valid(const char *text)
{
	return among(ONOFF, text);
}

static bool path_valid(const char *text)
{
	return among(PATHS, text);
}

static bool netfilter_valid(const char *text)
{
	return among(NETFILTERS, text);
}

/* The kernel's rule, dev_valid_name(), and JSON's, UTF-8. */
static bool name_valid(const char *text)
{
	_json_ json_t *utf8 = json_string(text);
	size_t len = strlen(text);

	if (!len || len >= IFNAMSIZ || !strcmp(text, ".") || !strcmp(text, ".."))
		return false;
	return utf8 && strcspn(text, "/: \f\n\r\t\v") == len;
}

static bool mac_valid(const char *text)
{
	uint8_t mac[6];

	return !mac_parse(text, mac);
}

/* Each of the texts between commas. */
static bool all_valid(const char *text, int (*take)(struct policy *, const char *, struct err *))
{
	struct policy seen = {};
	_free_ char *copy = strdup(text);
	char *next = copy, *word;

	if (!strcmp(text, ANY))
		return true;
	while ((word = strsep(&next, ",")))
		if (take(&seen, word, NULL))
			return false;
	return copy;
}

static bool macs_valid(const char *text)
{
	return all_valid(text, policy_add_mac);
}

static bool addresses_valid(const char *text)
{
	return all_valid(text, policy_add_addr);
}

static bool mode_valid(const char *text)
{
	return among(MODES, text);
}

static bool is_limit(enum kvs_limit_kind kind, const char *text)
{
	struct kvs_bucket bucket;

	return !strcmp(text, AS_GUARD) || !limit_parse(kind, text, &bucket, NULL);
}

static bool rate_valid(const char *text)
{
	return is_limit(KVS_LIMIT_RATE, text);
}

static bool egress_valid(const char *text)
{
	uint64_t rate;

	return !strcmp(text, AS_GUARD) || !limit_egress_parse(text, &rate, NULL);
}

static bool storm_valid(const char *text)
{
	return is_limit(KVS_LIMIT_BROADCAST, text);
}

/* Of bytes, which take as much as frames do. */
static bool burst_valid(const char *text)
{
	struct kvs_bucket bucket = {};

	return !limit_burst_parse(text, &bucket, NULL);
}

static bool number_within(const char *text, long min, long max)
{
	char *end;
	long n;

	if (!isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	n = strtol(text, &end, 10);
	return !errno && !*end && n >= min && n <= max;
}

static bool vid_valid(const char *text)
{
	return number_within(text, 1, VID_MAX);
}

static bool seconds_valid(const char *text)
{
	return number_within(text, 0, SECONDS_MAX);
}

static bool file_valid(const char *text)
{
	return *text;
}

static json_t *onoff_json(const char *text)
{
	return json_boolean(!strcmp(text, "on"));
}

static json_t *number_json(const char *text)
{
	return json_integer(strtol(text, NULL, 10));
}

static json_t *mac_json(const char *text)
{
	char buf[MAC_STR_LEN];
	uint8_t mac[6] = {};

	mac_parse(text, mac);
	return json_string(mac_format(mac, buf));
}

static json_t *list_json(const char *text)
{
	_free_ char *copy = strdup(text);
	json_t *list = json_array();
	char *next = copy, *word;

	while (strcmp(text, ANY) && (word = strsep(&next, ",")))
		json_array_append_new(list, json_string(word));
	return list;
}

static json_t *flag_json(const char *text)
{
	return json_true();
}

#define NAME_RULE "a device name (up to 15 letters, no space, '/' or ':')"

const struct type *type_get(enum type_id id)
{
	static const struct type types[] = {
		[TYPE_FLAG] = {NULL, NULL, NULL, NULL, flag_json},
		[TYPE_DEVICE] = {"IF", "@device", NAME_RULE, name_valid, json_string},
		[TYPE_PORT] = {"IF", "@port", NAME_RULE, name_valid, json_string},
		[TYPE_SWITCH] = {"BR", "@switch", NAME_RULE, name_valid, json_string},
		[TYPE_ONOFF] = {ONOFF, ONOFF, ONOFF, onoff_valid, onoff_json},
		[TYPE_PATH] = {PATHS, PATHS, PATHS, path_valid, json_string},
		[TYPE_NETFILTER] = {NETFILTERS, NETFILTERS, NETFILTERS, netfilter_valid,
				    json_string},
		[TYPE_GROUP] = {"GROUP", "promiscuous|isolated", GROUP_RULE, group_is_name,
				json_string},
		[TYPE_MAC] = {"MAC", "", "six bytes like 02:00:00:00:00:01", mac_valid, mac_json},
		[TYPE_MACS] = {"MAC,MAC", "", "MACs of stations with commas between them, or any",
			       macs_valid, list_json},
		[TYPE_ADDRESSES] =
			{"A,A", "",
			 "addresses or prefixes like 192.0.2.5,2001:db8::/64 (each once, and no bits beyond a prefix), or any",
			 addresses_valid, list_json},
		[TYPE_GUARD] = {"NAME", PRESETS, "the name of a guard", file_valid, json_string},
		[TYPE_MODE] = {MODES, MODES, MODES, mode_valid, json_string},
		[TYPE_RATE] = {"RATE", "none|guard",
			       "1k to 1T bits/s like 100M, frames/s like 50kpps, none, or guard",
			       rate_valid, json_string},
		[TYPE_EGRESS] = {"RATE", "none|guard", "1k to 1T bits/s like 100M, none, or guard",
				 egress_valid, json_string},
		[TYPE_STORM] = {"RATE", "none|guard",
				"frames/s like 1000, up to 1G, none, or guard", storm_valid,
				json_string},
		[TYPE_BURST] = {"BURST", "", "bytes like 256k, or frames, up to 1G", burst_valid,
				json_string},
		[TYPE_VID] = {"VID", "", "a number from 1 to 4094", vid_valid, number_json},
		[TYPE_SECONDS] = {"SECONDS", "", "seconds, from 0 to 1000000", seconds_valid,
				  number_json},
		[TYPE_FILE] = {"FILE", "@file", "a file", file_valid, json_string},
		[TYPE_FOLDER] = {"DIR", "@folder", "a folder", file_valid, json_string},
	};

	return &types[id];
}

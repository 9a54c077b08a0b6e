// SPDX-License-Identifier: GPL-2.0-only
/* What the readers of nftables, ebtables and iptables find. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "netfilter_parts.h"
#include "util.h"

void netfilter_note(char text[NETFILTER_TEXT], const char *fmt, ...)
{
	va_list ap;

	if (*text)
		return;
	va_start(ap, fmt);
	vsnprintf(text, NETFILTER_TEXT, fmt, ap);
	va_end(ap);
	for (char *c = text; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?'; /* names are any bytes; JSON takes UTF-8 */
}

void netfilter_clear(struct netfilter_found *found)
{
	free(found->devices);
	memset(found, 0, sizeof(*found));
}

bool netfilter_equal(const struct netfilter_found *a, const struct netfilter_found *b)
{
	for (size_t i = 0; i < NETFILTER_PROTOS; i++)
		if (strcmp(a->text[i], b->text[i]))
			return false;
	return a->n_devices == b->n_devices &&
	       (!a->n_devices ||
		!memcmp(a->devices, b->devices, a->n_devices * sizeof(*a->devices)));
}

/* A kernel with loadable modules may have this one built in; it then is in no other list. */
static bool is_builtin(const char *name)
{
	char path[256], line[256], file[64];
	struct utsname kernel;
	_fclose_ FILE *f = NULL;

	uname(&kernel);
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.builtin", kernel.release);
	snprintf(file, sizeof(file), "/%s.ko\n", name);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (strstr(line, file))
			return true;
	return false;
}

bool netfilter_has_module(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/module/%s", name);
	if (access("/proc/modules", F_OK) || access("/sys/module", F_OK))
		return true; /* nothing can be loaded, or nobody says what is */
	return !access(path, F_OK) || is_builtin(name);
}

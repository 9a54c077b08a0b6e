// SPDX-License-Identifier: GPL-2.0-only
/* Small things that every file needs. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "util.h"

char *mac_format(const uint8_t mac[6], char buf[MAC_STR_LEN])
{
	snprintf(buf, MAC_STR_LEN, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
		 mac[4], mac[5]);
	return buf;
}

int mac_parse(const char *text, uint8_t mac[6])
{
	uint8_t out[6];

	if (strlen(text) != MAC_STR_LEN - 1)
		return -EINVAL;
	for (int i = 0; i < 6; i++, text += 3) {
		if (!isxdigit(text[0]) || !isxdigit(text[1]) || (i < 5 && text[2] != ':'))
			return -EINVAL;
		out[i] = strtoul(text, NULL, 16);
	}
	memcpy(mac, out, sizeof(out));
	return 0;
}

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Levenshtein distance of two short words. */
static size_t distance(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b), row[64];

	if (la >= ARRAY_SIZE(row) || lb >= ARRAY_SIZE(row))
		return SIZE_MAX;
	for (size_t j = 0; j <= lb; j++)
		row[j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t above = row[j];

			row[j] = min3(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[lb];
}

const char *suggest(const char *typed, const char *const *names, size_t n)
{
	size_t best = SIZE_MAX, limit = strlen(typed) / 3 + 1;
	const char *found = NULL;

	for (size_t i = 0; i < n; i++) {
		size_t d = distance(typed, names[i]);

		if (d < best && d <= limit) {
			best = d;
			found = names[i];
		}
	}
	return found;
}

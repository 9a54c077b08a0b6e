/* SPDX-License-Identifier: GPL-2.0-only */
/* Small things that every file needs. */
#pragma once

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define _cleanup_(f) __attribute__((cleanup(f)))

static inline void free_p(void *p)
{
	free(*(void **)p);
}

static inline void close_p(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void fclose_p(FILE **f)
{
	if (*f)
		fclose(*f);
}

static inline void json_p(json_t **j)
{
	json_decref(*j);
}

#define _free_   _cleanup_(free_p)
#define _close_  _cleanup_(close_p)
#define _fclose_ _cleanup_(fclose_p)
#define _json_   _cleanup_(json_p)

#define MAC_STR_LEN 18

/* "aa:bb:cc:dd:ee:ff" into buf, which is returned. */
char *mac_format(const uint8_t mac[6], char buf[MAC_STR_LEN]);

/* 0, or -EINVAL when text is not six colon-separated bytes; mac unchanged then. */
int mac_parse(const char *text, uint8_t mac[6]);

/* The name most like typed among n names, or NULL when none is near (more than a third of the
 * letters differ). The answer is one of names.
 */
const char *suggest(const char *typed, const char *const *names, size_t n);

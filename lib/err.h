/* SPDX-License-Identifier: GPL-2.0-only */
/* The text of a failure, written once where the cause is known, printed once at the edge. */
#pragma once

#define ERR_MAX 512

struct err {
	char text[ERR_MAX];
};

/* Write the text and return code, a negative errno, so that a caller can say `return err_set(...)`.
 * err may be NULL. A text already there is replaced.
 */
int err_set(struct err *err, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

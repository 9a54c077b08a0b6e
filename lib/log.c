// SPDX-License-Identifier: GPL-2.0-only
/* Log lines on stderr, with syslog levels for the journal. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "log.h"

static int max_level = LOG_INFO;

void log_set_level(int level)
{
	max_level = level;
}

void log_at(int level, const char *fmt, ...)
{
	va_list ap;

	if (level > max_level)
		return;
	flockfile(stderr);
	/* systemd sets this when stderr is the journal, which reads "<N>" as the level */
	if (getenv("JOURNAL_STREAM"))
		fprintf(stderr, "<%d>", level);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	funlockfile(stderr);
}

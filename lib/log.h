/* SPDX-License-Identifier: GPL-2.0-only */
/* Log lines on stderr, with syslog levels for the journal. */
#pragma once

#include <syslog.h>

/* level is LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO or LOG_DEBUG; a newline is added. */
void log_at(int level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Lines above this level are not printed; LOG_INFO by default. */
void log_set_level(int level);

#define log_err(...)   log_at(LOG_ERR, __VA_ARGS__)
#define log_warn(...)  log_at(LOG_WARNING, __VA_ARGS__)
#define log_info(...)  log_at(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_at(LOG_DEBUG, __VA_ARGS__)

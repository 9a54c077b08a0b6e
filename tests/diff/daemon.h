/* SPDX-License-Identifier: GPL-2.0-only */
/* The kvsd of a world. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct daemon {
	pid_t pid; /* 0: none */
	int netns;
	char run[64], pin[64];
};

/* folders of all daemons; kvsd's own program; its log is DIR/kvsd.log */
extern const char *daemon_dir, *daemon_kvsd;

/* 0, or -1 after a message */
int daemon_start(struct daemon *d, int netns);
void daemon_end(struct daemon *d, int signal);

/* An HTTP request; the status, or -1. */
int daemon_ask(const struct daemon *d, const char *method, const char *path, const char *body,
	       char *answer, size_t size);

/* Waits until kvsd has read and worked on all that the kernel has said. */
int daemon_settle(const struct daemon *d);

int daemon_set_path(const struct daemon *d, const char *port, const char *path);

/* A pinned map, or -1. */
int daemon_map(const struct daemon *d, const char *name);

double daemon_now(void);

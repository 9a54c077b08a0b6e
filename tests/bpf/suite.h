/* SPDX-License-Identifier: GPL-2.0-only */
/* Tables of cases, each run on both hooks. */
#pragma once

#include <stdbool.h>

#include "fixture.h"
#include "test.h"

/* What becomes of a frame. */
enum suite_kind {
	KIND_FAST,      /* both hooks forward it as it is */
	KIND_COMPLETED, /* so does tc; XDP completes the outer checksum before */
	KIND_TC,        /* tc forwards it; XDP hands it on */
	KIND_SLOW,      /* both pass it, tc counts the reason */
	KIND_DROP,      /* both drop it and count the reason */
	KIND_AUDIT,     /* XDP hands it on; tc counts the reason and forwards it */
	KIND_UNKNOWN,   /* both pass it and nobody counts */
};

struct suite_fate {
	enum suite_kind kind;
	unsigned int why; /* enum kvs_slow, enum kvs_drop */
};

#define FAST       ((struct suite_fate){KIND_FAST, 0})
#define COMPLETED  ((struct suite_fate){KIND_COMPLETED, 0})
#define TC         ((struct suite_fate){KIND_TC, 0})
#define SLOW(why)  ((struct suite_fate){KIND_SLOW, why})
#define DROP(why)  ((struct suite_fate){KIND_DROP, why})
#define AUDIT(why) ((struct suite_fate){KIND_AUDIT, why})
#define UNKNOWN    ((struct suite_fate){KIND_UNKNOWN, 0})

/* For .arrange: port B takes whatever a test can make. */
void suite_large_frames(struct fixture *fx, struct frame *f);

struct suite_case {
	const char *name;
	struct frame_spec frame; /* comes in by port A */
	__u32 a, b;              /* flags of the two ports, toggled */
	struct kvs_guard guard;  /* of port A; for suite_run_guarded() */
	void (*arrange)(struct fixture *fx, struct frame *f);
	bool xdp_only; /* recent kernels make no skb of half an IP header for a test */
	struct suite_fate want;
};

/* Runs the frame on the hook, twice when it is forwarded, and fails unless verdict, bytes and all
 * counters are as want says. What XDP forwards goes through it once more: it must come out the
 * same.
 */
void suite_expect(struct fixture *fx, enum fixture_hook hook, const struct frame *f,
		  struct suite_fate want);

/* The same on both hooks. */
void suite_expect_both(struct fixture *fx, const struct frame *f, struct suite_fate want);

/* A test's own test: who adds a reason to drop, between these two, adds a case. */
void suite_expect_reasons(const struct suite_case *cases, size_t n, enum kvs_drop first,
			  enum kvs_drop last);

/* All cases on both hooks, then the tests, which find the fixture in their state; each with a
 * fixture that was reset. For main() to return.
 */
int suite_run(const struct suite_case *cases, size_t n_cases, const struct CMUnitTest *tests,
	      size_t n_tests);

/* With the programs that have the guard; port A of every case has one. */
int suite_run_guarded(const struct suite_case *cases, size_t n_cases,
		      const struct CMUnitTest *tests, size_t n_tests);

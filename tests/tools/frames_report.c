// SPDX-License-Identifier: GPL-2.0-only
/* What was received: per stream how many frames, which are missing, how their checksums were. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frames.h"
#include "util.h"

#define FLOWS_MAX 64

struct flow {
	uint32_t id;
	int vlan;
	uint8_t dst[6], src[6];
	uint64_t count, unique, first, next; /* next: one above the highest sequence number */
	uint64_t reordered, csum_bad, csum_partial, gso;
	size_t len_min, len_max;
	uint8_t *seen; /* a bit per sequence number */
	size_t seen_size;
};

struct report {
	uint64_t frames, others;
	struct flow flows[FLOWS_MAX];
	int n;
};

enum csum { CSUM_NONE, CSUM_VALID, CSUM_PARTIAL, CSUM_BAD };

struct report *report_new(void)
{
	return calloc(1, sizeof(struct report));
}

static enum csum judge_csum(const struct frame *f, const struct layers *l)
{
	uint16_t field;

	if (!l->proto)
		return CSUM_NONE;
	memcpy(&field, f->data + l->field, 2);
	if (f->vnet.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM)
		return field == l->pseudo ? CSUM_PARTIAL : CSUM_BAD;
	if (csum_add(l->pseudo, f->data + l->l4, l->end - l->l4) == 0xffff)
		return CSUM_VALID;
	return CSUM_BAD;
}

static struct flow *find_flow(struct report *r, const struct frame *f, int vlan, uint32_t id)
{
	struct flow *flow = r->flows;

	for (; flow < r->flows + r->n; flow++)
		if (flow->id == id && flow->vlan == vlan && !memcmp(flow->dst, f->data, 12))
			return flow;
	if (r->n == FLOWS_MAX)
		return NULL;
	r->n++;
	flow->id = id;
	flow->vlan = vlan;
	flow->len_min = f->len;
	memcpy(flow->dst, f->data, 6);
	memcpy(flow->src, f->data + 6, 6);
	return flow;
}

/* False without memory, or for a sequence number that cannot be ours. */
static bool make_room(struct flow *flow, uint64_t seq)
{
	size_t size = flow->seen_size ?: 4096;
	uint8_t *seen;

	if (seq / 8 < flow->seen_size)
		return true;
	if (seq > (1ull << 33))
		return false;
	while (size <= seq / 8)
		size *= 2;
	seen = realloc(flow->seen, size);
	if (!seen)
		return false;
	memset(seen + flow->seen_size, 0, size - flow->seen_size);
	flow->seen = seen;
	flow->seen_size = size;
	return true;
}

static void add_seq(struct flow *flow, uint64_t seq)
{
	uint8_t bit = 1 << seq % 8;

	if (!make_room(flow, seq) || flow->seen[seq / 8] & bit)
		return;
	flow->seen[seq / 8] |= bit;
	if (!flow->unique++ || seq < flow->first)
		flow->first = seq;
	if (seq < flow->next)
		flow->reordered++;
	else
		flow->next = seq + 1;
}

static void add_frame(struct flow *flow, const struct frame *f, const struct layers *l)
{
	enum csum csum = judge_csum(f, l);

	flow->count++;
	flow->csum_bad += csum == CSUM_BAD;
	flow->csum_partial += csum == CSUM_PARTIAL;
	flow->gso += f->vnet.gso_type != VIRTIO_NET_HDR_GSO_NONE;
	if (f->len > flow->len_max)
		flow->len_max = f->len;
	if (f->len < flow->len_min)
		flow->len_min = f->len;
}

void report_add(struct report *r, const struct frame *f)
{
	struct flow *flow = NULL;
	struct mark mark = {};
	struct layers l;

	r->frames++;
	layers_find(f, &l);
	if (f->len >= l.payload + sizeof(mark))
		memcpy(&mark, f->data + l.payload, sizeof(mark));
	if (mark.magic == MARK_MAGIC)
		flow = find_flow(r, f, f->vlan >= 0 ? f->vlan : l.vlan, mark.id);
	if (!flow) {
		r->others++;
		return;
	}
	add_frame(flow, f, &l);
	add_seq(flow, mark.seq);
}

uint64_t report_frames(const struct report *r)
{
	return r->frames - r->others;
}

static void print_flow(const struct flow *flow)
{
	char src[MAC_STR_LEN], dst[MAC_STR_LEN];

	printf("{\"id\":%" PRIu32 ",\"src\":\"%s\",\"dst\":\"%s\",\"vlan\":%d,", flow->id,
	       mac_format(flow->src, src), mac_format(flow->dst, dst), flow->vlan);
	printf("\"len_min\":%zu,\"len_max\":%zu,\"count\":%" PRIu64 ",\"first\":%" PRIu64
	       ",\"last\":%" PRIu64,
	       flow->len_min, flow->len_max, flow->count, flow->first, flow->next - 1);
	printf(",\"missing\":%" PRIu64 ",\"duplicates\":%" PRIu64 ",\"reordered\":%" PRIu64,
	       flow->next - flow->unique, flow->count - flow->unique, flow->reordered);
	printf(",\"csum_bad\":%" PRIu64 ",\"csum_partial\":%" PRIu64 ",\"gso\":%" PRIu64 "}",
	       flow->csum_bad, flow->csum_partial, flow->gso);
}

void report_print(const struct report *r)
{
	printf("{\"frames\":%" PRIu64 ",\"others\":%" PRIu64 ",\"flows\":[", r->frames, r->others);
	for (int i = 0; i < r->n; i++) {
		if (i)
			printf(",");
		print_flow(&r->flows[i]);
	}
	printf("]}\n");
}

void report_free(struct report *r)
{
	for (int i = 0; i < r->n; i++)
		free(r->flows[i].seen);
	free(r);
}

// SPDX-License-Identifier: GPL-2.0-only
/* rtnetlink: one socket for requests and dumps, one for events. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "log.h"
#include "nl.h"
#include "util.h"

#define EVENT_RCVBUF (8 << 20) /* some 10,000 FDB changes in one burst */

struct nl {
	struct mnl_socket *events, *requests;
	sd_event_source *source;
	nl_message_fn *message;
	void (*lost)(void *data);
	void *data;
	unsigned int seq, portid;
	char buf[NL_BUF], reply[NL_BUF];
};

/* What a dump or a request in flight reports to. */
struct reply {
	nl_message_fn *fn;
	void *data;
	struct err *err;
};

static int subscribe(struct mnl_socket *s)
{
	static const int groups[] = {RTNLGRP_LINK, RTNLGRP_NEIGH, RTNLGRP_TC, RTNLGRP_BRVLAN};

	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		if (mnl_socket_setsockopt(s, NETLINK_ADD_MEMBERSHIP, (void *)&groups[i],
					  sizeof(int)) < 0)
			return -errno;
	return 0;
}

static int each_event(const struct nlmsghdr *nlh, void *data)
{
	struct nl *nl = data;

	nl->message(nlh, nl->data);
	return MNL_CB_OK;
}

/* 1 after a message, 0 when there is none, -ENOBUFS when some were lost. */
static int receive_event(struct nl *nl)
{
	int fd = mnl_socket_get_fd(nl->events);
	ssize_t n = recv(fd, nl->buf, sizeof(nl->buf), MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	mnl_cb_run(nl->buf, n, 0, 0, each_event, nl);
	return 1;
}

static void discard_events(struct nl *nl)
{
	while (recv(mnl_socket_get_fd(nl->events), nl->buf, sizeof(nl->buf), MSG_DONTWAIT) >= 0 ||
	       errno == ENOBUFS)
		;
}

void nl_drain(struct nl *nl)
{
	int rc;

	while ((rc = receive_event(nl)) > 0)
		;
	if (rc == 0)
		return;
	log_warn("netlink: events were lost (%s): reading everything anew", strerror(-rc));
	discard_events(nl);
	nl->lost(nl->data);
}

static int on_readable(sd_event_source *s, int fd, uint32_t revents, void *data)
{
	nl_drain(data);
	return 0;
}

static int open_requests(struct nl *nl)
{
	const struct timeval patience = {
		.tv_sec = 10}; /* an answer that does not come must not stop the daemon */
	int one = 1;

	nl->requests = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!nl->requests || mnl_socket_bind(nl->requests, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	/* both are comforts: the texts of refusals, and dumps that the kernel filters */
	mnl_socket_setsockopt(nl->requests, NETLINK_EXT_ACK, &one, sizeof(one));
	mnl_socket_setsockopt(nl->requests, NETLINK_GET_STRICT_CHK, &one, sizeof(one));
	setsockopt(mnl_socket_get_fd(nl->requests), SOL_SOCKET, SO_RCVTIMEO, &patience,
		   sizeof(patience));
	nl->portid = mnl_socket_get_portid(nl->requests);
	return 0;
}

static int open_events(struct nl *nl, sd_event *event)
{
	int size = EVENT_RCVBUF;

	nl->events = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!nl->events || mnl_socket_bind(nl->events, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	setsockopt(mnl_socket_get_fd(nl->events), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	return subscribe(nl->events)
		       ?: sd_event_add_io(event, &nl->source, mnl_socket_get_fd(nl->events),
					  EPOLLIN, on_readable, nl);
}

int nl_open(sd_event *event, nl_message_fn *message, void (*lost)(void *data), void *data,
	    struct nl **out, struct err *err)
{
	struct nl *nl = calloc(1, sizeof(*nl));
	int rc;

	if (!nl)
		return err_set(err, -ENOMEM, "out of memory");
	nl->message = message;
	nl->lost = lost;
	nl->data = data;
	rc = open_requests(nl) ?: open_events(nl, event);
	if (rc < 0) {
		nl_close(nl);
		return err_set(err, rc, "cannot open a netlink socket: %s", strerror(-rc));
	}
	*out = nl;
	return 0;
}

void nl_close(struct nl *nl)
{
	if (!nl)
		return;
	sd_event_source_disable_unref(nl->source);
	if (nl->events)
		mnl_socket_close(nl->events);
	if (nl->requests)
		mnl_socket_close(nl->requests);
	free(nl);
}

struct nlmsghdr *nl_prepare(void *buf, __u16 type, __u16 flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	return nlh;
}

static int each_reply(const struct nlmsghdr *nlh, void *data)
{
	struct reply *reply = data;

	if (reply->fn)
		reply->fn(nlh, reply->data);
	return MNL_CB_OK;
}

/* The kernel's words for a refusal, where it has some. */
static const char *ack_text(const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);
	size_t offset = sizeof(*e);
	const struct nlattr *attr;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return NULL;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		offset += mnl_nlmsg_get_payload_len(&e->msg);
	mnl_attr_for_each(attr, nlh, offset)
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG)
			return mnl_attr_get_str(attr);
	return NULL;
}

static int on_error(const struct nlmsghdr *nlh, void *data)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);
	struct reply *reply = data;
	const char *text;

	if (!e->error)
		return MNL_CB_STOP;
	text = ack_text(nlh);
	err_set(reply->err, e->error, "%s", text ?: strerror(-e->error));
	errno = -e->error;
	return MNL_CB_ERROR;
}

static int on_done(const struct nlmsghdr *nlh, void *data)
{
	return MNL_CB_STOP;
}

static mnl_cb_t control[NLMSG_MIN_TYPE] = {
	[NLMSG_ERROR] = on_error,
	[NLMSG_DONE] = on_done,
};

/* The flags of a dump mean something else in a request to make something: RTM_GET* is each third of
 * four types. */
static bool is_dump(const struct nlmsghdr *nlh)
{
	return (nlh->nlmsg_type - RTM_BASE) % 4 == 2 &&
	       (nlh->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
}

int nl_talk(struct nl *nl, struct nlmsghdr *request, nl_message_fn *fn, void *data, struct err *err)
{
	struct reply reply = {fn, data, err};
	int rc = MNL_CB_OK;

	request->nlmsg_seq = ++nl->seq;
	if (!is_dump(request))
		request->nlmsg_flags |= NLM_F_ACK;
	if (mnl_socket_sendto(nl->requests, request, request->nlmsg_len) < 0)
		return err_set(err, -errno, "netlink: cannot send: %s", strerror(errno));
	while (rc > MNL_CB_STOP) {
		ssize_t n = mnl_socket_recvfrom(nl->requests, nl->reply, NL_BUF);

		if (n < 0)
			return err_set(err, -errno, "netlink: cannot receive: %s", strerror(errno));
		rc = mnl_cb_run2(nl->reply, n, request->nlmsg_seq, nl->portid, each_reply, &reply,
				 control, ARRAY_SIZE(control));
	}
	return rc < 0 ? -errno : 0;
}

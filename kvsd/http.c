// SPDX-License-Identifier: GPL-2.0-only
/* The API's server: a unix socket and its connections, in the event loop. */
#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "http.h"
#include "http_reply.h"
#include "util.h"

#define CLIENTS_MAX      32
#define CLIENTS_USER_MAX (CLIENTS_MAX / 2) /* the rest is kept for root */
#define CLIENT_MEMORY    16384
#define CLIENT_USEC      (10 * 1000000ULL) /* for one request and its answer */
#define DISCARD_MAX      (16 * HTTP_BODY_MAX)

/* A connection. It serves one request, so that time can be limited for all of it: a limit on
 * silence, which is what the library has, lets a client that sends a byte now and then stay for
 * ever.
 */
struct client {
	int fd; /* the library's; -1: the slot is free */
	uid_t uid;
	uint64_t deadline;
};

struct http {
	struct MHD_Daemon *daemon;
	sd_event_source *io, *timer;
	struct http_api api;
	struct sockaddr_un address;
	struct client clients[CLIENTS_MAX];
	bool again; /* a slot was freed */
};

struct upload {
	size_t len;
	char text[HTTP_BODY_MAX];
};

/* What is too much for a body is read and forgotten, so that the client hears why; an endless one
 * is cut. */
static enum MHD_Result upload_add(struct upload *upload, const char *data, size_t *len)
{
	if (upload->len + *len <= sizeof(upload->text))
		memcpy(upload->text + upload->len, data, *len);
	upload->len += *len;
	*len = 0;
	return upload->len <= DISCARD_MAX ? MHD_YES : MHD_NO;
}

static uid_t caller(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	const struct client *client = info->socket_context;

	return client->uid;
}

/* Called once for the head of a request, once for each piece of its body, and once at its end. */
static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection, const char *url,
				  const char *method, const char *version, const char *data,
				  size_t *len, void **state)
{
	struct http *http = arg;
	struct upload *upload = *state;

	if (upload && *len)
		return upload_add(upload, data, len);
	if (upload) {
		struct http_call call = {method, url, caller(connection), upload->text,
					 upload->len};

		return http_reply(&http->api, connection, &call);
	}
	upload = malloc(sizeof(*upload));
	if (!upload)
		return MHD_NO;
	upload->len = 0;
	*state = upload;
	return MHD_YES;
}

static void on_completed(void *arg, struct MHD_Connection *connection, void **state,
			 enum MHD_RequestTerminationCode code)
{
	free(*state);
	*state = NULL;
}

/* Names are decoded by us: "%2F" must not become a separator. */
static size_t keep_escapes(void *arg, struct MHD_Connection *connection, char *text)
{
	return strlen(text);
}

static struct client *client_slot(struct http *http, size_t *users)
{
	struct client *slot = NULL;

	*users = 0;
	for (struct client *c = http->clients; c < http->clients + CLIENTS_MAX; c++) {
		if (c->fd < 0)
			slot = c;
		else if (c->uid)
			*users += 1;
	}
	return slot; /* never NULL: the library keeps the limit */
}

static void client_open(struct http *http, int fd, void **context)
{
	struct ucred peer = {.uid = -1};
	struct client *client;
	size_t users;

	client = client_slot(http, &users);
	getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &(socklen_t){sizeof(peer)});
	client->fd = fd;
	client->uid = peer.uid;
	sd_event_now(sd_event_source_get_event(http->timer), CLOCK_MONOTONIC, &client->deadline);
	client->deadline += CLIENT_USEC;
	*context = client;
	if (peer.uid && users >= CLIENTS_USER_MAX)
		shutdown(fd, SHUT_RDWR);
}

static void on_connection(void *arg, struct MHD_Connection *connection, void **context,
			  enum MHD_ConnectionNotificationCode what)
{
	const union MHD_ConnectionInfo *info;
	struct http *http = arg;
	struct client *client = *context;

	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
		client_open(http, info->connect_fd, context);
		return;
	}
	client->fd = -1;
	http->again = true;
}

/* The timer is on only while there is a connection: an idle daemon sleeps. */
static void timer_set(struct http *http)
{
	MHD_UNSIGNED_LONG_LONG wait;
	uint64_t next = UINT64_MAX;

	for (const struct client *c = http->clients; c < http->clients + CLIENTS_MAX; c++) {
		if (c->fd >= 0 && c->deadline < next)
			next = c->deadline;
	}
	/* Now, if the library has read more than it has served (its own limits on time are off), or
	 * if a slot was freed: at its limit it looks at its listening socket again only in the run
	 * after that. Not in a loop: busy clients must not keep the daemon from its other work.
	 */
	if (MHD_get_timeout(http->daemon, &wait) == MHD_YES || http->again)
		next = 0;
	sd_event_source_set_time(http->timer, next);
	sd_event_source_set_enabled(http->timer,
				    next == UINT64_MAX ? SD_EVENT_OFF : SD_EVENT_ONESHOT);
}

static void run(struct http *http)
{
	http->again = false;
	MHD_run(http->daemon);
	timer_set(http);
}

static int on_ready(sd_event_source *source, int fd, uint32_t revents, void *arg)
{
	run(arg);
	return 0;
}

static int on_time(sd_event_source *source, uint64_t usec, void *arg)
{
	struct http *http = arg;
	uint64_t now;

	sd_event_now(sd_event_source_get_event(source), CLOCK_MONOTONIC, &now);
	for (struct client *c = http->clients; c < http->clients + CLIENTS_MAX; c++) {
		if (c->fd < 0 || c->deadline > now)
			continue;
		shutdown(c->fd, SHUT_RDWR);
		c->deadline = UINT64_MAX;
	}
	run(http);
	return 0;
}

static int remove_stale(const char *path, struct err *err)
{
	struct stat st;

	if (lstat(path, &st))
		return 0;
	if (!S_ISSOCK(st.st_mode))
		return err_set(err, -EEXIST, "'%s' is in the way and is no socket: remove it",
			       path);
	return unlink(path) ? err_set(err, -errno, "'%s' cannot be removed: %m", path) : 0;
}

/* The group of /etc/group; -1, which chown(2) leaves alone, without one. getgrnam(3) would bring in
 * every name service of the host, which stay in memory: 0.6 MB for one look.
 */
static gid_t kvs_group(void)
{
	_fclose_ FILE *groups = fopen("/etc/group", "re");
	const struct group *group;

	while (groups && (group = fgetgrent(groups)))
		if (!strcmp(group->gr_name, "kvs"))
			return group->gr_gid;
	return -1;
}

/* Nobody can connect before listen(2), so the mode is right for the first one. */
static int bind_socket(int fd, const struct sockaddr_un *address, struct err *err)
{
	const char *path = address->sun_path;
	int rc;

	rc = remove_stale(path, err);
	if (rc)
		return rc;
	if (bind(fd, (const struct sockaddr *)address, sizeof(*address)))
		return err_set(err, -errno, "'%s' cannot be made: %m", path);
	if (chown(path, -1, kvs_group()) || chmod(path, 0660) || listen(fd, SOMAXCONN)) {
		rc = err_set(err, -errno, "'%s' cannot be set up: %m", path);
		unlink(path);
	}
	return rc;
}

/* A descriptor, or -errno. */
static int open_socket(const struct sockaddr_un *address, struct err *err)
{
	int rc, fd;

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_set(err, -errno, "no unix socket to be had: %m");
	rc = bind_socket(fd, address, err);
	if (!rc)
		return fd;
	close(fd);
	return rc;
}

/* The library owns fd from here on. */
static int start_daemon(struct http *http, int fd, struct err *err)
{
	struct MHD_OptionItem options[] = {
		{MHD_OPTION_LISTEN_SOCKET, fd, NULL},
		{MHD_OPTION_CONNECTION_LIMIT, CLIENTS_MAX, NULL},
		{MHD_OPTION_CONNECTION_MEMORY_LIMIT, CLIENT_MEMORY, NULL},
		{MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)on_connection, http},
		{MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)on_completed, NULL},
		{MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)keep_escapes, NULL},
		{MHD_OPTION_END, 0, NULL},
	};

	http->daemon = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, on_request, http,
					MHD_OPTION_ARRAY, options, MHD_OPTION_END);
	if (http->daemon)
		return 0;
	unlink(http->address.sun_path);
	return err_set(err, -EIO, "libmicrohttpd cannot serve '%s'", http->address.sun_path);
}

static int attach(struct http *http, sd_event *event, struct err *err)
{
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	int rc;

	rc = sd_event_add_io(event, &http->io, info->epoll_fd, EPOLLIN, on_ready, http);
	if (rc >= 0)
		rc = sd_event_add_time(event, &http->timer, CLOCK_MONOTONIC, 0, 0, on_time, http);
	if (rc >= 0)
		return 0;
	return err_set(err, rc, "the event loop takes no API server: %s", strerror(-rc));
}

void http_stop(struct http *http)
{
	if (!http)
		return;
	sd_event_source_disable_unref(http->io);
	if (http->daemon) {
		MHD_stop_daemon(http->daemon);
		unlink(http->address.sun_path);
	}
	sd_event_source_disable_unref(http->timer);
	free(http);
}

static int set_address(struct sockaddr_un *address, const char *path, struct err *err)
{
	size_t max = sizeof(address->sun_path) - 1;

	if (strlen(path) > max)
		return err_set(err, -ENAMETOOLONG,
			       "'%s' is too long for a socket: at most %zu bytes", path, max);
	address->sun_family = AF_UNIX;
	strcpy(address->sun_path, path);
	return 0;
}

static int start(struct http *http, const char *socket_path, sd_event *event, struct err *err)
{
	int rc, fd;

	rc = set_address(&http->address, socket_path, err);
	if (rc)
		return rc;
	fd = open_socket(&http->address, err);
	if (fd < 0)
		return fd;
	rc = start_daemon(http, fd, err);
	return rc ?: attach(http, event, err);
}

int http_start(sd_event *event, const char *socket_path, const struct http_route *routes, size_t n,
	       void *ctx, struct http **out, struct err *err)
{
	struct http *http;
	int rc;

	http = calloc(1, sizeof(*http));
	if (!http)
		return err_set(err, -ENOMEM, "no memory for the API server");
	http->api = (struct http_api){routes, n, ctx};
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		http->clients[i].fd = -1;
	rc = start(http, socket_path, event, err);
	if (rc)
		http_stop(http);
	else
		*out = http;
	return rc;
}

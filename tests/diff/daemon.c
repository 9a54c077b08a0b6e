// SPDX-License-Identifier: GPL-2.0-only
/* The kvsd of a world: start it, end it, ask it, wait for it. */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "daemon.h"
#include "util.h"

#define PATIENCE 60.0 /* seconds: of no importance where things work */

const char *daemon_dir = "/run/diff", *daemon_kvsd = "build/kvsd";

double daemon_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void become_kvsd(const struct daemon *d)
{
	char log[128];
	int fd;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(log, sizeof(log), "%s/kvsd.log", daemon_dir);
	fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (fd >= 0 && !setns(d->netns, CLONE_NEWNET)) {
		dup2(fd, 1);
		dup2(fd, 2);
		execl(daemon_kvsd, "kvsd", "--run-dir", d->run, "--pin-dir", d->pin, "--adopt",
		      "br0", NULL);
	}
	fprintf(stderr, "cannot start '%s': %m\n", daemon_kvsd);
	_exit(127);
}

static bool has_ended(struct daemon *d)
{
	if (waitpid(d->pid, NULL, WNOHANG) != d->pid)
		return false;
	d->pid = 0;
	return true;
}

int daemon_start(struct daemon *d, int netns)
{
	static unsigned int count;
	double end = daemon_now() + PATIENCE;
	char answer[65536];

	d->netns = netns;
	if (!d->run[0]) {
		count++;
		snprintf(d->run, sizeof(d->run), "%s/run%u", daemon_dir, count);
		snprintf(d->pin, sizeof(d->pin), "%s/bpf/kvs%u", daemon_dir, count);
		mkdir(d->run, 0700);
	}
	d->pid = fork();
	if (!d->pid)
		become_kvsd(d);
	while (daemon_ask(d, "GET", "/v1/status", NULL, answer, sizeof(answer)) != 200) {
		if (d->pid < 0 || has_ended(d) || daemon_now() > end) {
			fprintf(stderr, "kvsd did not start: see its log\n");
			return -1;
		}
		usleep(2000);
	}
	return 0;
}

void daemon_end(struct daemon *d, int signal)
{
	if (d->pid <= 0)
		return;
	kill(d->pid, signal);
	waitpid(d->pid, NULL, 0);
	d->pid = 0;
}

static int dial(const struct daemon *d)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	const struct timeval patience = {.tv_sec = PATIENCE};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(to.sun_path, sizeof(to.sun_path), "%s/kvs.sock", d->run);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to))) {
		close(fd);
		return -1;
	}
	return fd;
}

int daemon_ask(const struct daemon *d, const char *method, const char *path, const char *body,
	       char *answer, size_t size)
{
	_close_ int fd = dial(d);
	size_t have = 0;
	char request[512];
	int status = -1;
	ssize_t n;

	n = snprintf(
		request, sizeof(request),
		"%s %s HTTP/1.1\r\nHost: kvs\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%s",
		method, path, body ? strlen(body) : 0, body ?: "");
	if (fd < 0 || send(fd, request, n, MSG_NOSIGNAL) != n)
		return -1;
	while (have < size - 1 && (n = read(fd, answer + have, size - 1 - have)) > 0)
		have += n;
	answer[have] = '\0';
	sscanf(answer, "HTTP/1.1 %d", &status);
	return status;
}

/* Whether a netlink socket of the namespace has something that was not read: column Rmem. */
static bool is_behind(const struct daemon *d)
{
	char path[64], line[256];
	unsigned int rmem, all = 0;
	_fclose_ FILE *f = NULL;

	snprintf(path, sizeof(path), "/proc/%d/net/netlink", d->pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%*s %*d %*d %*x %u", &rmem) == 1)
			all += rmem;
	return all;
}

/* kvsd has one thread: when it answers, it has finished with what it had read before. What it did
 * then may have led to further messages. */
int daemon_settle(const struct daemon *d)
{
	double end = daemon_now() + PATIENCE;
	char answer[65536];
	int calm = 0;

	while (daemon_now() < end) {
		if (is_behind(d)) {
			calm = 0;
			usleep(50);
			continue;
		}
		if (calm++)
			return 0;
		if (daemon_ask(d, "GET", "/v1/switches/br0", NULL, answer, sizeof(answer)) < 0)
			break;
	}
	fprintf(stderr, "kvsd does not answer or does not read what the kernel says\n");
	return -1;
}

int daemon_set_path(const struct daemon *d, const char *port, const char *path)
{
	double end = daemon_now() + PATIENCE;
	char url[64], text[64], answer[4096];

	snprintf(url, sizeof(url), "/v1/ports/%s", port);
	snprintf(text, sizeof(text), "{\"path\":\"%s\"}", path);
	while (daemon_ask(d, "PATCH", url, text, answer, sizeof(answer)) != 200) {
		if (daemon_now() > end) {
			fprintf(stderr, "%s does not get path %s: %s\n", port, path, answer);
			return -1;
		}
		usleep(1000);
	}
	return 0;
}

int daemon_map(const struct daemon *d, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", d->pin, name);
	return bpf_obj_get(path);
}

// SPDX-License-Identifier: GPL-2.0-only
/* kvsd: follows Linux bridges and forwards their frames in BPF. See kvsd(8). */
#include <bpf/libbpf.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include "api.h"
#include "apply.h"
#include "event.h"
#include "guard_sweep.h"
#include "instance.h"
#include "netfilter.h"
#include "port.h"
#include "probe.h"
#include "start.h"

#define TICK_USEC   1000000
#define TICK_SPREAD 10000

static const char usage[] =
	"Usage: kvsd [OPTIONS]\n"
	"Forwards the frames of Linux bridges in BPF, and follows what happens to them.\n"
	"\n"
	"  --adopt NAME      adopt this bridge; or a pattern, as in --adopt 'vmbr*', now and later (repeatable)\n"
	"  --config FILE     default /etc/kvs/kvs.yaml, see kvs.yaml(5)\n"
	"  --run-dir DIR     socket and lock, default /run/kvs\n"
	"  --pin-dir DIR     programs and maps, on a bpffs, default /sys/fs/bpf/kvs\n"
	"  --release-all     take off what a kvsd that is gone left behind, and exit\n"
	"  --debug           more lines in the log\n"
	"  --help, --version\n"
	"\n"
	"Example: kvsd --adopt br0\n";

static const struct option options[] = {
	{"adopt", required_argument, NULL, 'a'},
	{"config", required_argument, NULL, 'c'},
	{"run-dir", required_argument, NULL, 'r'},
	{"pin-dir", required_argument, NULL, 'p'},
	{"release-all", no_argument, NULL, 'R'},
	{"debug", no_argument, NULL, 'd'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'v'},
	{},
};

static int libbpf_log(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	char line[1024];
	size_t n;

	if (level == LIBBPF_DEBUG)
		return 0;
	vsnprintf(line, sizeof(line), fmt, ap);
	n = strlen(line);
	if (n && line[n - 1] == '\n')
		line[n - 1] = '\0';
	log_debug("%s", line);
	return 0;
}

/* 0, or -EINVAL after a message; *done says that there is nothing else to do. */
static int parse_options(struct kvsd *k, int argc, char **argv, bool *release, bool *done)
{
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case 'a':
			if (k->n_adopt == KVSD_PATTERNS) {
				log_err("kvsd: more than %d --adopt: use a pattern", KVSD_PATTERNS);
				return -EINVAL;
			}
			k->adopt[k->n_adopt++] = optarg;
			break;
		case 'c':
			k->config_path = optarg;
			k->config_is_default = false;
			break;
		case 'r':
			snprintf(k->run_dir, sizeof(k->run_dir), "%s", optarg);
			break;
		case 'p':
			k->pin_want = optarg;
			break;
		case 'R':
			*release = true;
			break;
		case 'd':
			log_set_level(LOG_DEBUG);
			break;
		case 'v':
			printf("kvsd %s\n", KVS_VERSION);
			*done = true;
			return 0;
		case 'h':
			fputs(usage, stdout);
			*done = true;
			return 0;
		default:
			fputs("Try 'kvsd --help'.\n", stderr);
			return -EINVAL;
		}
	}
	if (optind == argc)
		return 0;
	log_err("kvsd: '%s' is no option: try 'kvsd --help'", argv[optind]);
	return -EINVAL;
}

/* Taking everything off needs no configuration, and must not fail for it. */
static int read_config(struct kvsd *k, bool release, struct err *err)
{
	int rc = release ? 0 : config_load(k->config_path, &k->config, err);

	if (!release && (rc != -ENOENT || !k->config_is_default))
		return rc;
	k->config = config_defaults();
	return k->config ? 0 : err_set(err, -ENOMEM, "out of memory");
}

static int on_tick(sd_event_source *s, uint64_t usec, void *data)
{
	event_tick(data);
	return sd_event_source_set_time_relative(s, TICK_USEC);
}

static int on_hup(sd_event_source *s, const struct signalfd_siginfo *si, void *data)
{
	struct err err;

	sd_notify(0, "RELOADING=1");
	if (apply_reload(data, &err))
		log_err("not reloaded, everything stays as it was: %s", err.text);
	else
		log_info("reloaded");
	sd_notify(0, "READY=1");
	return 0;
}

static int add_sources(struct kvsd *k, struct err *err)
{
	sd_event_source *timer = NULL;
	int rc;

	rc = sd_event_add_signal(k->event, NULL, SIGTERM, NULL, NULL);
	rc = rc < 0 ? rc : sd_event_add_signal(k->event, NULL, SIGINT, NULL, NULL);
	rc = rc < 0 ? rc : sd_event_add_signal(k->event, NULL, SIGHUP, on_hup, k);
	rc = rc < 0 ? rc
		    : sd_event_add_time_relative(k->event, &timer, CLOCK_MONOTONIC, TICK_USEC,
						 TICK_SPREAD, on_tick, k);
	rc = rc < 0 ? rc : sd_event_source_set_enabled(timer, SD_EVENT_ON);
	rc = rc < 0 ? rc : sd_event_source_set_floating(timer, true);
	sd_event_source_unref(timer);
	rc = rc < 0 ? rc : sd_event_set_watchdog(k->event, true);
	return rc < 0 ? err_set(err, rc, "event loop: %s", strerror(-rc)) : 0;
}

static int serve(struct kvsd *k, struct err *err)
{
	struct http *http = NULL;
	int rc = add_sources(k, err) ?: api_start(k, &http, err) ?: start_all(k, err);

	if (rc) {
		http_stop(http);
		return rc;
	}
	sd_notify(0, "READY=1");
	log_info("kvsd %s is ready on %s/kvs.sock", KVS_VERSION, k->run_dir);
	rc = sd_event_loop(k->event);
	sd_notify(0, "STOPPING=1");
	http_stop(http);
	if (k->load)
		log_info("kvsd stops; the hooks stay and forward on for %d s, then the bridge does",
			 KVS_STALE_AFTER);
	return rc < 0 ? err_set(err, rc, "event loop: %s", strerror(-rc)) : 0;
}

static void block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static void close_all(struct kvsd *k)
{
	guard_sweep_free(k);
	guard_started(k);
	links_for_each(&k->links, l) {
		if (l->port)
			free(l->port->guard);
		free(l->port);
		free(l->sw);
	}
	netfilter_stop(k);
	load_close(k->load);
	close_p(&k->pin_lock);
	nl_close(k->nl);
	links_free(&k->links);
	netns_free(&k->netns);
	config_free(k->config);
	sd_event_unref(k->event);
}

static int run(struct kvsd *k, bool release, struct err *err)
{
	_close_ int lock = -1;
	int rc;

	block_signals();
	rc = probe_rights(err) ?: read_config(k, release, err);
	if (rc)
		return rc;
	lock = instance_lock_run(k->run_dir, err);
	if (lock < 0)
		return lock;
	rc = sd_event_default(&k->event);
	if (rc < 0)
		return err_set(err, rc, "event loop: %s", strerror(-rc));
	return release ? start_release_all(k, err) : serve(k, err);
}

int main(int argc, char **argv)
{
	struct kvsd k = {
		.config_path = "/etc/kvs/kvs.yaml",
		.config_is_default = true,
		.run_dir = "/run/kvs",
		.pin_want = "/sys/fs/bpf/kvs",
		.pin_lock = -1,
		.has_tcx = true,
	};
	bool release = false, done = false;
	struct timespec now;
	struct err err;
	int rc;

	libbpf_set_print(libbpf_log);
	clock_gettime(CLOCK_MONOTONIC, &now);
	k.started = now.tv_sec;
	if (parse_options(&k, argc, argv, &release, &done))
		return 2;
	rc = done ? 0 : run(&k, release, &err);
	if (rc)
		log_err("kvsd: %s", err.text);
	close_all(&k);
	return rc ? 1 : 0;
}

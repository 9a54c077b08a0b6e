// SPDX-License-Identifier: GPL-2.0-only
/* GRO of a veth's other end: in this network namespace, in a named one, in a process's, in one out
 * of sight. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "peerns.h"
#include "util.h"

#define NOBODY 65534
#define MANY   40 /* namespaces */

static struct netns all;

static void sh(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void sh(const char *format, ...)
{
	char line[256];
	va_list ap;

	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	if (system(line))
		fail_msg("failed: %s", line);
}

/* IFLA_LINK and IFLA_LINK_NETNSID of the near end. */
static void look(int *ifindex, int *nsid)
{
	FILE *f = popen("ip -j link show near", "re");
	_json_ json_t *links = json_loadf(f, 0, NULL);
	json_t *index, *ns;

	pclose(f);
	index = json_object_get(json_array_get(links, 0), "link_index");
	ns = json_object_get(json_array_get(links, 0), "link_netnsid");
	*nsid = ns ? json_integer_value(ns) : PEERNS_SAME;
	/* in the same namespace ip tells a name in place of the number */
	*ifindex = index ? (int)json_integer_value(index) : (int)if_nametoindex("far");
}

static int gro(enum peer_gro_op op, bool *on, struct err *err)
{
	int ifindex, nsid;

	look(&ifindex, &nsid);
	return peer_gro(&all, ifindex, nsid, op, on, err);
}

static ino_t here(void)
{
	struct stat st;

	assert_int_equal(stat("/proc/self/ns/net", &st), 0);
	return st.st_ino;
}

static int descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/* inside: how to run a command where far is. */
static void switches_gro(const char *inside)
{
	ino_t home = here();
	int open_before = descriptors();
	struct err err = {""};
	bool on = true;

	sh("%s ethtool -K far gro off", inside);
	if (gro(PEER_GRO_GET, &on, &err))
		fail_msg("%s", err.text);
	assert_false(on);
	on = true;
	assert_int_equal(gro(PEER_GRO_SET, &on, &err), 0);
	sh("%s ethtool -k far | grep -q '^generic-receive-offload: on'", inside);
	on = false;
	assert_int_equal(gro(PEER_GRO_GET, &on, &err), 0);
	assert_true(on);
	on = false;
	assert_int_equal(gro(PEER_GRO_SET, &on, NULL), 0);
	sh("%s ethtool -k far | grep -q '^generic-receive-offload: off'", inside);
	assert_int_equal(here(), home);
	assert_int_equal(descriptors(), open_before);
}

static pid_t process_elsewhere(void)
{
	int ready[2];
	pid_t pid;
	char c;

	assert_int_equal(pipe(ready), 0);
	fflush(NULL);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (!unshare(CLONE_NEWNET) && write(ready[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void finds_it_in_the_same_namespace(void **state)
{
	switches_gro("");
}

static void finds_it_in_a_named_namespace(void **state)
{
	sh("ip netns add kvs-other");
	sh("ip netns add kvs-named");
	sh("ip link set far netns kvs-named");
	switches_gro("ip netns exec kvs-named");
	sh("ip netns del kvs-named; ip netns del kvs-other");
}

static void finds_it_in_a_process(void **state)
{
	pid_t other = process_elsewhere(), pid = process_elsewhere();
	char inside[64];

	sh("ip link set far netns %d", pid);
	snprintf(inside, sizeof(inside), "nsenter -t %d -n", pid);
	switches_gro(inside);
	end(pid);
	end(other);
}

static void finds_it_in_a_container(void **state)
{
	pid_t pid = process_elsewhere();

	sh("ip link set far netns %d", pid);
	sh("mkdir -p /run/docker/netns && touch /run/docker/netns/abc");
	sh("mount --bind /proc/%d/ns/net /run/docker/netns/abc", pid);
	end(pid);
	switches_gro("nsenter --net=/run/docker/netns/abc");
	sh("umount /run/docker/netns/abc");
}

static void says_that_it_is_out_of_sight(void **state)
{
	pid_t pid = process_elsewhere();
	ino_t home = here();
	struct err err;
	bool on = true;
	char path[32];
	int fd;

	sh("ip link set far netns %d", pid);
	snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	fd = open(path, O_RDONLY);
	end(pid);
	sh("touch /run/netns/stale && mkfifo /run/netns/pipe");
	assert_int_equal(gro(PEER_GRO_GET, &on, &err), -ENOENT);
	assert_non_null(strstr(err.text, "neither a name nor a process"));
	assert_true(on);
	assert_int_equal(here(), home);
	close(fd);
}

static void says_that_it_is_gone(void **state)
{
	struct err err;
	bool on = true;

	assert_int_equal(peer_gro(&all, 999999, PEERNS_SAME, PEER_GRO_SET, &on, &err), -ENODEV);
	assert_non_null(strstr(err.text, "(index 999999) is gone: No such device"));
	assert_int_equal(peer_gro(&all, 5, 77777, PEER_GRO_GET, &on, &err), -ENOENT);
	assert_non_null(strstr(err.text, "(id 77777)"));
	assert_true(on);
}

static int open_id(int id, struct netns *ns)
{
	int fd = netns_open(ns, id, NULL);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

/* One look finds them all, each later one opens what it asks for. */
static void looks_for_many_once(void **state)
{
	struct netns ns = {};

	sh("for i in $(seq 0 %d); do ip netns add kvs-$i && ip netns set kvs-$i $((1000 + i)) || exit; done",
	   MANY - 1);
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < MANY; i++)
			assert_int_equal(open_id(1000 + i, &ns), 0);
	assert_true(ns.opened >= 2 * MANY);
	assert_true(ns.opened <= 4 * MANY);
	netns_free(&ns);
	sh("for i in $(seq 0 %d); do ip netns del kvs-$i; done", MANY - 1);
}

/* Two namespaces that change names: what lies where the first one was is now the second. */
static void believes_nothing_it_has_not_checked(void **state)
{
	struct netns ns = {};
	struct stat st, other;
	int fd;

	sh("ip netns add kvs-a && ip netns set kvs-a 1100");
	sh("ip netns add kvs-b && ip netns set kvs-b 1101");
	assert_int_equal(open_id(1100, &ns), 0);
	sh("cd /run/netns && touch kvs-c && mount --bind kvs-a kvs-c && umount kvs-a && "
	   "mount --bind kvs-b kvs-a && umount kvs-b && mount --bind kvs-c kvs-b && umount kvs-c");
	fd = netns_open(&ns, 1100, NULL);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(stat("/run/netns/kvs-b", &other), 0);
	assert_int_equal(st.st_ino, other.st_ino);
	close(fd);
	sh("ip netns del kvs-a && ip netns del kvs-b && rm /run/netns/kvs-c");
	assert_int_equal(open_id(1100, &ns), -ENOENT);
	netns_free(&ns);
}

/* Many that are out of sight lead to one look. */
static void looks_once_in_a_batch(void **state)
{
	struct netns ns = {};
	unsigned long opened;

	netns_begin(&ns);
	assert_int_equal(open_id(2000, &ns), -ENOENT);
	opened = ns.opened;
	sh("ip netns add kvs-late && ip netns set kvs-late 2002");
	for (int id = 2000; id < 2000 + MANY; id++)
		assert_int_equal(open_id(id, &ns), -ENOENT);
	assert_int_equal(ns.opened, opened);
	netns_end(&ns);
	assert_int_equal(open_id(2002, &ns), 0);
	netns_free(&ns);
	sh("ip netns del kvs-late");
}

static int as_nobody(void)
{
	int ifindex, nsid;
	struct err err;
	bool on = true;

	look(&ifindex, &nsid);
	if (setgid(NOBODY) || setuid(NOBODY))
		return 1;
	if (peer_gro(&all, ifindex, nsid, PEER_GRO_SET, &on, &err) != -EPERM)
		return 2;
	return strstr(err.text, "GRO of 'far'") ? 0 : 3;
}

static void says_that_it_may_not(void **state)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid)
		_exit(as_nobody());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static int make_pair(void **state)
{
	sh("ip link add near type veth peer name far");
	return 0;
}

static int drop_pair(void **state)
{
	sh("ip link del near 2>/dev/null || true");
	return 0;
}

/* /run is ours too: `ip netns` keeps its names there. */
static int leave_the_machine(void **state)
{
	if (unshare(CLONE_NEWNET | CLONE_NEWNS) || mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return -1;
	return mount("tmpfs", "/run", "tmpfs", 0, NULL);
}

static int forget(void **state)
{
	netns_free(&all);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(finds_it_in_the_same_namespace, make_pair,
						drop_pair),
		cmocka_unit_test_setup_teardown(finds_it_in_a_named_namespace, make_pair,
						drop_pair),
		cmocka_unit_test_setup_teardown(finds_it_in_a_process, make_pair, drop_pair),
		cmocka_unit_test_setup_teardown(finds_it_in_a_container, make_pair, drop_pair),
		cmocka_unit_test_setup_teardown(says_that_it_is_out_of_sight, make_pair, drop_pair),
		cmocka_unit_test_setup_teardown(says_that_it_is_gone, make_pair, drop_pair),
		cmocka_unit_test_setup_teardown(says_that_it_may_not, make_pair, drop_pair),
		cmocka_unit_test(looks_for_many_once),
		cmocka_unit_test(believes_nothing_it_has_not_checked),
		cmocka_unit_test(looks_once_in_a_batch),
	};

	if (geteuid()) {
		puts("1..0 # SKIP network namespaces take root: run this as root");
		return 0;
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, leave_the_machine, forget);
}

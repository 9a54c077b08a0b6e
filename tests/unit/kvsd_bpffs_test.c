// SPDX-License-Identifier: GPL-2.0-only
/* The BPF file system for pins, in mount and pid namespaces where there is one, or not yet, or out
 * of reach. */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "bpffs.h"
#include "util.h"

#define NOBODY 65534
#define BPFFS  "/sys/fs/bpf"
#define PINS   BPFFS "/kvs/test"

/* Runs part in a child; its exit status. Parts return the line at which something went wrong, or 0.
 */
static int in_child(int (*part)(void))
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid)
		_exit(part());
	if (waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

#define CHECK(what)                            \
	do {                                   \
		if (!(what))                   \
			return __LINE__ % 255; \
	} while (0)

static bool has_bpffs(void)
{
	return !access(BPFFS "/maps.debug", F_OK);
}

/* /sys as `ip netns exec` leaves it: fresh, with nothing mounted below. */
static bool fresh_sys(void)
{
	return !umount2("/sys", MNT_DETACH) && !mount("sysfs", "/sys", "sysfs", 0, NULL) &&
	       !has_bpffs();
}

static int prepare(void)
{
	char path[64] = PINS;
	struct err err;

	CHECK(!bpffs_prepare(path, path, sizeof(path), &err));
	CHECK(!strcmp(path, PINS));
	CHECK(has_bpffs() && !access(PINS, F_OK));
	return 0;
}

static int prepare_in_a_netns(void)
{
	CHECK(!unshare(CLONE_NEWNS));
	CHECK(!mount("", "/", NULL, MS_REC | MS_SLAVE, NULL));
	CHECK(fresh_sys());
	return prepare();
}

/* What the child had made is still there for the next one, which sees it too. */
static int outlives(void)
{
	int rc = in_child(prepare_in_a_netns);

	if (rc)
		return rc;
	CHECK(has_bpffs() && !access(PINS, F_OK));
	CHECK(!mkdir(PINS "/pin", 0700));
	CHECK(!in_child(prepare_in_a_netns));
	CHECK(!access(PINS "/pin", F_OK));
	return 0;
}

/* From here on we are a PID 1 whose mount namespace nobody else sees. */
static int private_machine(void)
{
	CHECK(!mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL));
	CHECK(!mount("proc", "/proc", "proc", 0, NULL));
	return fresh_sys() ? 0 : 1;
}

static int machine_without_bpffs(void)
{
	CHECK(!private_machine());
	return outlives();
}

static int machine_with_bpffs(void)
{
	CHECK(!private_machine());
	CHECK(!mount("bpf", BPFFS, "bpf", 0, NULL));
	return outlives();
}

static int machine_itself(void)
{
	struct stat st;

	CHECK(!private_machine());
	CHECK(!prepare());
	CHECK(!stat(BPFFS, &st) && (st.st_mode & 0777) == 0700);
	CHECK(!in_child(prepare));
	return 0;
}

static int no_rights(void)
{
	char path[64];
	struct err err;

	CHECK(!setgid(NOBODY) && !setuid(NOBODY));
	CHECK(bpffs_prepare(PINS, path, sizeof(path), &err) == -EPERM);
	CHECK(strstr(err.text,
		     "run kvsd as root, or mount it first: mount -t bpf bpf /sys/fs/bpf"));
	return 0;
}

static int machine_without_rights(void)
{
	CHECK(!private_machine());
	return in_child(no_rights);
}

static int machine_without_proc(void)
{
	CHECK(!private_machine());
	CHECK(!unshare(CLONE_NEWNS));
	while (!umount2("/proc", MNT_DETACH))
		;
	return prepare();
}

/* part as PID 1 of a pid and mount namespace of its own. */
static int (*machine_part)(void);

static int become_machine(void)
{
	CHECK(!unshare(CLONE_NEWPID | CLONE_NEWNS));
	return in_child(machine_part);
}

static void on_machine(int (*part)(void))
{
	machine_part = part;
	assert_int_equal(in_child(become_machine), 0);
}

static void mounts_on_the_machine(void **state)
{
	on_machine(machine_itself);
}

static void shares_that_of_the_machine(void **state)
{
	on_machine(machine_with_bpffs);
}

static void mounts_on_the_machine_from_a_netns(void **state)
{
	on_machine(machine_without_bpffs);
}

static void says_what_rights_it_needs(void **state)
{
	on_machine(machine_without_rights);
}

static void mounts_privately_as_a_last_resort(void **state)
{
	on_machine(machine_without_proc);
}

static int refusals(void)
{
	char path[64] = "unchanged";
	struct err err;

	CHECK(!private_machine());
	CHECK(bpffs_prepare("/tmp/none/kvs", path, sizeof(path), &err) == -EINVAL);
	CHECK(strstr(err.text,
		     "'/tmp/none/kvs' lies on no bpffs: mount one (mount -t bpf bpf DIR)"));
	CHECK(bpffs_prepare(BPFFS "fs/kvs", path, sizeof(path), &err) == -EINVAL);
	CHECK(!has_bpffs());
	CHECK(bpffs_prepare(BPFFS "/a/k.v/s", path, sizeof(path), &err) == -EINVAL);
	CHECK(strstr(err.text,
		     "'/sys/fs/bpf/a/k.v' cannot be made: no name on a bpffs may have a dot"));
	CHECK(bpffs_prepare(BPFFS "/../x", path, sizeof(path), &err) == -EINVAL);
	CHECK(!umount(BPFFS) && !has_bpffs());
	CHECK(bpffs_prepare(BPFFS "/../x", path, sizeof(path), &err) == -EINVAL);
	CHECK(bpffs_prepare(BPFFS "/kvs", path, 5, &err) == -ENAMETOOLONG);
	CHECK(bpffs_prepare(BPFFS "/maps.debug", path, sizeof(path), &err) == -ENOTDIR);
	CHECK(!strcmp(path, "unchanged"));
	return 0;
}

static void refuses_what_cannot_hold_pins(void **state)
{
	on_machine(refusals);
}

static int other_mounts(void)
{
	char path[64];

	CHECK(!private_machine());
	CHECK(!mount("tmpfs", "/mnt", "tmpfs", 0, NULL) && !mkdir("/mnt/b", 0700));
	CHECK(!mount("bpf", "/mnt/b", "bpf", 0, NULL) && !symlink("b", "/mnt/link"));
	CHECK(!bpffs_prepare("/mnt/link/x//y/", path, sizeof(path), NULL));
	CHECK(!strcmp(path, "/mnt/b/x/y"));
	CHECK(!chdir("/mnt/b") && !bpffs_prepare("z", path, sizeof(path), NULL));
	CHECK(!strcmp(path, "/mnt/b/z") && !access("/mnt/b/z", F_OK) && !has_bpffs());
	return 0;
}

static void takes_any_bpffs(void **state)
{
	on_machine(other_mounts);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(mounts_on_the_machine),
		cmocka_unit_test(shares_that_of_the_machine),
		cmocka_unit_test(mounts_on_the_machine_from_a_netns),
		cmocka_unit_test(mounts_privately_as_a_last_resort),
		cmocka_unit_test(says_what_rights_it_needs),
		cmocka_unit_test(refuses_what_cannot_hold_pins),
		cmocka_unit_test(takes_any_bpffs),
	};

	if (geteuid()) {
		puts("1..0 # SKIP mount namespaces take root: run this as root");
		return 0;
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

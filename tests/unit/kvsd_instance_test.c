// SPDX-License-Identifier: GPL-2.0-only
/* One daemon per run folder, pin folder and bridge: who is refused, and with which words. */
#include <errno.h>
#include <fcntl.h>
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

#include "instance.h"
#include "util.h"

#define NOBODY 65534

static char folder[] = "/tmp/kvs-instance-XXXXXX";
static char run_dir[64];

/* A child that does part and, if that succeeds, lives until it is killed; *rc is what part
 * returned. */
static pid_t child(int (*part)(struct err *), int *rc)
{
	struct err err;
	int result[2];
	pid_t pid;

	assert_int_equal(pipe(result), 0);
	fflush(NULL);
	pid = fork();
	if (!pid) {
		*rc = part(&err);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (write(result[1], rc, sizeof(*rc)) < 0 || *rc < 0)
			_exit(1);
		for (;;)
			pause();
	}
	close(result[1]);
	assert_int_equal(read(result[0], rc, sizeof(*rc)), sizeof(*rc));
	close(result[0]);
	return pid;
}

static pid_t holder(int (*part)(struct err *))
{
	int rc = -1;
	pid_t pid = child(part, &rc);

	assert_true(rc >= 0);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void is_refused(int rc, const struct err *err, pid_t pid, const char *words)
{
	char who[32];

	assert_int_equal(rc, -EBUSY);
	snprintf(who, sizeof(who), "pid %d)", pid);
	if (!strstr(err->text, who) || !strstr(err->text, words))
		fail_msg("no '%s' or '%s' in: %s", who, words, err->text);
}

static int lock_run(struct err *err)
{
	return instance_lock_run(run_dir, err);
}

static int lock_pin(struct err *err)
{
	return instance_lock_pin(folder, err);
}

static int claim(struct err *err)
{
	return instance_claim("br0", 2000000001, err);
}

static int claim_and_lock(struct err *err)
{
	return lock_run(err) < 0 ? -1 : claim(err);
}

static int claim_elsewhere(struct err *err)
{
	return unshare(CLONE_NEWNET) ? -errno : claim(err);
}

static int claim_as_nobody(struct err *err)
{
	return setgid(NOBODY) || setuid(NOBODY) ? -errno : claim(err);
}

static void locks_a_run_folder(void **state)
{
	pid_t other = holder(lock_run);
	struct err err;
	char path[96], text[32], pid[32];
	_fclose_ FILE *f = NULL;
	struct stat st;
	int fd;

	is_refused(lock_run(&err), &err, other, "already runs with --run-dir /tmp/kvs-instance-");
	assert_int_equal(stat(run_dir, &st), 0);
	assert_int_equal(st.st_mode, S_IFDIR | 0755);
	end(other);
	fd = lock_run(&err);
	assert_true(fd >= 0);
	snprintf(path, sizeof(path), "%s/kvsd.pid", run_dir);
	f = fopen(path, "re");
	assert_non_null(f);
	assert_non_null(fgets(text, sizeof(text), f));
	snprintf(pid, sizeof(pid), "%d\n", getpid());
	assert_string_equal(text, pid);
	assert_int_equal(fstat(fileno(f), &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	close(fd);
	end(holder(lock_run));
}

static void says_why_a_run_folder_cannot_be(void **state)
{
	char path[96];
	struct err err;

	assert_int_equal(instance_lock_run("/proc/none/x", &err), -ENOENT);
	assert_non_null(strstr(err.text, "--run-dir '/proc/none/x' cannot be made: No such file"));
	assert_int_equal(instance_lock_run("/proc/self/status", &err), -ENOTDIR);
	mkdir(run_dir, 0755);
	snprintf(path, sizeof(path), "%s/kvsd.pid", run_dir);
	unlink(path);
	assert_int_equal(symlink("/dev/null", path), 0);
	assert_int_equal(lock_run(&err), -ELOOP);
	assert_non_null(strstr(err.text, "kvsd.pid' cannot be opened"));
	unlink(path);
}

static void locks_a_pin_folder(void **state)
{
	pid_t other = holder(lock_pin);
	struct err err;
	int fd;

	is_refused(lock_pin(&err), &err, other, "already pins in /tmp/kvs-instance-");
	end(other);
	fd = lock_pin(&err);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(instance_lock_pin("/proc/none", &err), -ENOENT);
}

/* In a mount namespace of its own; 0 when a lock on a bpffs works and is told of. */
static int lock_on_bpffs(struct err *err)
{
	char words[32];
	int rc;

	if (unshare(CLONE_NEWNS) || mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("bpf", folder, "bpf", 0, NULL))
		return -errno;
	if (lock_pin(err) < 0)
		return -1000;
	rc = lock_pin(err);
	snprintf(words, sizeof(words), "(pid %d)", getpid());
	return rc == -EBUSY && strstr(err->text, words) ? 0 : -1001;
}

static void locks_a_pin_folder_on_bpffs(void **state)
{
	int rc = -1;
	pid_t pid;

	pid = child(lock_on_bpffs, &rc);
	end(pid);
	assert_int_equal(rc, 0);
}

static void claims_a_bridge(void **state)
{
	pid_t other = holder(claim);
	struct err err;
	int fd, second;

	is_refused(claim(&err), &err, other,
		   "bridge 'br0' is already adopted by another kvsd (pid");
	second = instance_claim("br1", 2000000002, &err);
	assert_true(second >= 0);
	end(other);
	fd = claim(&err);
	assert_true(fd >= 0);
	assert_int_equal(claim(&err), -EBUSY);
	close(fd);
	end(holder(claim));
	close(second);
}

static void tells_where_a_bridge_is_adopted(void **state)
{
	pid_t other = holder(claim_and_lock);
	struct err err;
	char words[128];

	snprintf(words, sizeof(words), "release it there first: kvs --run-dir %s release br0",
		 run_dir);
	is_refused(claim(&err), &err, other, words);
	end(other);
}

static void refuses_however_often(void **state)
{
	pid_t other = holder(claim);
	struct err err;

	for (int i = 0; i < 500; i++)
		assert_int_equal(claim(&err), -EBUSY);
	assert_non_null(
		strstr(err.text, "already adopted by another kvsd: release it there first"));
	end(other);
	end(holder(claim));
}

static void claims_per_network_namespace(void **state)
{
	pid_t other, here;

	other = holder(claim_elsewhere);
	here = holder(claim);
	end(here);
	end(other);
}

static void names_a_stranger(void **state)
{
	struct err err;
	char words[96];
	pid_t other;

	other = holder(claim_as_nobody);
	assert_int_equal(claim(&err), -EBUSY);
	snprintf(words, sizeof(words), "taken by process %d of user %d, which cannot be a kvsd",
		 other, NOBODY);
	assert_non_null(strstr(err.text, words));
	end(other);
}

static int make_folder(void **state)
{
	if (!mkdtemp(folder))
		return -1;
	snprintf(run_dir, sizeof(run_dir), "%s/run", folder);
	return 0;
}

static int remove_folder(void **state)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/kvsd.pid", run_dir);
	unlink(path);
	rmdir(run_dir);
	return rmdir(folder);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(locks_a_run_folder),
		cmocka_unit_test(says_why_a_run_folder_cannot_be),
		cmocka_unit_test(locks_a_pin_folder),
		cmocka_unit_test(locks_a_pin_folder_on_bpffs),
		cmocka_unit_test(claims_a_bridge),
		cmocka_unit_test(tells_where_a_bridge_is_adopted),
		cmocka_unit_test(refuses_however_often),
		cmocka_unit_test(claims_per_network_namespace),
		cmocka_unit_test(names_a_stranger),
	};

	if (geteuid()) {
		puts("1..0 # SKIP only root's claims count: run this as root");
		return 0;
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

// SPDX-License-Identifier: GPL-2.0-only
/* One daemon per run folder, pin folder and bridge. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

#include "instance.h"
#include "util.h"

#define PID_FILE "kvsd.pid"

/* Refused claims that wait in the owner's socket; for those after, its pid is not known. */
#define CLAIM_BACKLOG 128

/* " (pid 123)", or nothing when pid is 0: unknown, or in a pid namespace that is none of ours. */
static const char *pid_text(pid_t pid, char text[32])
{
	text[0] = '\0';
	if (pid > 0)
		snprintf(text, 32, " (pid %d)", pid);
	return text;
}

/* Who has flock(2)ed this file; 0 when that cannot be told. */
static pid_t lock_holder(int fd)
{
	_fclose_ FILE *locks = fopen("/proc/locks", "re");
	unsigned int major, minor;
	unsigned long inode;
	char line[256];
	struct stat st;
	pid_t pid;

	if (!locks || fstat(fd, &st))
		return 0;
	while (fgets(line, sizeof(line), locks)) {
		if (sscanf(line, "%*d: FLOCK %*s WRITE %d %x:%x:%lu", &pid, &major, &minor,
			   &inode) == 4 &&
		    inode == st.st_ino && makedev(major, minor) == st.st_dev)
			return pid;
	}
	return 0;
}

/* Mode 0600: whoever can open it can lock it. */
static int open_pid_file(const char *run_dir, struct err *err)
{
	_close_ int dir = -1;
	int fd;

	if (mkdir(run_dir, 0755) && errno != EEXIST)
		return err_set(err, -errno, "--run-dir '%s' cannot be made: %m", run_dir);
	dir = open(run_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return err_set(err, -errno, "--run-dir '%s' cannot be opened: %m", run_dir);
	fd = openat(dir, PID_FILE, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(err, -errno, "'%s/" PID_FILE "' cannot be opened: %m", run_dir);
	return fd;
}

/* The file stays when we go: removed, it could be locked by one daemon while another makes it anew.
 */
int instance_lock_run(const char *run_dir, struct err *err)
{
	char pid[32];
	int fd, rc;

	fd = open_pid_file(run_dir, err);
	if (fd < 0)
		return fd;
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		rc = err_set(
			err, -EBUSY,
			"another kvsd%s already runs with --run-dir %s: stop it, or give this one "
			"its own --run-dir and --pin-dir",
			pid_text(lock_holder(fd), pid), run_dir);
		close(fd);
		return rc;
	}
	if (ftruncate(fd, 0) || dprintf(fd, "%d\n", getpid()) < 0) {
		rc = err_set(err, -errno, "'%s/" PID_FILE "' cannot be written: %m", run_dir);
		close(fd);
		return rc;
	}
	return fd;
}

int instance_lock_pin(const char *pin_dir, struct err *err)
{
	char pid[32];
	int fd, rc;

	fd = open(pin_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_set(err, -errno, "--pin-dir '%s' cannot be opened: %m", pin_dir);
	if (!flock(fd, LOCK_EX | LOCK_NB))
		return fd;
	rc = err_set(
		err, -EBUSY,
		"another kvsd%s already pins in %s: stop it, or give this one its own --run-dir "
		"and --pin-dir",
		pid_text(lock_holder(fd), pid), pin_dir);
	close(fd);
	return rc;
}

/* Abstract names are per network namespace, as ifindexes are. */
static socklen_t claim_address(int ifindex, struct sockaddr_un *address)
{
	int len;

	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	len = snprintf(address->sun_path + 1, sizeof(address->sun_path) - 1, "kvs/bridge/%d",
		       ifindex);
	return offsetof(struct sockaddr_un, sun_path) + 1 + len;
}

static struct ucred claim_owner(const struct sockaddr_un *address, socklen_t len)
{
	_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct ucred owner = {};

	if (fd >= 0 && !connect(fd, (const struct sockaddr *)address, len))
		getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &owner, &(socklen_t){sizeof(owner)});
	return owner;
}

/* The run folder of another daemon, by the pid file that it holds open. */
static bool run_dir_of(pid_t pid, char path[PATH_MAX])
{
	char name[PATH_MAX];
	bool found = false;
	struct dirent *d;
	DIR *dir;

	snprintf(name, sizeof(name), "/proc/%d/fd", pid);
	dir = pid ? opendir(name) : NULL;
	while (dir && !found && (d = readdir(dir))) {
		ssize_t len = readlinkat(dirfd(dir), d->d_name, path, PATH_MAX - 1);
		size_t tail = strlen("/" PID_FILE);

		if (len <= (ssize_t)tail)
			continue;
		path[len] = '\0';
		found = !strcmp(path + len - tail, "/" PID_FILE);
		path[len - tail] = '\0';
	}
	if (dir)
		closedir(dir);
	return found;
}

static int claimed(const char *bridge, const struct ucred *owner, struct err *err)
{
	char dir[PATH_MAX], pid[32];

	if (owner->pid && owner->uid)
		return err_set(
			err, -EBUSY,
			"bridge '%s' is taken by process %d of user %u, which cannot be a kvsd: "
			"end that process",
			bridge, owner->pid, owner->uid);
	if (run_dir_of(owner->pid, dir))
		return err_set(
			err, -EBUSY,
			"bridge '%s' is already adopted by another kvsd (pid %d): release it "
			"there first: kvs --run-dir %s release %s",
			bridge, owner->pid, dir, bridge);
	return err_set(err, -EBUSY,
		       "bridge '%s' is already adopted by another kvsd%s: release it there first",
		       bridge, pid_text(owner->pid, pid));
}

int instance_claim(const char *bridge, int ifindex, struct err *err)
{
	struct sockaddr_un address;
	socklen_t len = claim_address(ifindex, &address);
	struct ucred owner;
	int fd, rc;

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_set(err, -errno, "no unix socket to be had: %m");
	if (!bind(fd, (struct sockaddr *)&address, len) && !listen(fd, CLAIM_BACKLOG))
		return fd;
	rc = -errno;
	close(fd);
	if (rc != -EADDRINUSE)
		return err_set(err, rc, "bridge '%s' cannot be claimed: %s", bridge, strerror(-rc));
	owner = claim_owner(&address, len);
	return claimed(bridge, &owner, err);
}

// SPDX-License-Identifier: GPL-2.0-only
/* The BPF file system that pins live on. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>

#include "bpffs.h"
#include "log.h"
#include "util.h"

#define BPFFS "/sys/fs/bpf"

static bool is_bpffs(const char *path)
{
	struct statfs fs;

	return !statfs(path, &fs) && fs.f_type == BPF_FS_MAGIC;
}

/* As systemd does it. */
static int mount_bpffs(void)
{
	return mount("bpf", BPFFS, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700") ? -errno
											 : 0;
}

static int open_proc(pid_t pid, const char *file)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* "PID (NAME) STATE PARENT ...", with anything in NAME; 0 when there is none that we can see. */
static pid_t parent_of(pid_t pid)
{
	_close_ int fd = open_proc(pid, "stat");
	char text[512] = "", *name_end;
	pid_t parent = 0;

	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		return 0;
	name_end = strrchr(text, ')');
	return name_end && sscanf(name_end, ") %*c %d", &parent) == 1 ? parent : 0;
}

/* The mount namespace of our topmost ancestor that lets us look, for where PID 1 does not. A
 * descriptor, or -1. */
static int ancestor_mount_ns(void)
{
	int found = -1;

	for (pid_t pid = getppid(); pid > 0; pid = parent_of(pid)) {
		int fd = open_proc(pid, "ns/mnt");

		if (fd < 0)
			continue;
		close_p(&found);
		found = fd;
	}
	return found;
}

static bool is_ours(int mount_ns)
{
	struct stat ours, theirs;

	return !stat("/proc/self/ns/mnt", &ours) && !fstat(mount_ns, &theirs) &&
	       ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev;
}

/* In a child: a detached copy of the mount in that namespace; a descriptor, or -errno. */
static int copy_mount(int mount_ns)
{
	int rc = 0, tree;

	if (setns(mount_ns, CLONE_NEWNS))
		return -errno;
	if (!is_bpffs(BPFFS))
		rc = mount_bpffs();
	if (rc)
		return rc;
	tree = open_tree(AT_FDCWD, BPFFS, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	return tree < 0 ? -errno : tree;
}

union fd_message {
	char buf[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

/* Sends a descriptor, or -errno. */
static void send_fd(int sock, int fd)
{
	union fd_message control = {};
	struct iovec io = {&fd, sizeof(fd)};
	struct msghdr msg = {.msg_iov = &io, .msg_iovlen = 1};
	struct cmsghdr *c;

	if (fd >= 0) {
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	}
	sendmsg(sock, &msg, MSG_NOSIGNAL);
}

static int receive_fd(int sock)
{
	union fd_message control;
	int fd = -EIO;
	struct iovec io = {&fd, sizeof(fd)};
	struct msghdr msg = {.msg_iov = &io,
			     .msg_iovlen = 1,
			     .msg_control = &control,
			     .msg_controllen = sizeof(control)};
	struct cmsghdr *c;

	if (recvmsg(sock, &msg, MSG_CMSG_CLOEXEC) != sizeof(fd))
		return -EIO;
	c = CMSG_FIRSTHDR(&msg);
	if (c)
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	else if (fd >= 0)
		return -EMFILE;
	return fd;
}

/* setns(2) loses the root and working directory: a child does it. */
static int fetch_mount(int mount_ns)
{
	int sock[2], fd;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sock))
		return -errno;
	pid = fork();
	if (!pid) {
		send_fd(sock[1], copy_mount(mount_ns));
		_exit(0);
	}
	close(sock[1]);
	fd = pid < 0 ? -EAGAIN : receive_fd(sock[0]);
	close(sock[0]);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return fd;
}

/* Mounts here what is mounted, or can be, in the other namespace. */
static int share_bpffs(int mount_ns)
{
	_close_ int tree = fetch_mount(mount_ns);

	if (tree < 0)
		return tree;
	return move_mount(tree, "", AT_FDCWD, BPFFS, MOVE_MOUNT_F_EMPTY_PATH) ? -errno : 0;
}

static int provide_bpffs(struct err *err)
{
	_close_ int first = open_proc(1, "ns/mnt");
	_close_ int other = first < 0 ? ancestor_mount_ns() : -1;
	int outer = first < 0 ? other : first, rc;

	if (outer >= 0 && !is_ours(outer)) {
		rc = share_bpffs(outer);
		if (!rc) {
			log_info("no bpffs on " BPFFS
				 ": took that of the mount namespace around this one");
			return 0;
		}
		log_warn("the bpffs of the mount namespace around this one cannot be had: %s",
			 strerror(-rc));
	}
	rc = mount_bpffs();
	if (rc)
		return err_set(err, rc,
			       "no bpffs is mounted on " BPFFS " and none can be (%s): run kvsd as "
			       "root, or mount it first: mount -t bpf bpf " BPFFS,
			       strerror(-rc));
	if (first >= 0 && is_ours(first))
		log_info("mounted a bpffs on " BPFFS);
	else
		log_warn("mounted a bpffs on " BPFFS ": pins end with this mount namespace");
	return 0;
}

static int absolute(const char *dir, char path[PATH_MAX], struct err *err)
{
	char cwd[PATH_MAX] = "";

	if (dir[0] != '/' && !getcwd(cwd, sizeof(cwd)))
		return err_set(err, -errno, "no working directory for --pin-dir '%s': %m", dir);
	if (snprintf(path, PATH_MAX, "%s%s%s", cwd, dir[0] == '/' ? "" : "/", dir) >= PATH_MAX)
		return err_set(err, -ENAMETOOLONG, "--pin-dir '%s' is too long", dir);
	return 0;
}

/* Whether path, or its nearest parent that exists, lies on a bpffs. */
static bool is_on_bpffs(const char *path)
{
	char parent[PATH_MAX];
	char *slash;

	strcpy(parent, path);
	while (access(parent, F_OK) && (slash = strrchr(parent, '/')) && slash > parent)
		*slash = '\0';
	return is_bpffs(parent);
}

static int make_folders(const char *path, struct err *err)
{
	char part[PATH_MAX];

	for (const char *end = path; *end;) {
		end += strspn(end, "/");
		end += strcspn(end, "/");
		memcpy(part, path, end - path);
		part[end - path] = '\0';
		if (!mkdir(part, 0700) || errno == EEXIST)
			continue;
		if (errno == EPERM && strchr(strrchr(part, '/'), '.'))
			return err_set(err, -EINVAL,
				       "'%s' cannot be made: no name on a bpffs may have a dot",
				       part);
		return err_set(err, -errno, "'%s' cannot be made: %m", part);
	}
	return 0;
}

static int resolve(const char *path, char *resolved, size_t size, struct err *err)
{
	_free_ char *real = realpath(path, NULL);
	struct stat st;

	if (!real || stat(real, &st))
		return err_set(err, -errno, "--pin-dir '%s' cannot be opened: %m", path);
	if (!S_ISDIR(st.st_mode))
		return err_set(err, -ENOTDIR, "--pin-dir '%s' is no folder", path);
	if (!is_bpffs(real))
		return err_set(err, -EINVAL, "--pin-dir '%s' lies on no bpffs", path);
	if (strlen(real) >= size)
		return err_set(err, -ENAMETOOLONG, "--pin-dir '%s' is too long", path);
	strcpy(resolved, real);
	return 0;
}

static bool is_below_default(const char *path)
{
	size_t len = strlen(BPFFS);

	return !strncmp(path, BPFFS, len) && (!path[len] || path[len] == '/');
}

int bpffs_prepare(const char *pin_dir, char *resolved, size_t size, struct err *err)
{
	char path[PATH_MAX];
	int rc;

	rc = absolute(pin_dir, path, err);
	if (!rc && is_below_default(path) && !is_bpffs(BPFFS))
		rc = provide_bpffs(err);
	if (rc)
		return rc;
	if (!is_on_bpffs(path))
		return err_set(
			err, -EINVAL,
			"--pin-dir '%s' lies on no bpffs: mount one (mount -t bpf bpf DIR), or "
			"take a folder below " BPFFS,
			pin_dir);
	return make_folders(path, err) ?: resolve(path, resolved, size, err);
}

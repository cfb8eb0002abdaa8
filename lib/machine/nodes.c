/* SPDX-License-Identifier: MIT */
#include "nodes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "wire/request.h"

#define PATH_SIZE 512
#define NOREPLACE 1    /* RENAME_NOREPLACE */
#define EXCHANGE 2     /* RENAME_EXCHANGE */
#define MOST_TRIES 100 /* of a node that others make and remove at the same time */

enum place {
	PLACE_EMPTY,
	PLACE_RIGHT,
	PLACE_STALE,	/* device-mapper's, another number */
	PLACE_DANGLING, /* a link to nothing */
	PLACE_ABROAD,	/* a link that is right in another /dev */
	PLACE_TAKEN
};

static int fail(struct dmk_error *err, const char *path, const char *what)
{
	int code = -errno;

	return (dmk_fail_word)(err, code, path, strlen(path), 0, "%s", what);
}

/* DIR/NAME and whatever `more` is to be written behind it. Twice in each create and remove, where
 * snprintf() would be most of what the library adds to the requests. */
static int path_in(const struct dmk_node *node, const char *name, size_t more, char *path)
{
	size_t dir = strlen(node->dir), length = strlen(name);

	if (dir + length + more + sizeof("/") > PATH_SIZE) {
		path[0] = '\0';
		return -ENAMETOOLONG;
	}
	memcpy(path, node->dir, dir);
	path[dir] = '/';
	memcpy(path + dir + 1, name, length + 1);
	return 0;
}

static int node_path(const struct dmk_node *node, char *path)
{
	return path_in(node, node->name, 0, path);
}

/* A temporary name in DIR, which no one else has. */
static int temporary_path(const struct dmk_node *node, char *path)
{
	char name[DMK_TEMPORARY_LENGTH + 1];

	dmk_temporary_name(name);
	return path_in(node, name, 0, path);
}

static bool is_device(const struct stat *st, const struct dmk_node *node)
{
	return S_ISBLK(st->st_mode) && st->st_rdev == makedev(node->major, node->minor);
}

/* A link as udev's, to the device by its kernel name. */
static bool names_device(const char *path, const struct dmk_node *node)
{
	char link[64], name[32];
	ssize_t n = readlink(path, link, sizeof(link));
	size_t length = (size_t)snprintf(name, sizeof(name), "/dm-%u", node->minor);

	return n >= (ssize_t)length && (size_t)n < sizeof(link) &&
	       memcmp(link + n - length, name, length) == 0;
}

bool dmk_link_is_abroad(const char *dir, const struct stat *link)
{
	char above[PATH_SIZE];
	struct stat st;

	snprintf(above, sizeof(above), "%s/..", dir);
	return stat(above, &st) == 0 && st.st_dev != link->st_dev;
}

static int look(const struct dmk_node *node, const char *path, struct stat *st,
		enum place *ret_place)
{
	struct stat target;

	if (lstat(path, st) < 0) {
		*ret_place = PLACE_EMPTY;
		return errno == ENOENT ? 0 : -errno;
	}
	if (S_ISLNK(st->st_mode)) {
		bool there = stat(path, &target) == 0;

		/* Any other failure leaves open whose link it is. */
		if (!there && errno != ENOENT && errno != ENOTDIR && errno != ELOOP)
			return -errno;
		if (there)
			*ret_place = is_device(&target, node) ? PLACE_RIGHT : PLACE_TAKEN;
		else if (names_device(path, node) && dmk_link_is_abroad(node->dir, st))
			*ret_place = PLACE_ABROAD;
		else
			*ret_place = PLACE_DANGLING;
		return 0;
	}
	if (is_device(st, node))
		*ret_place = PLACE_RIGHT;
	else if (S_ISBLK(st->st_mode) && major(st->st_rdev) == node->major)
		*ret_place = PLACE_STALE;
	else
		*ret_place = PLACE_TAKEN;
	return 0;
}

static const char *kind_name(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return "a file";
	case S_IFDIR:
		return "a directory";
	case S_IFLNK:
		return "a symbolic link to something else";
	case S_IFBLK:
		return "the node of a device that is not device-mapper's";
	case S_IFCHR:
		return "a character device";
	case S_IFIFO:
		return "a FIFO";
	default:
		return "a socket";
	}
}

/* Unlinks what this call made under its temporary name, if that is what stands there. */
static void drop_temporary(const struct dmk_node *node, const char *path)
{
	struct stat st;

	if (lstat(path, &st) == 0 && (is_device(&st, node) || S_ISLNK(st.st_mode)))
		unlink(path);
}

/* The folder is made where it is missing: a guest without udev may have none. */
static int make_special(const struct dmk_node *node, const char *path)
{
	uint32_t mode = node->mode ? node->mode : 0600;
	dev_t dev = makedev(node->major, node->minor);
	bool made_dir = false;

	while (mknod(path, S_IFBLK | mode, dev) < 0) {
		if (errno != ENOENT || made_dir)
			return -errno;
		made_dir = true;
		if (dmk_make_folder(node->dir) < 0)
			return -errno;
	}
	/* The umask may have taken bits away. */
	if (chmod(path, mode) < 0 ||
	    ((node->uid || node->gid) && chown(path, node->uid, node->gid) < 0)) {
		int r = -errno;

		drop_temporary(node, path);
		return r;
	}
	return 0;
}

/* As udev does it, where the kernel (devtmpfs) or udev has made the node that it leads to. */
static int make_link(const struct dmk_node *node, const char *path)
{
	char link[32], device[PATH_SIZE];
	struct stat st;

	snprintf(link, sizeof(link), "../dm-%u", node->minor);
	snprintf(device, sizeof(device), "%s/%s", node->dir, link);
	if (stat(device, &st) < 0) {
		if (errno != ENOENT)
			return -errno;
		st.st_mode = 0;
	}
	if (!is_device(&st, node))
		return make_special(node, path);
	return symlink(link, path) < 0 ? -errno : 0;
}

/* A name that is taken is somebody's, of another pid namespace perhaps: the next one is tried. */
static int make_temporary(const struct dmk_node *node, char *path)
{
	int r = -EEXIST;

	for (int tries = 0; r == -EEXIST && tries < MOST_TRIES; tries++) {
		r = temporary_path(node, path);
		if (r == 0)
			r = node->linked ? make_link(node, path) : make_special(node, path);
	}
	return r;
}

/* rename() that does not replace. Some file systems cannot: there link() does the same in two
 * steps. */
static int rename_new(const char *from, const char *to)
{
	if (syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -errno;
	if (link(from, to) < 0)
		return -errno;
	if (unlink(from) < 0) {
		int r = -errno;

		unlink(to);
		return r;
	}
	return 0;
}

/* -EEXIST: something else than what was seen is at path, or nothing. */
static int check_same(const char *path, const struct stat *seen)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? -EEXIST : -errno;
	return st.st_dev == seen->st_dev && st.st_ino == seen->st_ino &&
			       st.st_mode == seen->st_mode && st.st_rdev == seen->st_rdev
		       ? 0
		       : -EEXIST;
}

/* Puts `from` in the place of what was seen at `to`, which is unlinked. What came there meanwhile
 * instead keeps its place: -EEXIST. */
static int rename_over(const char *from, const char *to, const struct stat *seen)
{
	int r;

	if (syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, EXCHANGE) < 0) {
		if (errno != EINVAL && errno != ENOSYS)
			return -errno;
		/* Some file systems cannot: the best is to look just before. */
		r = check_same(to, seen);
		return r == 0 && rename(from, to) < 0 ? -errno : r;
	}
	r = check_same(from, seen);
	if (r == 0 && unlink(from) < 0 && errno != ENOENT)
		r = -errno;
	if (r < 0 && syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, EXCHANGE) < 0 &&
	    r == -EEXIST)
		r = -errno; /* not to be tried again */
	return r;
}

/* Makes it under a temporary name and moves it to path: over what was seen there, NULL: where
 * nothing is. -EAGAIN: another node has come, what was there is gone, or the temporary one is. */
static int make_and_move(const struct dmk_node *node, const char *path, const struct stat *seen)
{
	char temporary[PATH_SIZE];
	int r = make_temporary(node, temporary);

	if (r < 0)
		return r;
	r = seen ? rename_over(temporary, path, seen) : rename_new(temporary, path);
	if (r < 0)
		drop_temporary(node, temporary);
	return r == -EEXIST || r == -ENOENT ? -EAGAIN : r;
}

/*
 * Nothing stands in its place, as a rule, and what is made there at once is whole: an own node for
 * root alone. 0: it is; -EAGAIN: it is to be looked what stands there.
 */
static int make_in_place(const struct dmk_node *node, const char *path)
{
	struct stat st;

	if (node->linked || node->uid || node->gid || (node->mode && node->mode != 0600) ||
	    mknod(path, S_IFBLK | 0600, makedev(node->major, node->minor)) < 0)
		return -EAGAIN;
	if (lstat(path, &st) < 0 || !is_device(&st, node))
		return -EAGAIN;
	/* The umask may have taken bits away. */
	return (st.st_mode & 0777) == 0600 ? 0 : make_and_move(node, path, &st);
}

/* One look, and one try. -EAGAIN: somebody else was there between the two. */
static int make_once(const struct dmk_node *node, const char *path, bool *ret_made, bool *ret_taken,
		     struct stat *ret_seen)
{
	enum place place;
	int r = look(node, path, ret_seen, &place);

	if (r < 0)
		return r;
	*ret_taken = (place == PLACE_TAKEN || place == PLACE_DANGLING) &&
		     !(node->linked && S_ISLNK(ret_seen->st_mode));
	*ret_made = false;
	if (*ret_taken)
		return -EEXIST;
	if (place == PLACE_RIGHT || place == PLACE_ABROAD)
		return 0;
	r = make_and_move(node, path, place == PLACE_EMPTY ? NULL : ret_seen);
	*ret_made = r == 0;
	return r;
}

/* Devices that have no node, and get none. */
static bool is_without(const struct dmk_node *node)
{
	return node->going || dmk_name_has_no_node(node->name);
}

int dmk_node_make(const struct dmk_node *node, bool *ret_made, struct dmk_error *err)
{
	bool made = false, taken = false;
	char path[PATH_SIZE];
	struct stat seen;
	int r = node_path(node, path), tries = 0;

	if (ret_made)
		*ret_made = false;
	if (is_without(node))
		return 0;
	if (r == 0)
		r = make_in_place(node, path);
	made = r == 0;
	/* What came meanwhile is looked at, and accepted where it is right. */
	if (r == -EAGAIN)
		do
			r = make_once(node, path, &made, &taken, &seen);
		while (r == -EAGAIN && ++tries < MOST_TRIES);
	if (taken)
		return (dmk_fail_word)(err, -EEXIST, path, strlen(path), 0,
				       "%s stands in the node's place", kind_name(seen.st_mode));
	if (r < 0) {
		errno = -r;
		return fail(err, path, "the node could not be made");
	}
	if (ret_made)
		*ret_made = made;
	return 0;
}

bool dmk_node_is_right(const struct dmk_node *node)
{
	char path[PATH_SIZE];
	enum place place;
	struct stat st;

	if (is_without(node))
		return true;
	return node_path(node, path) == 0 && look(node, path, &st, &place) == 0 &&
	       place == PLACE_RIGHT;
}

bool dmk_node_is_there(const struct dmk_node *node)
{
	char path[PATH_SIZE];
	struct stat st;

	return !dmk_name_has_no_node(node->name) && node_path(node, path) == 0 &&
	       (lstat(path, &st) == 0 || errno != ENOENT);
}

int dmk_node_own(const struct dmk_node *node, struct dmk_error *err)
{
	char path[PATH_SIZE];
	int r = node_path(node, path);

	if (is_without(node))
		return 0;
	if (r == 0 && ((node->mode && chmod(path, node->mode) < 0) ||
		       ((node->uid || node->gid) && chown(path, node->uid, node->gid) < 0)))
		return fail(err, path, "owner and mode could not be set");
	return r;
}

void dmk_node_look(const struct dmk_node *node, struct dmk_node_saved *ret_saved)
{
	char path[PATH_SIZE];
	struct stat st;

	*ret_saved = (struct dmk_node_saved){ 0 };
	if (dmk_name_has_no_node(node->name) || node_path(node, path) < 0 || lstat(path, &st) < 0 ||
	    !is_device(&st, node))
		return;
	ret_saved->was_node = true;
	ret_saved->mode = st.st_mode & 07777;
	ret_saved->uid = st.st_uid;
	ret_saved->gid = st.st_gid;
}

int dmk_node_remove(const struct dmk_node *node, struct dmk_node_saved *ret_saved,
		    struct dmk_error *err)
{
	struct dmk_node_saved saved = { 0 };
	char path[PATH_SIZE];
	enum place place;
	struct stat st;
	ssize_t n;
	int r;

	if (dmk_name_has_no_node(node->name)) {
		*ret_saved = saved;
		return 0;
	}
	r = node_path(node, path);
	if (r == 0)
		r = look(node, path, &st, &place);
	if (r < 0) {
		errno = -r;
		return fail(err, path, "the node could not be looked at");
	}
	if (place == PLACE_RIGHT && S_ISLNK(st.st_mode) && node->keep_links)
		place = PLACE_TAKEN;
	if (place == PLACE_DANGLING && node->linked && names_device(path, node)) {
		saved.was_link = true; /* it has no way back */
	} else if (place == PLACE_RIGHT && S_ISLNK(st.st_mode)) {
		n = readlink(path, saved.link, sizeof(saved.link));
		if (n < 0)
			return fail(err, path, "the link could not be read");
		/* A link too long to remember is none of udev's: it stays. */
		saved.was_link = n > 0 && (size_t)n < sizeof(saved.link);
		if (saved.was_link)
			saved.link[n] = '\0';
	} else if (place == PLACE_RIGHT) {
		saved.was_node = true;
		saved.mode = st.st_mode & 07777;
		saved.uid = st.st_uid;
		saved.gid = st.st_gid;
	}
	if ((saved.was_node || saved.was_link) && unlink(path) < 0 && errno != ENOENT)
		return fail(err, path, "the node could not be removed");
	*ret_saved = saved;
	return 0;
}

int dmk_node_restore(const struct dmk_node *node, const struct dmk_node_saved *saved,
		     struct dmk_error *err)
{
	struct dmk_node again = *node;
	char path[PATH_SIZE];
	int r;

	if (saved->was_node) {
		again.going = false; /* it was there before */
		again.mode = saved->mode;
		again.uid = saved->uid;
		again.gid = saved->gid;
		return dmk_node_make(&again, NULL, err);
	}
	if (saved->was_link) {
		r = node_path(node, path);
		if (r == 0 && symlink(saved->link, path) < 0 && errno != EEXIST)
			return fail(err, path, "the link could not be made again");
		return r;
	}
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * One walk over /proc. For each process two links (its mount namespace, its root) and its open
 * files until the first that is the device; mountinfo is read once for each namespace and root, and
 * the command's name only of those who hold.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "holders.h"

/* PROC_PID_INIT_INO: the number of the first pid namespace, the same in every kernel since 3.8. */
#define FIRST_PID_NAMESPACE "pid:[4026531836]"

struct walk {
	struct dmk_holders *holders;
	int proc;	/* fd of /proc */
	uint64_t *seen; /* a number of each namespace and root that was read */
	uint32_t n_seen;
	uint32_t capacity;
};

/* 64 bits of two texts: FNV-1a. */
static uint64_t mix(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
	return (hash ^ '\n') * UINT64_C(1099511628211);
}

static int read_link(const struct walk *walk, const char *who, const char *what, char *text,
		     size_t size)
{
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "%s/%s", who, what);
	n = readlinkat(walk->proc, path, text, size - 1);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	return 0;
}

static bool ended(int r)
{
	return r == -ENOENT || r == -ESRCH || r == -EINVAL;
}

/* 1: this namespace, from this root, was not read yet. */
static int is_new(struct walk *walk, uint64_t key)
{
	uint32_t capacity = walk->capacity ? 2 * walk->capacity : 16;
	uint64_t *seen;

	for (uint32_t i = walk->n_seen; i > 0; i--)
		if (walk->seen[i - 1] == key)
			return 0;
	if (walk->n_seen == walk->capacity) {
		seen = realloc(walk->seen, capacity * sizeof(*seen));
		if (!seen)
			return -ENOMEM;
		walk->seen = seen;
		walk->capacity = capacity;
	}
	return 1;
}

/* mountinfo shows what can be reached from the process's root alone: so that counts as well. */
static int look_at_namespace(struct walk *walk, const char *who, int32_t pid)
{
	char namespace[64], root[4096];
	uint64_t key;
	int r = read_link(walk, who, "ns/mnt", namespace, sizeof(namespace));

	if (r == 0)
		r = read_link(walk, who, "root", root, sizeof(root));
	if (r < 0)
		return r;
	key = mix(mix(UINT64_C(14695981039346656037), namespace), root);
	r = is_new(walk, key);
	if (r <= 0)
		return r;
	r = dmk_find_mounts(walk->holders, pid);
	if (r == 0)
		walk->seen[walk->n_seen++] = key;
	return r;
}

static int add_opener(struct dmk_holders *holders, int32_t pid)
{
	struct dmk_found *found = dmk_add_holder(holders);

	if (!found)
		return -ENOMEM;
	found->holder.kind = DMK_HOLDER_OPEN;
	found->holder.pid = pid;
	dmk_command_of(holders, pid, found->holder.name, sizeof(found->holder.name));
	return 0;
}

static int look_at_files(struct walk *walk, const char *who, int32_t pid)
{
	struct dirent *entry;
	char path[64];
	int held = 0, unseen = 0;
	DIR *dir;
	int fd;

	snprintf(path, sizeof(path), "%s/fd", who);
	fd = openat(walk->proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return -ENOMEM;
	}
	while (held != 1 && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		held = dmk_is_held_path(walk->holders, fd, entry->d_name);
		if (held < 0 && !ended(held)) /* closed meanwhile */
			unseen = held;
	}
	closedir(dir);
	return held == 1 ? add_opener(walk->holders, pid) : unseen;
}

/* A process that ends while it is looked at is none; one that may not be looked at is counted. */
static int look_at_process(struct walk *walk, const char *who, int32_t pid)
{
	struct dmk_holders_scope *scope = &walk->holders->scope;
	int mounts = look_at_namespace(walk, who, pid);
	int files = mounts == -ENOMEM ? 0 : look_at_files(walk, who, pid);

	if (mounts == -ENOMEM || files == -ENOMEM)
		return -ENOMEM;
	if (ended(files))
		return 0;
	scope->processes++;
	if (files < 0 || (mounts < 0 && !ended(mounts)))
		scope->processes_unseen++;
	return 0;
}

static int walk_all(struct walk *walk, DIR *dir)
{
	struct dmk_holders *holders = walk->holders;
	char namespace[64] = "";
	struct dirent *entry;
	bool first = false;
	uint64_t pid;
	int r = 0;

	/* This process's own first: those mounts can be taken away from here. */
	r = look_at_namespace(walk, "self", 0);
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		holders->scope.places_unseen++;
	r = 0;
	while (r == 0 && (entry = readdir(dir))) {
		if (dmk_parse_u64(entry->d_name, strlen(entry->d_name), INT32_MAX, &pid) < 0)
			continue;
		first = first || pid == 1;
		r = look_at_process(walk, entry->d_name, (int32_t)pid);
	}
	/* There is always a process 1: who cannot see it (hidepid) does not see all; nor does one
	 * in a pid namespace of its own. */
	if (!first || (read_link(walk, "self", "ns/pid", namespace, sizeof(namespace)) == 0 &&
		       strcmp(namespace, FIRST_PID_NAMESPACE) != 0))
		holders->scope.flags |= DMK_HOLDERS_SOME_HIDDEN;
	return r;
}

int dmk_walk_processes(struct dmk_holders *holders)
{
	struct walk walk = { .holders = holders };
	DIR *dir = opendir(holders->proc);
	int r;

	if (!dir) {
		holders->scope.flags |= DMK_HOLDERS_SOME_HIDDEN;
		return errno == ENOMEM ? -ENOMEM : 0;
	}
	walk.proc = dirfd(dir);
	r = walk_all(&walk, dir);
	free(walk.seen);
	closedir(dir);
	return r;
}

void dmk_command_of(const struct dmk_holders *holders, int32_t pid, char *name, size_t size)
{
	char path[256], line[64];

	snprintf(path, sizeof(path), "%s/%d/comm", holders->proc, pid);
	dmk_read_line(path, line, sizeof(line));
	dmk_copy_text(name, size, line);
}

/* SPDX-License-Identifier: MIT */
#include "memfs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#define MOST 64
#define UMASK 022 /* not this process's: tests are the same whatever that is */

struct entry {
	char path[600]; /* "": free */
	char link[256];
	mode_t mode;
	dev_t dev;
	uid_t uid;
	gid_t gid;
};

static struct entry entries[MOST];

bool memfs_has(const char *path)
{
	return strncmp(path, MEMFS, strlen(MEMFS)) == 0;
}

static struct entry *find(const char *path)
{
	for (size_t i = 0; i < MOST; i++)
		if (entries[i].path[0] && strcmp(entries[i].path, path) == 0)
			return &entries[i];
	return NULL;
}

static bool has_parent(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct entry *dir;
	char parent[600];

	snprintf(parent, sizeof(parent), "%.*s", (int)(slash - path), path);
	if (strcmp(parent, "/memfs") == 0)
		return true;
	dir = find(parent);
	return dir && S_ISDIR(dir->mode);
}

/* A new entry: where nothing stands and its folder is there. */
static int add(const char *path, mode_t mode, struct entry **ret_entry)
{
	if (find(path))
		return -EEXIST;
	if (!has_parent(path))
		return -ENOENT;
	for (size_t i = 0; i < MOST; i++) {
		if (entries[i].path[0])
			continue;
		entries[i] = (struct entry){ .mode = mode };
		snprintf(entries[i].path, sizeof(entries[i].path), "%s", path);
		*ret_entry = &entries[i];
		return 0;
	}
	return -ENOSPC;
}

void memfs_reset(bool dir)
{
	memset(entries, 0, sizeof(entries));
	if (dir && memfs_mkdir(MEMFS_DIR) < 0)
		abort();
}

int memfs_mknod(const char *path, mode_t mode, dev_t dev)
{
	struct entry *entry;
	int r = add(path, (mode & S_IFMT) | (mode & 07777 & ~UMASK), &entry);

	if (r == 0)
		entry->dev = dev;
	return r;
}

int memfs_mkdir(const char *path)
{
	struct entry *entry;

	return add(path, S_IFDIR | 0755, &entry);
}

int memfs_symlink(const char *to, const char *path)
{
	struct entry *entry;
	int r = add(path, S_IFLNK | 0777, &entry);

	if (r == 0)
		snprintf(entry->link, sizeof(entry->link), "%s", to);
	return r;
}

ssize_t memfs_readlink(const char *path, char *buf, size_t size)
{
	struct entry *entry = find(path);
	size_t length;

	if (!entry)
		return -ENOENT;
	if (!S_ISLNK(entry->mode))
		return -EINVAL;
	length = strlen(entry->link);
	if (length > size)
		length = size;
	memcpy(buf, entry->link, length);
	return (ssize_t)length;
}

static int fill(const struct entry *entry, struct stat *st)
{
	if (!entry)
		return -ENOENT;
	memset(st, 0, sizeof(*st));
	st->st_ino = (ino_t)(entry - entries) + 1;
	st->st_mode = entry->mode;
	st->st_rdev = entry->dev;
	st->st_uid = entry->uid;
	st->st_gid = entry->gid;
	return 0;
}

int memfs_lstat(const char *path, struct stat *st)
{
	return fill(find(path), st);
}

/* A link leads to an absolute path, or to one beside its folder ("../dm-0", as udev's do). */
int memfs_stat(const char *path, struct stat *st)
{
	static const char up[] = MEMFS_DIR "/../";
	const struct entry *entry = find(path);
	char target[600];

	if (strncmp(path, up, strlen(up)) == 0) {
		snprintf(target, sizeof(target), MEMFS "%s", path + strlen(up));
		return memfs_stat(target, st);
	}
	if (!entry || !S_ISLNK(entry->mode))
		return fill(entry, st);
	if (strncmp(entry->link, "../", 3) == 0)
		snprintf(target, sizeof(target), "/memfs/%.255s", entry->link + 3);
	else
		snprintf(target, sizeof(target), "%s", entry->link);
	return fill(find(target), st);
}

int memfs_chmod(const char *path, mode_t mode)
{
	struct entry *entry = find(path);

	if (!entry)
		return -ENOENT;
	entry->mode = (entry->mode & S_IFMT) | (mode & 07777);
	return 0;
}

int memfs_chown(const char *path, uid_t uid, gid_t gid)
{
	struct entry *entry = find(path);

	if (!entry)
		return -ENOENT;
	entry->uid = uid;
	entry->gid = gid;
	return 0;
}

int memfs_unlink(const char *path)
{
	struct entry *entry = find(path);

	if (!entry)
		return -ENOENT;
	if (S_ISDIR(entry->mode))
		return -EISDIR;
	entry->path[0] = '\0';
	return 0;
}

int memfs_link(const char *from, const char *to)
{
	struct entry *old = find(from), *entry;
	int r = old ? add(to, old->mode, &entry) : -ENOENT;

	if (r < 0)
		return r;
	entry->dev = old->dev;
	entry->uid = old->uid;
	entry->gid = old->gid;
	memcpy(entry->link, old->link, sizeof(entry->link));
	return 0;
}

int memfs_rename(const char *from, const char *to, bool replace)
{
	struct entry *old = find(from), *there = find(to);

	if (!old || !has_parent(to))
		return -ENOENT;
	if (there && !replace)
		return -EEXIST;
	if (there && S_ISDIR(there->mode))
		return -EISDIR;
	if (there)
		there->path[0] = '\0';
	snprintf(old->path, sizeof(old->path), "%s", to);
	return 0;
}

int memfs_exchange(const char *one, const char *other)
{
	struct entry *a = find(one), *b = find(other);

	if (!a || !b)
		return -ENOENT;
	snprintf(a->path, sizeof(a->path), "%s", other);
	snprintf(b->path, sizeof(b->path), "%s", one);
	return 0;
}

int memfs_unlink_all(const char *prefix)
{
	int n = 0;

	for (size_t i = 0; i < MOST; i++) {
		if (strncmp(entries[i].path, prefix, strlen(prefix)) != 0)
			continue;
		entries[i].path[0] = '\0';
		n++;
	}
	return n;
}

static int by_path(const void *a, const void *b)
{
	const struct entry *const *left = a, *const *right = b;

	return strcmp((*left)->path, (*right)->path);
}

char *memfs_dump(void)
{
	const struct entry *sorted[MOST];
	char *text = NULL;
	size_t size = 0, n = 0;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; i < MOST; i++)
		if (entries[i].path[0] && !S_ISDIR(entries[i].mode))
			sorted[n++] = &entries[i];
	qsort(sorted, n, sizeof(sorted[0]), by_path);
	for (size_t i = 0; i < n; i++)
		fprintf(out, "%s %o %u:%u %u %u %s\n", sorted[i]->path, sorted[i]->mode,
			major(sorted[i]->dev), minor(sorted[i]->dev), sorted[i]->uid,
			sorted[i]->gid, sorted[i]->link);
	fclose(out);
	return text;
}

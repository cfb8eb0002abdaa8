/* SPDX-License-Identifier: MIT */
/*
 * One walk over /proc. For each process its mount namespace and root, its open files, the folder
 * that it is in, its program, and the files that it has mapped; mountinfo is read once for each
 * namespace and root, and the command's name only of those who hold.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "holders.h"

#define FILES_PER_LOOK 256 /* at the clock */

/* What this process has of one device: each kind is told once. */
struct had {
	int32_t pid;
	uint32_t kinds; /* 1 << DMK_HOLDER_* */
};

struct walk {
	struct dmk_holders *holders;
	int proc;	     /* fd of /proc */
	struct dmk_set seen; /* namespaces and roots that were read */
	struct had *had;     /* of each owner */
	char name[DMK_NAME_SIZE];
	int32_t named; /* whose name that is */
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
	if (dmk_set_has(&walk->seen, key))
		return 0;
	r = dmk_find_mounts(walk->holders, pid);
	return r == 0 ? dmk_set_add(&walk->seen, key) : r;
}

/* The process has held, in a way of this kind. */
static int add_process(struct walk *walk, int32_t pid, const struct dmk_held *held, uint32_t kind)
{
	struct had *had = &walk->had[held->owner];
	struct dmk_found *found;

	if (had->pid != pid)
		*had = (struct had){ .pid = pid };
	if (had->kinds & UINT32_C(1) << kind)
		return 0;
	found = dmk_add_holder(walk->holders, held->owner, kind);
	if (!found)
		return -ENOMEM;
	had->kinds |= UINT32_C(1) << kind;
	if (walk->named != pid)
		dmk_command_of(walk->holders, pid, walk->name, sizeof(walk->name));
	walk->named = pid;
	memcpy(found->holder.name, walk->name, sizeof(walk->name));
	found->holder.pid = pid;
	if (kind != DMK_HOLDER_OPEN) {
		found->holder.major = held->number.major;
		found->holder.minor = held->number.minor;
	}
	return 0;
}

static int add_place(struct walk *walk, int32_t pid, const struct dmk_place *place, uint32_t kind)
{
	int r = 0;

	if (place->node && kind == DMK_HOLDER_FILE)
		r = add_process(walk, pid, place->node, DMK_HOLDER_OPEN);
	if (r == 0 && place->below)
		r = add_process(walk, pid, place->below, kind);
	return r;
}

/* Nothing more is to be found among its open files. */
static bool has_all(const struct walk *walk, int32_t pid)
{
	const uint32_t both = 1u << DMK_HOLDER_OPEN | 1u << DMK_HOLDER_FILE;

	return walk->holders->n_owners == 1 && walk->had[0].pid == pid &&
	       (walk->had[0].kinds & both) == both;
}

static int look_at_files(struct walk *walk, const char *who, int32_t pid)
{
	struct dirent *entry;
	struct dmk_place place;
	char path[64];
	int r = 0, unseen = 0;
	uint32_t n = 0;
	DIR *dir;
	int fd;

	snprintf(path, sizeof(path), "%s/fd", who);
	fd = openat(walk->proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	dir = fdopendir(fd);
	if (!dir) {
		/* It looks at the folder, which since Linux 6.2 fails once the process has ended.
		 */
		r = -errno;
		close(fd);
		return r;
	}
	while (r == 0 && !has_all(walk, pid) && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		if (++n % FILES_PER_LOOK == 0 && dmk_holders_over(walk->holders))
			break;
		r = dmk_look_at_path(walk->holders, fd, entry->d_name, &place);
		if (r == 0) {
			r = add_place(walk, pid, &place, DMK_HOLDER_FILE);
		} else {
			if (!ended(r)) /* else closed meanwhile */
				unseen = r;
			r = 0;
		}
	}
	closedir(dir);
	return r < 0 ? r : unseen;
}

/* Its folder, root and program; a kernel thread has no program. */
static int look_at_links(struct walk *walk, const char *who, int32_t pid)
{
	static const struct {
		const char *name;
		uint32_t kind;
	} links[] = {
		{ "cwd", DMK_HOLDER_CWD },
		{ "root", DMK_HOLDER_ROOT },
		{ "exe", DMK_HOLDER_EXE },
	};
	struct dmk_place place;
	char path[64];
	int unseen = 0;

	for (size_t i = 0; i < DMK_ARRAY_SIZE(links); i++) {
		int r;

		snprintf(path, sizeof(path), "%s/%s", who, links[i].name);
		r = dmk_look_at_path(walk->holders, walk->proc, path, &place);
		if (r == 0) {
			r = add_place(walk, pid, &place, links[i].kind);
			if (r < 0)
				return r;
		} else if (!ended(r)) {
			unseen = r;
		}
	}
	return unseen;
}

static uint32_t take_hex(const char **s)
{
	uint32_t value = 0;
	int digit;

	for (; (digit = dmk_hex_digit(**s)) >= 0; (*s)++)
		value = value << 4 | (uint32_t)digit;
	return value;
}

/* "FROM-TO PERMISSIONS OFFSET MAJOR:MINOR INODE PATH", numbers in hexadecimal. */
static const struct dmk_held *held_by_mapping(const struct dmk_holders *holders, const char *line)
{
	uint32_t major;

	for (int word = 0; word < 3; word++) {
		line = strchr(line, ' ');
		if (!line++)
			return NULL;
	}
	major = take_hex(&line);
	return *line++ == ':' ? dmk_find_held(holders, major, take_hex(&line)) : NULL;
}

/* Waits for I/O: who may have its memory locked meanwhile, so that its list would not end. */
static bool is_waiting(const struct walk *walk, int32_t pid)
{
	char path[256], line[128];
	const char *state;

	snprintf(path, sizeof(path), "%s/%d/stat", walk->holders->proc, pid);
	dmk_read_line(path, line, sizeof(line));
	state = strrchr(line, ')'); /* the command's name before it may be any */
	return state && strncmp(state, ") D", 3) == 0;
}

/* Files that were mapped and closed since, libraries among them. The program itself is told. */
static int look_at_maps(struct walk *walk, int32_t pid)
{
	char path[256], *line = NULL;
	size_t size = 0;
	uint32_t n = 0;
	FILE *file;
	int r = 0;

	if (is_waiting(walk, pid))
		return walk->named == pid ? 0 : -EAGAIN; /* one that is named already, or unseen */
	snprintf(path, sizeof(path), "%s/%d/maps", walk->holders->proc, pid);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	while (r == 0 && getline(&line, &size, file) > 0) {
		const struct dmk_held *held = held_by_mapping(walk->holders, line);

		if (++n % FILES_PER_LOOK == 0 && dmk_holders_over(walk->holders))
			break;
		if (held && !(walk->had[held->owner].pid == pid &&
			      walk->had[held->owner].kinds & 1u << DMK_HOLDER_EXE))
			r = add_process(walk, pid, held, DMK_HOLDER_MAP);
	}
	free(line);
	fclose(file);
	return r;
}

/* A process that ends while it is looked at is none; one that may not be looked at is counted. */
static int look_at_process(struct walk *walk, const char *who, int32_t pid)
{
	struct dmk_holders_scope *scope = &walk->holders->scope;
	int looks[4] = { 0 };
	bool unseen = false;

	looks[0] = look_at_namespace(walk, who, pid);
	if (looks[0] != -ENOMEM)
		looks[1] = look_at_files(walk, who, pid);
	if (ended(looks[1]))
		return 0;
	if (looks[0] != -ENOMEM && looks[1] == 0) {
		looks[2] = look_at_links(walk, who, pid);
		if (looks[2] != -ENOMEM)
			looks[3] = look_at_maps(walk, pid);
	}
	for (size_t i = 0; i < DMK_ARRAY_SIZE(looks); i++) {
		if (looks[i] == -ENOMEM)
			return -ENOMEM;
		unseen = unseen || (looks[i] < 0 && !ended(looks[i]));
	}
	scope->processes++;
	scope->processes_unseen += unseen;
	return 0;
}

static int walk_all(struct walk *walk, DIR *dir)
{
	struct dmk_holders *holders = walk->holders;
	char namespace[64] = "";
	struct dirent *entry;
	bool first = false;
	uint64_t pid;
	int r;

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
		if (dmk_holders_over(holders))
			return 0;
		first = first || pid == 1;
		r = look_at_process(walk, entry->d_name, (int32_t)pid);
	}
	/* There is always a process 1: who cannot see it (hidepid) does not see all; nor does one
	 * in a pid namespace of its own. */
	if (!first || (read_link(walk, "self", "ns/pid", namespace, sizeof(namespace)) == 0 &&
		       strcmp(namespace, DMK_FIRST_PID_NAMESPACE) != 0))
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
	walk.had = calloc(holders->n_owners, sizeof(*walk.had));
	r = walk.had ? walk_all(&walk, dir) : -ENOMEM;
	free(walk.had);
	free(walk.seen.keys);
	closedir(dir);
	return r;
}

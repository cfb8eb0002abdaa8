/* SPDX-License-Identifier: MIT */
/* Mounted file systems and swap, out of the kernel's lists. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "holders.h"

/* The fields of a line of mountinfo that count here. */
struct mount {
	uint64_t id;
	uint32_t major;
	uint32_t minor;
	char *where;
	const char *source; /* NULL: the line ends before */
};

/* The next word of the line, cut off; NULL: there is none. */
static char *take_word(char **line)
{
	char *word = *line + strspn(*line, " \t\n");

	if (!*word)
		return NULL;
	*line = word + strcspn(word, " \t\n");
	if (**line)
		*(*line)++ = '\0';
	return word;
}

/* ID PARENT MAJOR:MINOR ROOT MOUNTPOINT OPTIONS [TAG]... - TYPE SOURCE OPTIONS */
static bool parse_mount(char *line, struct mount *ret_mount)
{
	const char *id = take_word(&line);
	const char *parent = id ? take_word(&line) : NULL;
	const char *number = parent ? take_word(&line) : NULL;
	const char *root = number ? take_word(&line) : NULL;
	char *where = root ? take_word(&line) : NULL;
	const char *word;

	if (!where || dmk_parse_u64(id, strlen(id), UINT64_MAX, &ret_mount->id) < 0 ||
	    !dmk_parse_devno(number, &ret_mount->major, &ret_mount->minor))
		return false;
	ret_mount->where = where;
	while ((word = take_word(&line)) && strcmp(word, "-") != 0)
		;
	word = word ? take_word(&line) : NULL;
	ret_mount->source = word ? take_word(&line) : NULL;
	return true;
}

static bool is_known(const struct dmk_holders *holders, uint64_t mount_id)
{
	for (uint32_t i = 0; i < holders->n_found; i++)
		if (holders->found[i].holder.kind == DMK_HOLDER_MOUNT &&
		    holders->found[i].mount_id == mount_id)
			return true;
	return false;
}

static bool is_ours(const struct dmk_holders *holders, const struct mount *mount)
{
	if (dmk_is_held_number(holders, mount->major, mount->minor))
		return true;
	/* btrfs and the like have a number of their own: there the source is all there is. */
	return mount->major == 0 && mount->source && strncmp(mount->source, "/dev/", 5) == 0 &&
	       dmk_is_held_path(holders, AT_FDCWD, mount->source) == 1;
}

static int add_mount(struct dmk_holders *holders, int32_t pid, const struct mount *mount)
{
	struct dmk_found *found = dmk_add_holder(holders);

	if (!found)
		return -ENOMEM;
	found->mount_id = mount->id;
	found->holder.kind = DMK_HOLDER_MOUNT;
	found->holder.major = mount->major;
	found->holder.minor = mount->minor;
	found->holder.pid = pid;
	if (pid)
		dmk_command_of(holders, pid, found->holder.name, sizeof(found->holder.name));
	dmk_unescape(mount->where);
	dmk_copy_text(found->holder.where, sizeof(found->holder.where), mount->where);
	return 0;
}

int dmk_find_mounts(struct dmk_holders *holders, int32_t pid)
{
	char path[256], *line = NULL;
	struct mount mount;
	size_t size = 0;
	FILE *file;
	int r = 0;

	if (pid)
		snprintf(path, sizeof(path), "%s/%d/mountinfo", holders->proc, pid);
	else
		snprintf(path, sizeof(path), "%s/self/mountinfo", holders->proc);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	while (r == 0 && getline(&line, &size, file) > 0)
		if (parse_mount(line, &mount) && is_ours(holders, &mount) &&
		    !is_known(holders, mount.id))
			r = add_mount(holders, pid, &mount);
	free(line);
	fclose(file);
	return r;
}

static int add_swap(struct dmk_holders *holders, const char *path)
{
	struct dmk_found *found = dmk_add_holder(holders);

	if (!found)
		return -ENOMEM;
	found->holder.kind = DMK_HOLDER_SWAP;
	dmk_copy_text(found->holder.where, sizeof(found->holder.where), path);
	return 0;
}

/* FILENAME TYPE SIZE USED PRIORITY, under a heading; a swap file shows up as its mount. */
int dmk_find_swap(struct dmk_holders *holders)
{
	char path[256], *line = NULL;
	size_t size = 0;
	FILE *file;
	int r = 0;

	snprintf(path, sizeof(path), "%s/swaps", holders->proc);
	file = fopen(path, "re");
	if (!file)
		return 0; /* a kernel without swap */
	while (r == 0 && getline(&line, &size, file) > 0) {
		char *rest = line;
		char *name = take_word(&rest);
		const char *type = name ? take_word(&rest) : NULL;
		int held;

		if (!type || strcmp(type, "partition") != 0)
			continue;
		dmk_unescape(name);
		held = dmk_is_held_path(holders, AT_FDCWD, name);
		if (held < 0)
			holders->scope.places_unseen++;
		else if (held)
			r = add_swap(holders, name);
	}
	free(line);
	fclose(file);
	return r;
}

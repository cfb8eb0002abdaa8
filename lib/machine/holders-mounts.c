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

/* What of ours is mounted there; NULL: nothing. */
static const struct dmk_held *mounted(const struct dmk_holders *holders, const struct mount *mount)
{
	const struct dmk_held *held = dmk_find_held(holders, mount->major, mount->minor);
	struct dmk_place place;

	/* btrfs and the like have a number of their own: there the source is all there is. */
	if (held || mount->major || !mount->source || strncmp(mount->source, "/dev/", 5) != 0 ||
	    dmk_look_at_path(holders, AT_FDCWD, mount->source, &place) < 0)
		return held;
	return place.node;
}

/* Its files can be told by the mount alone. */
static int note_anonymous(struct dmk_holders *holders, const struct mount *mount,
			  const struct dmk_held *held)
{
	struct dmk_anonymous *all = holders->anonymous;

	all = realloc(all, (holders->n_anonymous + 1) * sizeof(*all));
	if (!all)
		return -ENOMEM;
	holders->anonymous = all;
	all[holders->n_anonymous].held = *held;
	all[holders->n_anonymous++].mount_id = mount->id;
	return 0;
}

static int add_mount(struct dmk_holders *holders, int32_t pid, const struct mount *mount,
		     const struct dmk_held *held)
{
	struct dmk_found *found;

	if (dmk_set_add(&holders->mounts, mount->id) < 0 ||
	    (mount->major == 0 && note_anonymous(holders, mount, held) < 0))
		return -ENOMEM;
	found = dmk_add_holder(holders, held->owner, DMK_HOLDER_MOUNT);
	if (!found)
		return -ENOMEM;
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
	while (r == 0 && getline(&line, &size, file) > 0) {
		const struct dmk_held *held = NULL;

		if (parse_mount(line, &mount) && !dmk_set_has(&holders->mounts, mount.id))
			held = mounted(holders, &mount);
		if (held)
			r = add_mount(holders, pid, &mount, held);
	}
	free(line);
	fclose(file);
	return r;
}

static int add_swap(struct dmk_holders *holders, uint32_t owner, const char *path)
{
	struct dmk_found *found = dmk_add_holder(holders, owner, DMK_HOLDER_SWAP);

	if (!found)
		return -ENOMEM;
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
		struct dmk_place place;

		if (!type || strcmp(type, "partition") != 0)
			continue;
		dmk_unescape(name);
		if (dmk_look_at_path(holders, AT_FDCWD, name, &place) < 0)
			holders->scope.places_unseen++;
		else if (place.node)
			r = add_swap(holders, place.node->owner, name);
	}
	free(line);
	fclose(file);
	return r;
}

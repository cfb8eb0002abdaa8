/* SPDX-License-Identifier: MIT */
/*
 * The kernel asks modprobe for "dm-TYPE", and modprobe reads the two lists that depmod wrote: files
 * of modules, and other names of them. Why it did not come is not to be had from either: what is
 * told is whether there is anything to come.
 */
#include "modules.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "dmkit.h"
#include "rows/target.h"
#include "base/util.h"

enum found {
	FOUND,
	NOT_FOUND,
	NO_LIST
};

/* For modprobe - and _ are one. */
static bool same_at(const char *text, const char *word, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if ((text[i] == '_' ? '-' : text[i]) != (word[i] == '_' ? '-' : word[i]))
			return false;
	}
	return true;
}

/* Whether the file holds the word anywhere. Half a megabyte, of which a piece is held at a time. */
static enum found search(const char *path, const char *word)
{
	DMK_CLEANUP(dmk_close_ptr) int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t length = strlen(word);
	char piece[4096];
	size_t kept = 0;
	ssize_t got;

	if (fd < 0)
		return NO_LIST;
	while ((got = read(fd, piece + kept, sizeof(piece) - kept)) > 0) {
		size_t have = kept + (size_t)got;

		for (size_t i = 0; i + length <= have; i++) {
			if (same_at(piece + i, word, length))
				return FOUND;
		}
		/* The word may stand across the end. */
		kept = have < length ? have : length - 1;
		memmove(piece, piece + have - kept, kept);
	}
	return NOT_FOUND;
}

static enum found find_module(const char *release, const char *type)
{
	static const char lists[][3][8] = { { "dep", "/", ".ko" }, { "alias", " ", " " } };
	enum found found = NOT_FOUND;

	for (size_t i = 0; i < DMK_ARRAY_SIZE(lists) && found == NOT_FOUND; i++) {
		char path[160], word[sizeof("/dm-.ko") + DMK_TYPE_SIZE];

		snprintf(path, sizeof(path), "/lib/modules/%s/modules.%s", release, lists[i][0]);
		snprintf(word, sizeof(word), "%sdm-%s%s", lists[i][1], type, lists[i][2]);
		found = search(path, word);
	}
	return found;
}

void dmk_say_no_target(const char *type, char *text, size_t size)
{
	struct utsname system;
	struct dmk_room room = { .buf = text, .size = size };
	char nearest[64];

	dmk_room_add(&room, "this kernel has no target '%s'", type);
	if (uname(&system) < 0)
		return;
	switch (find_module(system.release, type)) {
	case FOUND:
		dmk_room_add(&room, ", though there is a module dm-%s: modprobe dm-%s may say why",
			     type, type);
		break;
	case NOT_FOUND:
		dmk_nearest_target(type, nearest, sizeof(nearest));
		dmk_room_add(&room, ", and no module dm-%s%s", type, nearest);
		break;
	case NO_LIST:
		dmk_room_add(&room, ", and no module dm-%s: /lib/modules/%s has no list of modules",
			     type, system.release);
	}
}

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
#include "util.h"

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
	char path[sizeof("/lib/modules//modules.alias") + sizeof(((struct utsname *)0)->release)];
	char word[sizeof("alias dm- ") + DMK_TYPE_SIZE];
	enum found found;

	snprintf(path, sizeof(path), "/lib/modules/%s/modules.dep", release);
	snprintf(word, sizeof(word), "/dm-%.*s.ko", DMK_TYPE_SIZE - 1, type);
	found = search(path, word);
	if (found != NOT_FOUND)
		return found;
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.alias", release);
	snprintf(word, sizeof(word), "alias dm-%.*s ", DMK_TYPE_SIZE - 1, type);
	return search(path, word) == FOUND ? FOUND : NOT_FOUND;
}

void dmk_say_no_target(const char *type, bool named, char *text, size_t size)
{
	struct utsname system;
	struct dmk_room room = { .buf = text, .size = size };

	if (named)
		dmk_room_add(&room, "this kernel has no target '%s'", type);
	else
		dmk_room_add(&room, "this kernel has no such target");
	if (uname(&system) < 0)
		return;
	switch (find_module(system.release, type)) {
	case FOUND:
		dmk_room_add(&room, ", though there is a module dm-%s: modprobe dm-%s may say why",
			     type, type);
		break;
	case NOT_FOUND:
		dmk_room_add(&room, ", and no module dm-%s", type);
		break;
	case NO_LIST:
		dmk_room_add(&room, ", and no module dm-%s: /lib/modules/%s has no list of modules",
			     type, system.release);
	}
}

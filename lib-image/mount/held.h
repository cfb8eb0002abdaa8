/* SPDX-License-Identifier: MIT */
/* A device held open, found by its number: whoever makes nodes here, and whatever they are called. */
#ifndef DMK_IMAGE_HELD_H
#define DMK_IMAGE_HELD_H

#include <sys/types.h>

#include "base/util.h"

struct dmk_held {
	int fd; /* -1: none */
	dev_t number;
	bool made; /* the node at path is ours, and goes with dmk_held_close() */
	char path[64];
};

#define DMK_NOT_HELD ((struct dmk_held){ .fd = -1 })

/* usual: where its node is most likely; what has another type or number there is left alone, and a
 * node of our own is made for as long as it is held. type: S_IFBLK, S_IFCHR. */
int dmk_held_open(struct dmk_held *ret_held, const char *usual, mode_t type, dev_t number,
		  int flags) DMK_MUST_CHECK;
void dmk_held_close(struct dmk_held *held);

/* digits hex digits that nobody else has, and a NUL. */
void dmk_random_hex(char *text, size_t digits);

#endif

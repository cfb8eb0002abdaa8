/* SPDX-License-Identifier: MIT */
/*
 * The C library's functions as the library under test sees them, by the linker's --wrap: each call
 * is one event in a sequence, any event can be made to fail, memory is counted, and paths below
 * MEMFS are memfs.c's.
 */
#ifndef DMK_TEST_WRAPS_H
#define DMK_TEST_WRAPS_H

#include <stdbool.h>

enum wrap_site {
	SITE_MALLOC,
	SITE_CALLOC,
	SITE_REALLOC,
	SITE_MMAP,
	SITE_MLOCK,
	SITE_MKNOD,
	SITE_MKDIR,
	SITE_LSTAT,
	SITE_STAT,
	SITE_CHMOD,
	SITE_CHOWN,
	SITE_UNLINK,
	SITE_LINK,
	SITE_RENAME,
	SITE_RENAMEAT2,
	SITE_SYMLINK,
	SITE_READLINK,
	SITE_PPOLL,
	SITE_SEMGET,
	SITE_SEMCTL,
	SITE_SEMOP,
	SITE_SEMTIMEDOP,
	SITE_IOCTL /* + command */
};

#define WRAP_EVENTS 4096

struct wrap_fault {
	int at; /* the number of the event, from 1; 0: none */
	int error;
};

struct wraps {
	bool armed;	/* events are counted and fail */
	bool counting;	/* allocations are counted */
	bool no_pauses; /* what only lets time pass takes none; clocks go on by as much */
	long long skipped_ns;
	bool no_renameat2; /* a file system that has none */
	int n;
	int events[WRAP_EVENTS];
	struct wrap_fault faults[2];
	int searches;	/* for holders */
	int searched;	/* devices in them */
	long live;	/* allocations less frees, mappings too */
	int semaphores; /* made less removed; one that could not be is not counted */
	int semaphore_value;
	int no_semaphores;	  /* the errno with which semget() answers */
	void (*udevd)(void);	  /* what it does while it is waited for */
	void (*before)(int site); /* what somebody else does just before each call */
};

extern struct wraps wraps;

void wraps_reset(void);
/* Notes the event; an errno where it is to fail, else 0. */
int wraps_hit(int site);
const char *wraps_name(int site);

#endif

/* SPDX-License-Identifier: MIT */
/* A made-up /proc and /sys of real folders. A link there says what an open file is, "block:254:3"
 * or "char:1:3", and so does a path like /dev/block:254:3. System calls are counted. */
#ifndef DMK_TEST_FAKE_PROC_H
#define DMK_TEST_FAKE_PROC_H

#include <stdbool.h>

#include "util.h"

extern const char *denied; /* a path below /proc that may not be opened; NULL: none */
extern bool no_statx;	   /* a kernel without */
extern int no_memory;	   /* realloc() number so many fails, from 1; 0: none */
extern struct calls {
	int open, readlink, statx, fopen;
} calls;

/* With the folders on the way. */
void put_file(const char *content, const char *format, ...) DMK_PRINTF(2, 3);
void put_link(const char *target, const char *format, ...) DMK_PRINTF(2, 3);

#endif

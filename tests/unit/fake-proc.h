/* SPDX-License-Identifier: MIT */
/* A made-up /proc and /sys of real folders. A link there says what an open file is: "block:254:3",
 * "char:1:3", "file:254:3" in a file system on that device, or "mount:7", in one whose number is
 * nobody's, of mount 7; and so does a path like /dev/block:254:3. System calls are counted. */
#ifndef DMK_TEST_FAKE_PROC_H
#define DMK_TEST_FAKE_PROC_H

#include <stdbool.h>

#include "machine/holders.h"
#include "unit.h"

extern const char *denied; /* a path below /proc that may not be opened; NULL: none */
extern bool no_statx;	   /* a kernel without */
extern int no_memory;	   /* realloc() number so many fails, from 1; 0: none */
extern const char *ends;   /* a folder below /proc whose process ends while it is opened */
extern int cancel_after;   /* statx() number so many sets *cancel, from 1; 0: none */
extern volatile int32_t cancel;
extern struct calls {
	int open, readlink, statx, fopen;
} calls;

/* With the folders on the way. */
void put_file(const char *content, const char *format, ...) DMK_PRINTF(2, 3);
void put_link(const char *target, const char *format, ...) DMK_PRINTF(2, 3);

/* ---- one that is begun anew for each test ---- */
extern char proc[64], sys[64];
int begin(void **state);
/* A process in mount namespace "mnt:[N]" with so many open files that are no block devices. */
void put_process(const char *who, int namespace, int files);
void remove_tree(const char *path);
/* For 254:3. */
struct dmk_holders search(int expected);
void assert_holder(const struct dmk_holders *holders, uint32_t i, uint32_t kind, const char *name,
		   const char *where, int pid);
int run_in_proc(const char *name, const struct CMUnitTest *tests, size_t n);

#endif

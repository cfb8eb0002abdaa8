/* SPDX-License-Identifier: MIT */
/* What bench's own program is made of: it is the first process of the machine that counts
 * instructions, and on the host it looks at one process. One "@ BENCH SERIES VALUE" a figure. */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PRINTF(text, first) __attribute__((format(printf, text, first)))

/* The programs that are compared, by their place in the machine. */
#define STATIC "/bench/dmkit-static"
#define ORDINARY "/bench/dmkit"
#define EMPTY "/bench/empty"
#define DMSETUP "/usr/sbin/dmsetup"
#define XARGS "/usr/bin/xargs"
#define VERITYSETUP "/usr/sbin/veritysetup"
#define LOSETUP "/usr/sbin/losetup"
#define MOUNT "/usr/bin/mount"
#define UMOUNT "/usr/bin/umount"
#define LIBRARY_STATIC "/bench/library-static"
#define LIBRARY_ORDINARY "/bench/library"

/* ---- say.c */

/* A bench that cannot be done is none: the reason goes to the console and the machine ends. */
_Noreturn void die(const char *format, ...) PRINTF(1, 2);
void figure(const char *bench, const char *series, int64_t value);
_Noreturn void end(int status);

/* ---- process.c */

struct cost {
	int64_t cpu_ns; /* of the process, and what this one spent on starting and awaiting it */
	int64_t wall_ns;
	int64_t peak_bytes; /* the most memory that it had at once */
	int status;	    /* as wait4() gives it */
};

int64_t clock_ns(int clock);
/* Runs a program to its end. Output goes to the file `out`, errors to this process's. */
struct cost run(const char *const argv[], const char *out);
/* The same, and anything but exit status 0 is the end. */
struct cost run_well(const char *const argv[], const char *out);

struct trace {
	int64_t syscalls;
	int64_t dm_ioctls[32]; /* by the command's number */
	int64_t files;	       /* mapped at the end, the program's own included */
	int64_t file_bytes;
};

/* What a program asks of the kernel, by ptrace. Its output is dropped. */
struct trace trace(const char *const argv[]);

/* ---- bare.c: device-mapper by nothing but system calls; any failure is the end */

struct devno {
	unsigned major;
	unsigned minor;
};

struct bare_segment {
	uint64_t length_sectors;
	const char *type;
	const char *params;
	bool readonly;
};

void bare_open(void);
/* DEV_CREATE, TABLE_LOAD, DEV_SUSPEND, and the node under a temporary name. Returns the device. */
struct devno bare_create(const char *name, const char *uuid, const struct bare_segment *segment);
/* DEV_STATUS, the node, DEV_REMOVE. */
void bare_remove(const char *name);
void bare_remove_all(void);
/* How many devices there are. */
unsigned bare_count(void);

/* ---- table-text.c */

/* A table of n linear segments of 8 sectors each, in a file. Returns its bytes in a request. */
int64_t write_table(const char *path, unsigned n, unsigned major, unsigned minor);
bool same_file(const char *a, const char *b);
int64_t count_lines(const char *path);

/* ---- the benches, each in a machine without any device */

void bench_start(void);
void bench_cycle(void);
void bench_remove256(void);
void bench_stack512(void);
void bench_read100k(void);
void bench_check1m(void);
/* In stacks.c. */
void bench_stacks(void);
void bench_library(void);
void bench_image(void);
/* These come last, and leave the devices bench-00000 to bench-09999. */
void bench_table5000(void);
void bench_list10000(void);
void bench_after_list(void);
/* In user-mode-linux. */
void bench_million(const char *dmkit, const char *dmsetup);

#endif

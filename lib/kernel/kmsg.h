/* SPDX-License-Identifier: MIT */
/*
 * The kernel's log between two points: what device-mapper wrote there while it refused a request.
 *
 * The points are places in the log, not times: a record's time comes from another clock than any
 * that a process can read. The two drift apart by seconds on a machine that runs for days, and a
 * device number is free for another device much sooner.
 */
#ifndef DMK_KMSG_H
#define DMK_KMSG_H

#include "base/util.h"

#define DMK_KMSG_RECORD_SIZE 8193 /* the kernel's longest record, and a NUL */

struct dmk_kmsg {
	int fd;	   /* -1: not opened */
	int error; /* the negative errno of an open or a seek that failed: not tried again */
	bool lost; /* records were overwritten before they were read */
};

/* Opens the log, once, and goes to its end: what follows is read by dmk_kmsg_read(). */
void dmk_kmsg_note(struct dmk_kmsg *log);
void dmk_kmsg_close(struct dmk_kmsg *log);
/* 0, or why the log cannot be read. After dmk_kmsg_note(). */
int dmk_kmsg_ready(const struct dmk_kmsg *log) DMK_MUST_CHECK;
/* The next record that is device-mapper's, as a string: 1, or 0 where there is none. */
int dmk_kmsg_read(struct dmk_kmsg *log, char record[DMK_KMSG_RECORD_SIZE]) DMK_MUST_CHECK;

/* One record, read. */
struct dmk_kmsg_line {
	uint64_t sequence;
	uint32_t level;	 /* syslog's: 3 an error, 4 a warning */
	char caller[24]; /* "T123", a thread; "": a kernel without CONFIG_PRINTK_CALLER */
	char source[32]; /* "table", "ioctl", "raid", "block manager", ... */
	uint32_t major;	 /* 0: it names no device */
	uint32_t minor;
	char text[256]; /* without any of these */
};

/* False: not a record of device-mapper's. */
bool dmk_kmsg_parse(const char *record, struct dmk_kmsg_line *ret_line);

/* ---- kmsg-reason.c ---- */
#define DMK_KMSG_MOST_TYPES 8
#define DMK_KMSG_TYPE_SIZE 16

/* What was written during one request about one device. Zero it, set what is known of the request,
 * add every line in the log's order. */
struct dmk_kmsg_window {
	uint32_t command; /* DM_*_CMD */
	uint32_t major;	  /* of the device; 0: not known */
	uint32_t minor;
	char caller[24];      /* the thread that asked, as the log calls it; "": not known */
	const char *name;     /* of a rename: the device's name, NULL: not known */
	const char *new_name; /* and the new one, or its uuid */
	/* Of a message: the targets of the device. */
	uint32_t n_types;
	char types[DMK_KMSG_MOST_TYPES][DMK_KMSG_TYPE_SIZE];

	bool others; /* other devices' lines are among them, or some are lost */
	uint32_t n_own;
	uint32_t n_plain; /* lines that name no device */
	struct dmk_kmsg_line own[4];
	struct dmk_kmsg_line plain[8];
};

void dmk_kmsg_add(struct dmk_kmsg_window *window, const struct dmk_kmsg_line *line);
/* Whether the names of the device's targets would be of use. */
bool dmk_kmsg_wants_types(const struct dmk_kmsg_window *window);

/*
 * The kernel's reason, "" where none is certain. Lines with the device's number are its own. Lines
 * without any are taken where the kernel says that the thread that asked has written them
 * (CONFIG_PRINTK_CALLER). Elsewhere no other device's may stand among them, and they are taken if
 * they stand right before one of its own and are of its target's code, or if there is none of its
 * own, they can be those of one refusal, and only such a request writes them.
 */
void dmk_kmsg_reason(const struct dmk_kmsg_window *window, char *reason, size_t size);

#endif

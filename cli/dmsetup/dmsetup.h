/* SPDX-License-Identifier: MIT */
/* The command called as dmsetup: that command's contract over the public header alone. */
#ifndef DMSETUP_H
#define DMSETUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "dmkit.h"

#define DMS_COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

/* A name or uuid of the kernel with each byte of it written as \xNN. */
#define DMS_TEXT_SIZE (DMK_UUID_SIZE * 4)

/* Every option that has a meaning here; the rows are in options.c, in this order. */
enum dms_opt {
	DMS_ADDNODEONCREATE,
	DMS_ADDNODEONRESUME,
	DMS_CHECKS,
	DMS_COLUMNS,
	DMS_CONCISE,
	DMS_COUNT,
	DMS_DEFERRED,
	DMS_EXEC,
	DMS_FORCE,
	DMS_GID,
	DMS_HEADINGS,
	DMS_HELP,
	DMS_INACTIVE,
	DMS_INTERVAL,
	DMS_MAJOR,
	DMS_MANGLENAME,
	DMS_MINOR,
	DMS_MODE,
	DMS_NAMEPREFIXES,
	DMS_NOFLUSH,
	DMS_NOHEADINGS,
	DMS_NOLOCKFS,
	DMS_NOOPENCOUNT,
	DMS_NOTABLE,
	DMS_NOUDEVRULES,
	DMS_NOUDEVSYNC,
	DMS_OPTIONS,
	DMS_READAHEAD,
	DMS_READONLY,
	DMS_RETRY,
	DMS_ROWS,
	DMS_SELECT,
	DMS_SEPARATOR,
	DMS_SETUUID,
	DMS_SHOWKEYS,
	DMS_SORT,
	DMS_TABLE,
	DMS_TARGET,
	DMS_TREE,
	DMS_UDEVCOOKIE,
	DMS_UID,
	DMS_UNBUFFERED,
	DMS_UNQUOTED,
	DMS_UUID,
	DMS_VERBOSE,
	DMS_VERIFYUDEV,
	DMS_VERSION,
	DMS_YES,
	DMS_STATS, /* any of those that only `stats` has */
	DMS_OPT_COUNT
};

enum dms_mangling {
	DMS_MANGLE_NONE,
	DMS_MANGLE_AUTO,
	DMS_MANGLE_HEX
};

/* What a walk over devices does with each segment. */
enum dms_action {
	DMS_STATUS_OF,
	DMS_TABLE_OF,
	DMS_MEASURE_OF,
	DMS_LS_TARGET
};

/* -o of ls and deps: how a device is shown. */
enum dms_show {
	DMS_SHOW_DEVNO,
	DMS_SHOW_BLKDEVNAME,
	DMS_SHOW_DEVNAME
};

struct dms_selection; /* a parsed -S: select.c */

struct dmsetup {
	struct dmk *dm;
	const char *verb;
	uint8_t given[DMS_OPT_COUNT];	  /* how often */
	const char *value[DMS_OPT_COUNT]; /* the last one's argument; NULL: it has none */
	int64_t number[DMS_OPT_COUNT];	  /* the same where it is a number */
	uint32_t mangling;		  /* enum dms_mangling */
	bool multiple;			  /* output of several devices: lines begin with NAME */
	bool printed;			  /* something of a device before this one */
	uint32_t action;		  /* enum dms_action */
	uint32_t show;			  /* enum dms_show */
	uint32_t udev_cookie;		  /* for the options of verbs: udev.c fills these three */
	uint32_t udev_flags;
	uint32_t node_policy;
	char node_dir[256];		 /* DM_DEV_DIR/mapper */
	struct dms_selection *selection; /* NULL: none */
	char reason[256]; /* what the kernel's log said of the failure, for after the errors */
};

static inline bool dms_given(const struct dmsetup *d, enum dms_opt option)
{
	return d->given[option] != 0;
}

/* Functions that can fail return 0 or -1; then stderr has been told. */

/* One line on stderr. */
void dms_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The line for what the library refused last, as dmsetup says it: "device-mapper: COMMAND ioctl on
 * NAME UUID(MAJOR:MINOR) failed: TEXT" with as much of id as is set. id may be NULL. -1. */
int dms_fail(struct dmsetup *d, const char *command, const struct dmk_id *id);
/* The same, but of a device that is not there only that. -1. */
int dms_fail_missing(struct dmsetup *d, const char *command, const struct dmk_id *id);
/* "out of memory", in one place. -1. */
int dms_fail_memory(void);

/* A device on the command line (device.c): its name in the kernel's form, or its uuid, or its
 * number. */
struct dms_device {
	struct dmk_id id; /* points into the rest */
	char text[DMS_TEXT_SIZE];
};

/* That name can be one: no '/', and not too long, which is told with end behind it. */
int dms_check_name(const char *name, const char *end);
/* Whether -u, or -j and -m, name a device. */
bool dms_addressed(const struct dmsetup *d);

/* What arg names: a name or a path; with arg NULL what -u or -j and -m say. */
int dms_find(struct dmsetup *d, const char *arg, struct dms_device *ret_device);

/*
 * Calls fn for each of n names; for what -u or -j -m say where n is 0; else for each device there
 * is (or that -S selects), in the list's order, which sets d->multiple. Of names it ends at the
 * first that fails; of all devices it goes on, as dmsetup does.
 */
typedef int (*dms_fn)(struct dmsetup *d, const struct dmk_id *id);
int dms_each(struct dmsetup *d, char **names, int n, dms_fn fn);

/* All devices, whose names have been looked at: in auto and hex mode one that should have been
 * mangled and is not fails the list, as dmsetup's does (dms_listed() has told of each). The caller
 * frees it. An empty list is the caller's to tell: dms_none(). */
int dms_list(struct dmsetup *d, uint32_t flags, struct dmk_devices **ret_devices);
/* "No devices found" on stdout. 0. */
int dms_none(void);

/* Query options as --inactive, --noopencount, --noflush ask. */
void dms_query(const struct dmsetup *d, struct dmk_query_options *ret_options);

/* mangle.c: the forms of a name or uuid. */
int dms_mangle_init(struct dmsetup *d); /* DM_DEFAULT_NAME_MANGLING_MODE and --manglename */
/* What the user wrote into what the kernel gets; out has DMS_TEXT_SIZE bytes. what is "name" or
 * "UUID", as errors say it, or "new name" or "new UUID". */
int dms_text_in(struct dmsetup *d, const char *what, const char *given, char *out);
/* Whether a name of the kernel's list is in the form of the mode: 0, or -1 and a line on stderr. */
int dms_listed(const struct dmsetup *d, const char *kernel);
/* The same of the name and uuid in an answer. What was asked for is done then: it is not undone. */
int dms_replied(const struct dmsetup *d, const char *name, const char *uuid);
/* What the kernel has into what is shown. Never fails. */
void dms_text_out(const struct dmsetup *d, const char *kernel, char *out);
/* The verb. */
int dms_mangle(struct dmsetup *d, char **names, int n);

/* report*.c: info -c, splitname -c; tree*.c: ls --tree; select.c: -S. */
int dms_report_info(struct dmsetup *d, char **names, int n);
int dms_report_splitname(struct dmsetup *d, char **args, int n);
int dms_tree(struct dmsetup *d);
/* Whether -o with --tree is known: 0, or -1 and a line on stderr. */
int dms_tree_options(const char *text);
/* Parses -S once into d->selection. */
int dms_select_parse(struct dmsetup *d);
/* 1: the device is selected (always without -S), 0: it is not, -1. */
int dms_selected(struct dmsetup *d, const struct dmk_device *device);
void dms_select_free(struct dms_selection *selection);

/* The block device's kernel name, "dm-3", out of sysfs: 0, or -1 without a word. */
int dms_blkdevname(uint32_t major, uint32_t minor, char *buf, size_t size);

/* Half-KiB sectors that are read ahead: 0, or -1 without a word. */
int dms_read_ahead(const struct dmsetup *d, const struct dmk_info *info, uint32_t *ret_sectors);

#endif

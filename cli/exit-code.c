/* SPDX-License-Identifier: MIT */
/*
 * What a failure means to the caller of the command: the one place where a (verb, step, errno)
 * becomes an exit code. Programs branch on these, so a case moves only with a line in NEWS.md.
 */
#include <errno.h>

#include "cli.h"

static int open_control(int code)
{
	switch (code) {
	case -EACCES:
	case -EPERM:
		return EXIT_NOT_PERMITTED;
	case -ENODEV: /* not in this kernel, or its module is not loaded */
	case -ENOENT:
	case -ENXIO: /* a node that is not device-mapper's */
		return EXIT_NO_DM;
	default:
		return EXIT_FAILED;
	}
}

/* Refused before the kernel was asked: the words were wrong, unless something else than words
 * failed. */
static int arguments(int code)
{
	switch (code) {
	case -EINVAL:
	case -ENAMETOOLONG:
	case -ERANGE:
	case -E2BIG:
	case -EOVERFLOW:
		return EXIT_USAGE;
	case -EACCES:
	case -EPERM:
		return EXIT_NOT_PERMITTED;
	case -EBUSY:
		return EXIT_BUSY;
	default:
		return EXIT_FAILED;
	}
}

/* ENXIO is the kernel's word for "no such mapping", and also for a backing device that is not
 * there. */
static bool mapping_missing(const struct dmk_error *err)
{
	switch (err->step) {
	case DMK_STEP_CREATE:
	case DMK_STEP_TARGETS: /* there it is a target's type that is unknown */
	case DMK_STEP_BLOCKDEV:
	case DMK_STEP_MAKE_NODE:
	case DMK_STEP_REMOVE_NODE:
	case DMK_STEP_READ_AHEAD:
		return false;
	case DMK_STEP_LOAD:
		/* A create's device exists by then; else it is a backing device if the library
		 * found that one missing. */
		return err->verb != DMK_VERB_CREATE && err->argument[0] == '\0';
	default:
		return true;
	}
}

int exit_code(const struct dmk_error *err)
{
	if (err->code == 0)
		return EXIT_DONE;
	if (err->step == DMK_STEP_OPEN_CONTROL)
		return open_control(err->code);
	if (err->step == DMK_STEP_ARGUMENTS || err->verb == DMK_VERB_PARSE)
		return arguments(err->code);

	switch (err->code) {
	case -EACCES:
	case -EPERM:
		return EXIT_NOT_PERMITTED;
	case -ETIMEDOUT:
		return EXIT_DEADLINE;
	case -EBUSY:
		/* These two steps' EBUSY is a name or uuid that is taken: waiting does not help. */
		if (err->step == DMK_STEP_CREATE || err->step == DMK_STEP_RENAME)
			return EXIT_FAILED;
		return EXIT_BUSY;
	case -ENXIO:
		return mapping_missing(err) ? EXIT_NO_MAPPING : EXIT_FAILED;
	default:
		return EXIT_FAILED;
	}
}

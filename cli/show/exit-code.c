/* SPDX-License-Identifier: MIT */
/*
 * What a failure means to the caller of the command: the one place where a (verb, step, errno)
 * becomes a cause, the word for it in JSON, and its exit code. Programs branch on these, so a case
 * moves only with a line in NEWS.md.
 */
#include <errno.h>

#include "common/cli.h"
#include "show/errors.h"

/* Their words are in dmkit(8). */
enum cause {
	BAD_INPUT,
	BUSY,
	CHANGED,
	EXISTS,
	INTERRUPTED,
	IO_ERROR,
	NO_DEVICE,
	NO_DEVICE_MAPPER,
	NO_FILE,
	NO_MEMORY,
	NO_SPACE,
	NO_TARGET,
	NOT_FOUND,
	NOT_PERMITTED,
	OTHER,
	READ_ONLY,
	REFUSED,
	TIMEOUT,
	UNSUPPORTED
};

static const struct {
	char word[17];
	unsigned char status;
} causes[] = {
	[BAD_INPUT] = { "bad-input", EXIT_USAGE },
	[BUSY] = { "busy", EXIT_BUSY },
	[CHANGED] = { "changed", EXIT_FAILED },
	[EXISTS] = { "exists", EXIT_FAILED },
	[INTERRUPTED] = { "interrupted", EXIT_FAILED },
	[IO_ERROR] = { "io-error", EXIT_FAILED },
	[NO_DEVICE] = { "no-device", EXIT_FAILED },
	[NO_DEVICE_MAPPER] = { "no-device-mapper", EXIT_NO_DM },
	[NO_FILE] = { "no-file", EXIT_FAILED },
	[NO_MEMORY] = { "no-memory", EXIT_FAILED },
	[NO_SPACE] = { "no-space", EXIT_FAILED },
	[NO_TARGET] = { "no-target", EXIT_FAILED },
	[NOT_FOUND] = { "not-found", EXIT_NO_MAPPING },
	[NOT_PERMITTED] = { "not-permitted", EXIT_NOT_PERMITTED },
	[OTHER] = { "other", EXIT_FAILED },
	[READ_ONLY] = { "read-only", EXIT_NOT_PERMITTED },
	[REFUSED] = { "refused", EXIT_FAILED },
	[TIMEOUT] = { "timeout", EXIT_DEADLINE },
	[UNSUPPORTED] = { "unsupported", EXIT_FAILED },
};

/* What an errno means whatever failed with it. */
static enum cause of_errno(int code)
{
	switch (code) {
	case -EACCES:
	case -EPERM:
		return NOT_PERMITTED;
	case -EBUSY:
		return BUSY;
	case -EEXIST:
		return EXISTS;
	case -EINTR:
	case -ECANCELED:
		return INTERRUPTED;
	case -EIO:
	case -ENODATA:
		return IO_ERROR;
	case -ENOMEM:
		return NO_MEMORY;
	case -ENOSPC:
	case -EDQUOT:
	case -EFBIG:
		return NO_SPACE;
	case -ETIMEDOUT:
		return TIMEOUT;
	case -EOPNOTSUPP:
	case -ENOSYS:
	case -ENOTTY:
		return UNSUPPORTED;
	default:
		return OTHER;
	}
}

static bool is_value(int code)
{
	return code == -EINVAL || code == -ENAMETOOLONG || code == -ERANGE || code == -E2BIG ||
	       code == -EOVERFLOW;
}

static bool is_missing(int code)
{
	return code == -ENOENT || code == -ENXIO || code == -ENODEV || code == -ENOTBLK;
}

/* Before the kernel was asked: the words were wrong, unless something else than words failed. */
static bool is_words(const struct dmk_error *err)
{
	return err->step == DMK_STEP_ARGUMENTS || err->verb == DMK_VERB_PARSE;
}

/* ENXIO is the kernel's word for "no such mapping", and also for a backing device that is not
 * there. */
static bool mapping_missing(const struct dmk_error *err)
{
	switch (err->step) {
	case DMK_STEP_CREATE:
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

/* A request was answered with it, or a step at a node. */
static enum cause of_request(const struct dmk_error *err)
{
	bool node = err->step == DMK_STEP_MAKE_NODE || err->step == DMK_STEP_REMOVE_NODE;

	if (err->code == -EBUSY && (err->step == DMK_STEP_CREATE || err->step == DMK_STEP_RENAME))
		return EXISTS; /* a name or uuid that is taken: waiting does not help */
	if (err->code == -EACCES && err->step == DMK_STEP_LOAD)
		return READ_ONLY; /* a device below; the caller may, or it had not come so far */
	if (err->code == -ENXIO && err->step == DMK_STEP_CREATE)
		return EXISTS; /* a minor that is taken */
	if (err->code == -ENXIO && mapping_missing(err))
		return NOT_FOUND;
	/* ENOENT of a load is a cipher's, too. */
	if (is_missing(err->code) && !node && (err->code != -ENOENT || err->argument[0]))
		return NO_DEVICE;
	if (is_value(err->code) || (err->step == DMK_STEP_LOAD && err->code == -ENOENT))
		return REFUSED;
	return of_errno(err->code);
}

static enum cause cause_of(const struct dmk_error *err)
{
	if (err->flags & DMK_ERROR_CHANGED)
		return CHANGED;
	if (err->flags & DMK_ERROR_NO_TARGET ||
	    (err->step == DMK_STEP_TARGETS && (err->code == -EINVAL || err->code == -ENXIO)))
		return NO_TARGET;
	if (err->step == DMK_STEP_OPEN_CONTROL && is_missing(err->code))
		return NO_DEVICE_MAPPER; /* or its module is not loaded, or the node is another's */
	if (err->step == DMK_STEP_OPEN_CONTROL)
		return of_errno(err->code);
	if (err->verb == DMK_VERB_STACK && err->code == -EEXIST)
		return BAD_INPUT; /* two of one name, or uuid, in its text */
	if (is_words(err))
		return is_value(err->code)     ? BAD_INPUT
		       : is_missing(err->code) ? NO_DEVICE
					       : of_errno(err->code);
	if (err->step == DMK_STEP_NONE && err->code != -ENXIO)
		return is_missing(err->code) || err->code == -ENOTDIR || err->code == -EISDIR
			       ? NO_FILE
			       : of_errno(err->code);
	return of_request(err);
}

const char *cause_word(const struct dmk_error *err)
{
	return causes[cause_of(err)].word;
}

int exit_code(const struct dmk_error *err)
{
	enum cause cause = cause_of(err);

	if (err->code == 0)
		return EXIT_DONE;
	/* What a check found in words. */
	if (cause == NO_TARGET && is_words(err))
		return EXIT_USAGE;
	/* The device that was meant is not there, or is being worked at. */
	if (cause == CHANGED && err->code == -EBUSY)
		return EXIT_BUSY;
	if (cause == CHANGED && err->code == -ENXIO && mapping_missing(err))
		return EXIT_NO_MAPPING;
	return causes[cause].status;
}

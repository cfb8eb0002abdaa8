/* SPDX-License-Identifier: MIT */
/* struct dmk_error: filled in one way, made into one sentence in one place. */
#include "error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const verb_names[] = {
	[DMK_VERB_NONE] = "dmkit",
	[DMK_VERB_OPEN] = "set up",
	[DMK_VERB_VERSION] = "version",
	[DMK_VERB_LIST] = "list",
	[DMK_VERB_CREATE] = "create",
	[DMK_VERB_REPLACE] = "replace",
	[DMK_VERB_LOAD] = "load",
	[DMK_VERB_CLEAR] = "clear",
	[DMK_VERB_SUSPEND] = "suspend",
	[DMK_VERB_RESUME] = "resume",
	[DMK_VERB_REMOVE] = "remove",
	[DMK_VERB_REMOVE_ALL] = "remove all",
	[DMK_VERB_RENAME] = "rename",
	[DMK_VERB_SET_UUID] = "set uuid",
	[DMK_VERB_INFO] = "info",
	[DMK_VERB_TABLE] = "table",
	[DMK_VERB_STATUS] = "status",
	[DMK_VERB_DEPS] = "deps",
	[DMK_VERB_MESSAGE] = "message",
	[DMK_VERB_WAIT] = "wait",
	[DMK_VERB_TARGETS] = "targets",
	[DMK_VERB_GEOMETRY] = "set geometry",
	[DMK_VERB_POLL] = "poll",
	[DMK_VERB_PARSE] = "read table",
	[DMK_VERB_BLOCKDEV] = "look at device",
	[DMK_VERB_CANCEL_REMOVE] = "cancel deferred remove",
	[DMK_VERB_HOLDERS] = "find holders of",
	[DMK_VERB_UDEV] = "udev cookie",
	[DMK_VERB_EXPORT] = "export",
	[DMK_VERB_DOCTOR] = "doctor",
	[DMK_VERB_SYNC_NODES] = "sync nodes",
	[DMK_VERB_PARSE_STATUS] = "read status",
	[DMK_VERB_PARSE_REPLY] = "read reply",
	[DMK_VERB_IMAGE_FORMAT] = "image format",
	[DMK_VERB_IMAGE_VERIFY] = "image verify",
	[DMK_VERB_IMAGE_REPAIR] = "image repair",
	[DMK_VERB_IMAGE_INFO] = "image info",
	[DMK_VERB_IMAGE_MAP] = "image map",
	[DMK_VERB_IMAGE_MOUNT] = "image mount",
	[DMK_VERB_IMAGE_UMOUNT] = "image umount",
	[DMK_VERB_STACK] = "read stack",
	[DMK_VERB_STACK_PLAN] = "plan",
	[DMK_VERB_STACK_APPLY] = "apply",
	[DMK_VERB_STACK_DOWN] = "down",
	[DMK_VERB_STACK_LIST] = "list stacks",
	[DMK_VERB_COLLECT] = "gc",
};

static const char *const step_names[] = {
	[DMK_STEP_NONE] = "",
	[DMK_STEP_ARGUMENTS] = "check arguments",
	[DMK_STEP_OPEN_CONTROL] = "open control node",
	[DMK_STEP_VERSION] = "ask driver version",
	[DMK_STEP_LIST] = "list devices",
	[DMK_STEP_CREATE] = "create device",
	[DMK_STEP_LOAD] = "load table",
	[DMK_STEP_CLEAR] = "clear table",
	[DMK_STEP_SUSPEND] = "suspend",
	[DMK_STEP_RESUME] = "resume",
	[DMK_STEP_REMOVE] = "remove device",
	[DMK_STEP_REMOVE_ALL] = "remove all devices",
	[DMK_STEP_RENAME] = "rename device",
	[DMK_STEP_STATUS] = "ask device status",
	[DMK_STEP_TABLE] = "read table",
	[DMK_STEP_DEPS] = "read dependencies",
	[DMK_STEP_MESSAGE] = "send message",
	[DMK_STEP_WAIT] = "wait for event",
	[DMK_STEP_TARGETS] = "list targets",
	[DMK_STEP_GEOMETRY] = "set geometry",
	[DMK_STEP_POLL] = "arm poll",
	[DMK_STEP_MAKE_NODE] = "make node",
	[DMK_STEP_REMOVE_NODE] = "remove node",
	[DMK_STEP_READ_AHEAD] = "set read-ahead",
	[DMK_STEP_BLOCKDEV] = "look at block device",
	[DMK_STEP_UDEV] = "wait for udev",
	[DMK_STEP_TRIAL] = "read the first block",
	[DMK_STEP_OPEN] = "open",
	[DMK_STEP_SUPERBLOCK] = "read superblock",
	[DMK_STEP_READ] = "read",
	[DMK_STEP_WRITE] = "write",
	[DMK_STEP_HASH] = "hash",
	[DMK_STEP_FEC] = "parity",
	[DMK_STEP_LOOP] = "loop device",
	[DMK_STEP_SIGNATURE] = "signature",
	[DMK_STEP_FILE_SYSTEM] = "find file system",
	[DMK_STEP_MOUNT] = "mount",
	[DMK_STEP_UMOUNT] = "unmount",
};

const char *dmk_verb_name(uint32_t verb)
{
	return verb < DMK_ARRAY_SIZE(verb_names) && verb_names[verb] ? verb_names[verb] : "?";
}

const char *dmk_step_name(uint32_t step)
{
	return step < DMK_ARRAY_SIZE(step_names) ? step_names[step] : "?";
}

int dmk_fail(struct dmk_error *err, int code, const char *format, ...)
{
	va_list args;

	if (!err)
		return code;
	err->code = code;
	va_start(args, format);
	dmk_vprint_text(err->detail, sizeof(err->detail), format, args);
	va_end(args);
	return code;
}

int dmk_fail_word(struct dmk_error *err, int code, const char *word, size_t length, uint32_t column,
		  const char *format, ...)
{
	va_list args;

	if (!err)
		return code;
	err->code = code;
	err->column = column;
	dmk_print_text(err->argument, sizeof(err->argument), "%.*s",
		       (int)(length < sizeof(err->argument) ? length : sizeof(err->argument)),
		       word);
	va_start(args, format);
	dmk_vprint_text(err->detail, sizeof(err->detail), format, args);
	va_end(args);
	return code;
}

int dmk_refuse(struct dmk_error *err, const char *word, const char *format, ...)
{
	va_list args;

	if (!err)
		return -EINVAL;
	err->code = -EINVAL;
	err->column = 0;
	dmk_copy_text(err->argument, sizeof(err->argument), word);
	va_start(args, format);
	dmk_vprint_text(err->detail, sizeof(err->detail), format, args);
	va_end(args);
	return -EINVAL;
}

#define BIT(number) (UINT64_C(1) << (number))

/* A verb that is one request says by itself which one failed, and a segment that its table did. */
static bool is_said(const struct dmk_error *err)
{
	static const uint64_t verbs =
		BIT(DMK_VERB_NONE) | BIT(DMK_VERB_LIST) | BIT(DMK_VERB_RENAME) |
		BIT(DMK_VERB_SET_UUID) | BIT(DMK_VERB_INFO) | BIT(DMK_VERB_TABLE) |
		BIT(DMK_VERB_STATUS) | BIT(DMK_VERB_DEPS) | BIT(DMK_VERB_MESSAGE) |
		BIT(DMK_VERB_WAIT) | BIT(DMK_VERB_TARGETS) | BIT(DMK_VERB_GEOMETRY) |
		BIT(DMK_VERB_HOLDERS) | BIT(DMK_VERB_EXPORT);
	static const uint64_t steps =
		BIT(DMK_STEP_LIST) | BIT(DMK_STEP_RENAME) | BIT(DMK_STEP_STATUS) |
		BIT(DMK_STEP_TABLE) | BIT(DMK_STEP_DEPS) | BIT(DMK_STEP_MESSAGE) |
		BIT(DMK_STEP_WAIT) | BIT(DMK_STEP_TARGETS) | BIT(DMK_STEP_GEOMETRY);
	const char *verb = dmk_verb_name(err->verb);

	if (err->step == DMK_STEP_NONE || err->step == DMK_STEP_ARGUMENTS ||
	    strncmp(dmk_step_name(err->step), verb, strlen(verb)) == 0)
		return true;
	if ((err->step == DMK_STEP_LOAD || err->step == DMK_STEP_BLOCKDEV) && err->segment)
		return true;
	return err->verb < 64 && err->step < 64 && (verbs >> err->verb & 1) &&
	       (steps >> err->step & 1);
}

static void say_place(struct dmk_room *s, const struct dmk_error *err)
{
	dmk_room_add(s, "%s", dmk_verb_name(err->verb));
	if (err->device[0])
		dmk_room_add(s, " '%s'", err->device);
	if (!is_said(err))
		dmk_room_add(s, ": %s", dmk_step_name(err->step));
	if (err->line)
		dmk_room_add(s, ": line %u, column %u", err->line, err->column);
	if (err->segment) {
		dmk_room_add(s, ": segment %u", err->segment);
		if (err->target[0])
			dmk_room_add(s, " (%s)", err->target);
	}
}

static void say_errno(struct dmk_room *s, const struct dmk_error *err)
{
	dmk_room_add(s, "%s", dmk_errno_text(err->code));
	if (err->tries > 1) {
		long long tenths = err->spent_ms / 100 + (err->spent_ms % 100 >= 50);

		dmk_room_add(s, " after %u tries in %lld.%lld s", err->tries, tenths / 10,
			     tenths % 10);
	}
}

/* Of what is held the detail is not the cause: it says who could not be looked at. */
static bool is_held(const struct dmk_error *err)
{
	return err->code == -EBUSY && !err->argument[0] && !(err->flags & DMK_ERROR_CHANGED) &&
	       err->step != DMK_STEP_CREATE && err->step != DMK_STEP_RENAME;
}

/* Not that it was refused, or that something is not there: the detail says what. */
static bool tells_more(int code)
{
	return code != -EINVAL && code != -ENOENT && code != -ENODEV;
}

/* In our words, with the errno's behind them where it tells more than that it was refused. */
static void say_cause(struct dmk_room *s, const struct dmk_error *err)
{
	bool first = !err->detail[0] || is_held(err);

	dmk_room_add(s, ": ");
	if (err->argument[0] && strcmp(err->argument, err->device) != 0)
		dmk_room_add(s, "'%s': ", err->argument);
	if (first)
		say_errno(s, err);
	if (err->detail[0])
		dmk_room_add(s, "%s%s", first ? ": " : "", err->detail);
	if (!first && err->step != DMK_STEP_ARGUMENTS &&
	    ((tells_more(err->code) && err->step != DMK_STEP_RENAME) || err->tries > 1)) {
		dmk_room_add(s, " (");
		say_errno(s, err);
		dmk_room_add(s, ")");
	}
}

/* Without a line the column counts within the parameters. Hidden ones tell nothing. */
static void say_params(struct dmk_room *s, const struct dmk_error *err)
{
	if (!err->segment || !err->params[0] || strcmp(err->params, "(hidden)") == 0)
		return;
	dmk_room_add(s, "; in: %s", err->params);
	if (!err->line && err->column)
		dmk_room_add(s, ", column %u", err->column);
}

void dmk_say_holder(struct dmk_room *s, const struct dmk_holder *holder)
{
	static const char *const uses[] = {
		[DMK_HOLDER_FILE] = "open file",      [DMK_HOLDER_CWD] = "cwd",
		[DMK_HOLDER_ROOT] = "root directory", [DMK_HOLDER_EXE] = "program",
		[DMK_HOLDER_MAP] = "mapped file",
	};

	switch (holder->kind) {
	case DMK_HOLDER_MAPPING:
		dmk_room_add(s, "dm-%u", holder->minor);
		if (holder->name[0])
			dmk_room_add(s, " '%s'", holder->name);
		break;
	case DMK_HOLDER_DEVICE:
		dmk_room_add(s, "%s (%u:%u)", holder->name, holder->major, holder->minor);
		break;
	case DMK_HOLDER_MOUNT:
		dmk_room_add(s, "mount %s", holder->where);
		if (holder->pid && holder->name[0]) {
			dmk_room_add(s, " (pid %d, %s)", holder->pid, holder->name);
			return;
		}
		break;
	case DMK_HOLDER_OPEN:
		dmk_room_add(s, "%s", holder->name[0] ? holder->name : "a process");
		break;
	case DMK_HOLDER_FILE:
	case DMK_HOLDER_CWD:
	case DMK_HOLDER_ROOT:
	case DMK_HOLDER_EXE:
	case DMK_HOLDER_MAP:
		dmk_room_add(s, "%s (pid %d, %s)", holder->name[0] ? holder->name : "a process",
			     holder->pid, uses[holder->kind]);
		return;
	case DMK_HOLDER_SWAP:
		dmk_room_add(s, "swap on %s", holder->where);
		break;
	case DMK_HOLDER_LOOP:
		dmk_room_add(s, "%s (%u:%u)", holder->name, holder->major, holder->minor);
		break;
	default:
		dmk_room_add(s, "%s", holder->name);
	}
	if (holder->pid)
		dmk_room_add(s, " (pid %d)", holder->pid);
}

static void say_holders(struct dmk_room *s, const struct dmk_error *err)
{
	uint32_t n = err->n_holders < DMK_MAX_HOLDERS ? err->n_holders : DMK_MAX_HOLDERS;

	for (uint32_t i = 0; i < n; i++) {
		dmk_room_add(s, "%s",
			     i == 0				? ": held by "
			     : i + 1 == n && !err->holders_more ? ", and by "
								: ", by ");
		dmk_say_holder(s, &err->holders[i]);
	}
	if (n && err->holders_more)
		dmk_room_add(s, ", and by %u more", err->holders_more);
}

/* In which state the device is, where it is not as it was. */
static const struct {
	uint32_t bits;
	const char *text;
} left_states[] = {
	{ DMK_LEFT_SUSPENDED | DMK_LEFT_FORMER_LOADED,
	  "the device stays suspended, with its former table loaded: a resume "
	  "puts it in" },
	{ DMK_LEFT_SUSPENDED | DMK_LEFT_NEW_TABLE,
	  "the device is suspended, with the new table, and I/O to it waits: load "
	  "one that it can run with, then resume" },
	{ DMK_LEFT_SUSPENDED, "the device is suspended, and I/O to it waits: resume it; if that is "
			      "refused, load a table that it can run with before" },
	{ DMK_LEFT_NEW_TABLE, "the device runs with the new table" },
	{ DMK_LEFT_INACTIVE, "the new table is left in the inactive slot, where the next "
			     "resume would find it" },
	{ DMK_LEFT_ERROR_TABLE, "its table is now `error`: I/O to it fails" },
	{ DMK_LEFT_DONE, "the rest of it is done, and stays" },
	{ DMK_LEFT_UNKNOWN, "what else became of the device could not be asked" },
};

static void say_left(struct dmk_room *s, uint32_t left)
{
	for (size_t i = 0; i < DMK_ARRAY_SIZE(left_states); i++) {
		if ((left & left_states[i].bits) != left_states[i].bits)
			continue;
		dmk_room_add(s, "; %s", left_states[i].text);
		left &= ~left_states[i].bits;
	}
}

size_t dmk_error_format(const struct dmk_error *err, char *buf, size_t size)
{
	struct dmk_room s = { .buf = buf, .size = size };

	if (size)
		buf[0] = '\0';
	if (err->code == 0) {
		dmk_room_add(&s, "no error");
		return s.length;
	}
	say_place(&s, err);
	say_cause(&s, err);
	if (err->meant_sectors)
		dmk_room_add(&s, ": device-mapper counts in 512-byte sectors: did you mean %llu?",
			     (unsigned long long)err->meant_sectors);
	if (err->reason[0])
		dmk_room_add(&s, ": the kernel says: %s", err->reason);
	say_holders(&s, err);
	if (err->undo_code)
		dmk_room_add(&s, "; and undoing it failed: %s", dmk_errno_text(err->undo_code));
	say_left(&s, err->left);
	say_params(&s, err);
	if (size)
		dmk_one_line(buf);
	return s.length;
}

/* SPDX-License-Identifier: MIT */
/* What doctor says of a finding, and what mends it. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "cmd/doctor.h"
#include "common/cli.h"
#include "common/disks.h"
#include "show/errors.h"
#include "show/output.h"

#define FIX "dmkit doctor --fix"
#define DEVICE "'@n' (@d)"
#define STANDS_ON DEVICE " stands on @o@w"

/*
 * @n the device's name, @q the same as a word of a shell, @d its number; @p a path, @P the same as
 * a word of a shell; @o the other number, @w that disk's name; @t the detail; @e the errno's text;
 * @s the two diskseqs; @c the cookie, @a its age; @g the target, @f and @v the field of its status
 * and what that says; @x path, errno and detail, as far as they are there. No percent sign: these
 * are not printf()'s.
 */
static const struct saying {
	const char *kind;
	const char *text;
	const char *mend;
} sayings[] = {
	[DMK_FINDING_NO_DM] = { "no-device-mapper",
				"the kernel has no device-mapper, or its module is not "
				"loaded",
				"modprobe dm_mod" },
	[DMK_FINDING_CONTROL_MISSING] = { "control-missing", "the control node @p is missing",
					  FIX },
	[DMK_FINDING_CONTROL_WRONG] = { "control-wrong", "@p is not device-mapper's control node",
					"rm @P && " FIX },
	[DMK_FINDING_NOT_LISTED] = { "not-listed", "the devices cannot be looked at: @x", "" },
	[DMK_FINDING_NO_KERNEL_LOG] = { "no-kernel-log",
					"the kernel's log cannot be read (@e): errors come "
					"without "
					"its reason",
					"" },
	[DMK_FINDING_NODE_MISSING] = { "node-missing", DEVICE " has no node: @p is not there",
				       FIX },
	[DMK_FINDING_NODE_WRONG] = { "node-wrong", "@p leads to @o, not to " DEVICE, FIX },
	[DMK_FINDING_NODE_TAKEN] = { "node-taken",
				     "@p, the place of the node of " DEVICE
				     ", is taken by something else",
				     "mv @P @P.old && " FIX },
	[DMK_FINDING_NODE_STALE] = { "node-stale", "@p is the node of @o, and no device is that",
				     FIX },
	[DMK_FINDING_LINK_DANGLING] = { "link-dangling", "@p is a link to nothing", "rm @P" },
	[DMK_FINDING_NODE_OTHER_NAME] = { "node-other-name",
					  "@p leads to " DEVICE ", whose name it is not", "rm @P" },
	[DMK_FINDING_NODE_LEFT] = { "node-left",
				    "@p was left by a process that ended while it "
				    "made a node",
				    FIX },
	[DMK_FINDING_NAME_UNFIT] = { "name-unfit", DEVICE " has a name that no node can have",
				     "dmkit rename @q dm-@d" },
	[DMK_FINDING_IMAGE_LEFT] = { "image-left",
				     DEVICE " was left by a mount of an image that was killed half "
					    "way: nobody uses it",
				     FIX },
	[DMK_FINDING_SUSPENDED] = { "suspended",
				    DEVICE " is suspended: I/O to it waits; if the resume is "
					   "refused, load the "
					   "table that it had before",
				    "dmkit resume @q" },
	[DMK_FINDING_NO_TABLE] = { "no-table", DEVICE " has no table: nothing can be read from it",
				   "dmkit remove @q" },
	[DMK_FINDING_NOT_RESUMED] = { "not-resumed",
				      DEVICE " has a table that was loaded and never put in",
				      "dmkit resume @q" },
	[DMK_FINDING_DISK_GONE] = { "disk-gone", STANDS_ON ", which is gone: @t",
				    "dmkit remove --force @q" },
	[DMK_FINDING_DISK_REPLACED] = { "disk-replaced", STANDS_ON ", which was replaced: @t",
					"dmkit remove --force @q" },
	[DMK_FINDING_DISK_NEWER] = { "disk-newer",
				     STANDS_ON ", which is newer than it (diskseq @s): it was "
					       "replaced, unless the table came later",
				     "dmkit table @q" },
	[DMK_FINDING_TABLE_UNFIT] = { "table-unfit", STANDS_ON ", which its table does not fit: @t",
				      "dmkit table @q" },
	[DMK_FINDING_COOKIE_STALE] = { "cookie-stale",
				       "udev cookie @c is left over, untouched for @a s: who "
				       "used "
				       "it last has ended, and nobody waits for it",
				       FIX },
	[DMK_FINDING_STATUS_BAD] = { "status-bad", DEVICE ": @g: @f @v: @t", "dmkit status @q" },
	[DMK_FINDING_STATUS_LATE] = { "status-late",
				      DEVICE " does not tell its status: there was no answer in @t",
				      "dmkit tree; what hangs, or is suspended, is likely "
				      "below "
				      "it" },
	[DMK_FINDING_SECOND_TABLE] = { "second-table",
				       DEVICE
				       " has another table loaded that was never put in: the "
				       "next resume does it, and its disks are in use",
				       "dmkit clear @q, or, to put it in, dmkit resume @q" },
	[DMK_FINDING_NAME_UNREADABLE] = { "name-unreadable",
					  DEVICE
					  " has a name that libdevmapper's programs (dmsetup, "
					  "LVM) cannot read: beside it dmsetup ls, table, "
					  "status and info fail for all devices",
					  "" },
	[DMK_FINDING_UDEV_UNTOLD] = { "udev-untold",
				      DEVICE " is set aside in udev's database (@p), because it "
					     "was made before udevd ran, or "
					     "past it: there are no links to its contents, and "
					     "systemd does not take it for ready",
				      "dmkit suspend @q && dmkit resume @q; where / is on it, "
				      "so "
				      "that dmkit would stop itself, "
				      "by one command: dmkit table --show-keys @q | dmkit "
				      "replace "
				      "@q --table-file -" },
	[DMK_FINDING_COOKIE_KEPT] = { "cookie-kept",
				      "udev cookie @c was made @a s ago and never used: a "
				      "script "
				      "that "
				      "is at work has it, or one that has ended left it",
				      "if there is no such script: ipcrm -S @c" },
};

/* ---- a finding into words ---- */

static void add(void *to, const char *text)
{
	struct sentence *sentence = to;
	size_t left = sizeof(sentence->text) - sentence->length;
	int n = snprintf(sentence->text + sentence->length, left, "%s", text);

	sentence->length += (size_t)n < left ? (size_t)n : left - 1;
}

static void add_number(struct sentence *sentence, uint32_t major, uint32_t minor)
{
	char number[DEVNO_TEXT];

	add(sentence, major ? format_devno(major, minor, number) : "nothing");
}

static void add_disk(struct sentence *sentence, const struct dmk_finding *finding)
{
	char name[256];

	disk_name(finding->other_major, finding->other_minor, name, sizeof(name));
	if (*name) {
		add(sentence, " (");
		add(sentence, name);
		add(sentence, ")");
	}
}

static void add_reasons(struct sentence *sentence, const struct dmk_finding *finding)
{
	const char *const reasons[] = { finding->path, dmk_errno_text(finding->code),
					finding->detail };

	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
		if (!*reasons[i])
			continue;
		if (sentence->text[sentence->length - 1] != ' ')
			add(sentence, ": ");
		add(sentence, reasons[i]);
	}
}

static void add_field(struct sentence *sentence, char field, const struct dmk_finding *finding)
{
	char number[64];

	switch (field) {
	case 'n':
		add(sentence, finding->name);
		break;
	case 'q':
		quote(finding->name, false, add, sentence);
		break;
	case 'd':
		add_number(sentence, finding->major, finding->minor);
		break;
	case 'p':
		add(sentence, finding->path);
		break;
	case 'P':
		quote(finding->path, false, add, sentence);
		break;
	case 'o':
		add_number(sentence, finding->other_major, finding->other_minor);
		break;
	case 'w':
		add_disk(sentence, finding);
		break;
	case 't':
		add(sentence, finding->detail);
		break;
	case 'e':
		add(sentence, dmk_errno_text(finding->code));
		break;
	case 's':
		snprintf(number, sizeof(number), "%" PRIu64 ", its own is %" PRIu64,
			 finding->other_diskseq, finding->diskseq);
		add(sentence, number);
		break;
	case 'g':
		add(sentence, finding->target);
		break;
	case 'f':
		add(sentence, finding->field);
		break;
	case 'v':
		add(sentence, finding->value);
		break;
	case 'x':
		add_reasons(sentence, finding);
		break;
	case 'a':
		snprintf(number, sizeof(number), "%" PRId64, finding->age_s);
		add(sentence, number);
		break;
	default:
		snprintf(number, sizeof(number), "0x%08" PRIx32, finding->cookie);
		add(sentence, number);
		break;
	}
}

static const char *say(struct sentence *sentence, const char *format,
		       const struct dmk_finding *finding)
{
	sentence->length = 0;
	sentence->text[0] = '\0';
	for (; *format; format++) {
		char one[2] = { *format };

		if (*format == '@')
			add_field(sentence, *++format, finding);
		else
			add(sentence, one);
	}
	return sentence->text;
}

static const struct saying *saying_of(const struct dmk_finding *finding)
{
	/* A library newer than this command may find more. */
	static const struct saying unknown = { "unknown", "something else: @p @n @t", "" };

	return finding->kind < ARRAY_SIZE(sayings) && sayings[finding->kind].kind
		       ? &sayings[finding->kind]
		       : &unknown;
}

/* What is to be done about an errno. */
static const char *mend_of_code(const struct dmk_finding *finding)
{
	bool refused =
		exit_code(&(struct dmk_error){ .code = finding->code }) == EXIT_NOT_PERMITTED;

	if (finding->kind == DMK_FINDING_NOT_LISTED && refused)
		/* The node could not be opened; or it was, and the kernel refused the request. */
		return "run it as root (CAP_SYS_ADMIN)";
	if (finding->kind != DMK_FINDING_NO_KERNEL_LOG)
		return "";
	if (finding->code == -ENOENT)
		return "mknod -m 644 /dev/kmsg c 1 11";
	return refused ? "run it as root (CAP_SYSLOG)" : "";
}

static const char *mend_of(const struct dmk_finding *finding)
{
	const char *mend = saying_of(finding)->mend;

	if (finding->flags & DMK_FINDING_CAN_MEND)
		return FIX;
	return *mend ? mend : mend_of_code(finding);
}

const char *finding_kind(const struct dmk_finding *finding)
{
	return saying_of(finding)->kind;
}

const char *say_finding(struct sentence *sentence, const struct dmk_finding *finding)
{
	return say(sentence, saying_of(finding)->text, finding);
}

/* Its own advice comes first; that is no format. */
const char *say_mend(struct sentence *sentence, const struct dmk_finding *finding)
{
	if (!*finding->advice)
		return say(sentence, mend_of(finding), finding);
	sentence->length = 0;
	add(sentence, finding->advice);
	return sentence->text;
}

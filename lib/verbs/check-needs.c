/* SPDX-License-Identifier: MIT */
/* What a segment needs and this kernel is too old for. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "check.h"
#include "base/error.h"
#include "machine/modules.h"
#include "targets/needs.h"

/* This kernel's release as DMK_LINUX(); 0: it is not to be told what that has. Red Hat's have what
 * is years younger. */
static uint32_t own_release(void)
{
	struct utsname name;
	unsigned long major;
	char *end;

	if (uname(&name) < 0 || strstr(name.release, ".el"))
		return 0;
	major = strtoul(name.release, &end, 10);
	/* What setarch --uname-2.6 makes of it is none. */
	return *end == '.' && major >= 3 && major <= 255
		       ? DMK_LINUX((uint32_t)major, (uint32_t)strtoul(end + 1, NULL, 10))
		       : 0;
}

struct lack {
	struct dmk *dm;
	const char *type;
	struct dmk_version present;
	int asked; /* what asking for it returned; 1: not yet */
};

static int note_lack(void *userdata, const struct dmk_need *need)
{
	struct lack *lack = userdata;
	struct dmk_version needed = dmk_since_version(need->since), *present = &lack->present;
	struct dmk_error *err = &lack->dm->error;
	struct dmk_error failure;
	uint32_t own;

	if (!need->since) {
		own = need->maybe_before ? 0 : own_release();
		if (own == 0 || need->release <= own)
			return 0;
		dmk_print_text(err->detail, sizeof(err->detail),
			       "Linux %u.%u does not have it, Linux %u.%u was the first", own >> 8,
			       own & 0xff, need->release >> 8, need->release & 0xff);
	} else {
		if (lack->asked == 1) {
			failure = *err; /* the question has none of its own */
			lack->asked = dmk_get_target_version(lack->dm, lack->type, present);
			*err = failure;
		}
		if (lack->asked < 0 || !dmk_version_less(present, &needed))
			return 0;
		dmk_print_text(err->detail, sizeof(err->detail),
			       "needs %s %u.%u.%u, this kernel has %u.%u.%u", lack->type,
			       needed.major, needed.minor, needed.patch, present->major,
			       present->minor, present->patch);
	}
	dmk_copy_text(err->argument, sizeof(err->argument), need->word);
	return 1;
}

bool dmk_check_target(struct dmk *dm, const char *type)
{
	struct dmk_error *err = &dm->error;
	const struct dmk_error failure = *err; /* the question has none of its own */
	struct dmk_version present;
	int r = dmk_get_target_version(dm, type, &present);

	*err = failure;
	/* ENXIO is a driver's that only lists what is loaded; the refused load would have done
	 * that.
	 */
	if (r != -EINVAL && r != -ENXIO)
		return false;
	dmk_say_no_target(type, err->detail, sizeof(err->detail));
	err->flags |= DMK_ERROR_NO_TARGET;
	return true;
}

bool dmk_check_version(struct dmk *dm, const struct dmk_segment *segment)
{
	struct lack lack = { .dm = dm, .type = segment->type, .asked = 1 };

	return dmk_target_needs(segment->type, segment->params, note_lack, &lack) == 1;
}

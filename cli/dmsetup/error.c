/* SPDX-License-Identifier: MIT */
/* Failures in dmsetup's words, which programs read (containerd looks at the first line alone). */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "dmsetup/verbs.h"

void dms_error(const char *format, ...)
{
	va_list args;

	/* What was printed before is read before, where both go to one file. */
	fflush(stdout);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

int dms_fail_memory(void)
{
	dms_error("Out of memory.");
	return -1;
}

static int fail_driver(const struct dmsetup *d, const struct dmk_error *err)
{
	dms_error("%s/control: open failed: %s", d->node_dir, dmk_errno_text(err->code));
	dms_error("Failure to communicate with kernel device-mapper driver.");
	if (geteuid() == 0)
		dms_error("Check that device-mapper is available in the kernel.");
	return -1;
}

/* A node that could not be made, moved or taken away. */
static int fail_node(const struct dmsetup *d, const struct dmk_error *err, const char *name)
{
	if (err->code == -EEXIST)
		dms_error("A non-block device file at '%s/%s' is already present", d->node_dir,
			  name);
	else
		dms_error("%s/%s: %s for %s failed: %s", d->node_dir, name,
			  err->step == DMK_STEP_MAKE_NODE ? "mknod" : "unlink", name,
			  dmk_errno_text(err->code));
	return -1;
}

/* Names and numbers that no device can have: the library asks the kernel nothing then, which would
 * say that there is no such device. */
static bool is_nowhere(const struct dmk_error *err, const struct dmk_id *id)
{
	if (err->step != DMK_STEP_ARGUMENTS || !id)
		return false;
	return (id->name && !*id->name) || (id->uuid && !*id->uuid) || id->major > 4095 ||
	       id->minor > 1048575;
}

int dms_fail(struct dmsetup *d, const char *command, const struct dmk_id *id)
{
	const struct dmk_error *err = dmk_last_error(d->dm);
	const char *name = id && id->name ? id->name : "";
	char number[32] = "";
	int code = err->code;

	memcpy(d->reason, err->reason, sizeof(d->reason));
	if (err->step == DMK_STEP_OPEN_CONTROL)
		return fail_driver(d, err);
	if (err->step == DMK_STEP_UDEV && d->udev_cookie)
		return dms_fail_cookie(d, d->udev_cookie);
	if (err->step == DMK_STEP_MAKE_NODE || err->step == DMK_STEP_REMOVE_NODE)
		return fail_node(d, err, name);
	if (id && id->major)
		snprintf(number, sizeof(number), "(%u:%u)", id->major, id->minor);
	if (strcmp(command, "create") != 0 && is_nowhere(err, id))
		code = -ENXIO;
	dms_error("device-mapper: %s ioctl on %s %s%s failed: %s", command, name,
		  id && id->uuid ? id->uuid : "", number, dmk_errno_text(code));
	return -1;
}

int dms_fail_missing(struct dmsetup *d, const char *command, const struct dmk_id *id)
{
	const struct dmk_error *err = dmk_last_error(d->dm);

	if (err->step == DMK_STEP_OPEN_CONTROL || (err->code != -ENXIO && !is_nowhere(err, id)))
		return dms_fail(d, command, id);
	dms_error("Device does not exist.");
	return -1;
}

static int32_t semid_of(struct dmsetup *d, uint32_t key)
{
	struct dmk_udev_cookie cookie = { 0 };
	struct dmk_udev_cookies *cookies;
	int32_t semid = -1;

	if (dmk_list_udev_cookies(d->dm, &cookies) < 0)
		return -1;
	while (dmk_udev_cookies_next(cookies, &cookie) == 1)
		if (cookie.cookie == key)
			semid = cookie.semid;
	dmk_udev_cookies_free(cookies);
	return semid;
}

int dms_fail_cookie(struct dmsetup *d, uint32_t key)
{
	int code = dmk_last_error(d->dm)->code;

	if (code == -ENOENT) {
		dms_error("Could not find notification semaphore identified by cookie value %u "
			  "(0x%x)",
			  key, key);
		return -1;
	}
	dms_error("semid %d: semop failed for cookie 0x%x: %s", (int)semid_of(d, key), key,
		  code == -EAGAIN ? "incorrect semaphore state" : dmk_errno_text(code));
	if (code == -EAGAIN)
		dms_error("Could not signal waiting process using notification semaphore "
			  "identified by cookie value %u (0x%x)",
			  key, key);
	return -1;
}

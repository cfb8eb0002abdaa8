/* SPDX-License-Identifier: MIT */
/* Udev cookies that a process left when it died. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "doctor.h"

/* udevd gives an event three minutes, and a script may do much between two commands. */
#define QUIET_S 300

static int64_t age_of(const struct dmk_udev_cookie *cookie)
{
	int64_t last = cookie->last_op_s > cookie->change_s ? cookie->last_op_s : cookie->change_s;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec > last ? (int64_t)now.tv_sec - last : 0;
}

static bool has_ended(const struct dmk_udev_cookie *cookie)
{
	/* 0: nobody ever changed it, or one of another pid namespace did, who may be alive. */
	if (cookie->pid == 0)
		return cookie->last_op_s == 0;
	return kill(cookie->pid, 0) < 0 && errno == ESRCH;
}

/* The finding that it is; 0: none. */
static uint32_t judge(const struct dmk_udev_cookie *cookie)
{
	if (cookie->waiters > 0 || age_of(cookie) < QUIET_S || !has_ended(cookie))
		return 0;
	/* As dmsetup udevcreatecookie leaves it for a script: its maker has always ended. */
	if (cookie->value == 1 && cookie->last_op_s == 0)
		return DMK_FINDING_COOKIE_KEPT;
	return DMK_FINDING_COOKIE_STALE;
}

/* Calls fn for each that is a finding; 0, -ENOMEM, or what fn returns. Where there are no
 * semaphores, there is none. */
static int each(struct dmk *dm,
		int (*fn)(struct dmk *dm, void *data, uint32_t kind,
			  const struct dmk_udev_cookie *cookie),
		void *data)
{
	struct dmk_udev_cookies *cookies;
	struct dmk_udev_cookie cookie;
	int r = dmk_list_udev_cookies(dm, &cookies);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	while (r == 0 && dmk_udev_cookies_next(cookies, &cookie) == 1) {
		uint32_t kind = judge(&cookie);

		if (kind)
			r = fn(dm, data, kind, &cookie);
	}
	dmk_udev_cookies_free(cookies);
	return r;
}

static int add(struct dmk *dm, void *data, uint32_t kind, const struct dmk_udev_cookie *cookie)
{
	struct dmk_finding *finding = dmk_add_finding(data, kind);

	(void)dm;
	if (!finding)
		return -ENOMEM;
	finding->cookie = cookie->cookie;
	finding->age_s = age_of(cookie);
	return 0;
}

int dmk_examine_cookies(struct dmk *dm, struct dmk_findings *findings)
{
	return each(dm, add, findings);
}

static int drop(struct dmk *dm, void *data, uint32_t kind, const struct dmk_udev_cookie *cookie)
{
	const struct dmk_finding *finding = data;
	int r = 0;

	if (kind == finding->kind && cookie->cookie == finding->cookie)
		r = dmk_udev_cookie_remove(dm, cookie->cookie);
	return r == -ENOENT ? 0 : r;
}

int dmk_mend_cookie(struct dmk *dm, const struct dmk_finding *finding)
{
	struct dmk_finding copy = *finding;

	return each(dm, drop, &copy);
}

/* SPDX-License-Identifier: MIT */
/* Udev cookies that a process left when it died. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "doctor.h"

/* Where udevd runs it counts down cookies whose owner, at work on other devices, does not wait yet:
 * one of these is never quiet for so long. */
#define QUIET_S 10

static int64_t age_of(const struct dmk_udev_cookie *cookie)
{
	int64_t last = cookie->last_op_s > cookie->change_s ? cookie->last_op_s : cookie->change_s;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec > last ? (int64_t)now.tv_sec - last : 0;
}

static bool is_stale(const struct dmk_udev_cookie *cookie, const struct dmk_udev_state *state)
{
	bool udevd = state->why != DMK_UDEV_WHY_NO_SOCKET && state->why != DMK_UDEV_WHY_NO_ANSWER;

	if (cookie->waiters > 0 || (udevd && age_of(cookie) < QUIET_S))
		return false;
	/* 0: nobody ever changed it, or one of another pid namespace did, who may be alive. */
	if (cookie->pid == 0)
		return cookie->last_op_s == 0;
	return kill(cookie->pid, 0) < 0 && errno == ESRCH;
}

/* Calls add for each; 0, -ENOMEM, or what add returns. Where there are no semaphores, none is
 * stale. */
static int each_stale(struct dmk *dm,
		      int (*fn)(struct dmk *dm, void *data, const struct dmk_udev_cookie *cookie),
		      void *data)
{
	struct dmk_udev_cookies *cookies;
	struct dmk_udev_cookie cookie;
	struct dmk_udev_state state;
	int r = dmk_list_udev_cookies(dm, &cookies);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	r = dmk_get_udev_state(dm, &state);
	while (r == 0 && dmk_udev_cookies_next(cookies, &cookie) == 1) {
		if (is_stale(&cookie, &state))
			r = fn(dm, data, &cookie);
	}
	dmk_udev_cookies_free(cookies);
	return r;
}

static int add(struct dmk *dm, void *data, const struct dmk_udev_cookie *cookie)
{
	struct dmk_finding *finding = dmk_add_finding(data, DMK_FINDING_COOKIE_STALE);

	(void)dm;
	if (!finding)
		return -ENOMEM;
	finding->cookie = cookie->cookie;
	finding->age_s = age_of(cookie);
	return 0;
}

int dmk_examine_cookies(struct dmk *dm, struct dmk_findings *findings)
{
	return each_stale(dm, add, findings);
}

static int drop(struct dmk *dm, void *data, const struct dmk_udev_cookie *cookie)
{
	const struct dmk_finding *finding = data;
	int r = cookie->cookie == finding->cookie ? dmk_udev_cookie_remove(dm, cookie->cookie) : 0;

	return r == -ENOENT ? 0 : r;
}

int dmk_mend_cookie(struct dmk *dm, const struct dmk_finding *finding)
{
	struct dmk_finding copy = *finding;

	return each_stale(dm, drop, &copy);
}

/* SPDX-License-Identifier: MIT */
/* udev's part: what the options and the environment say of it, and the verbs that its rules call.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dmsetup/verbs.h"

#define KEY_PREFIX 0x0d4du

/* A cookie as a word: never 0. */
static int read_cookie(const char *word, uint32_t *ret_cookie)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(word, &end, 0);
	if (errno || *end || value == 0 || value > UINT32_MAX) {
		dms_error("Incorrect cookie value.");
		return -1;
	}
	*ret_cookie = (uint32_t)value;
	return 0;
}

/* The semaphore's key out of what the kernel told udev: its upper half is flags there. */
static uint32_t key_of(uint32_t cookie)
{
	return KEY_PREFIX << 16 | (cookie & 0xffff);
}

bool dms_handshake(struct dmsetup *d)
{
	struct dmk_udev_state state;

	return dmk_get_udev_state(d->dm, &state) == 0 && state.handshake;
}

void dms_udev_begin(struct dmsetup *d)
{
	const char *word =
		dms_given(d, DMS_UDEVCOOKIE) ? d->value[DMS_UDEVCOOKIE] : getenv("DM_UDEV_COOKIE");
	uint32_t cookie = 0;

	/* dmsetup goes on without it, too. */
	if (word && read_cookie(word, &cookie) == 0)
		d->udev_cookie = key_of(cookie);
	d->node_policy = DMK_NODE_DEFAULT;
	if (!dms_given(d, DMS_VERIFYUDEV))
		d->udev_flags |= DMK_UDEV_DISABLE_LIBRARY_FALLBACK;
	if (dms_given(d, DMS_NOUDEVRULES))
		d->udev_flags |= DMK_UDEV_DISABLE_DM_RULES | DMK_UDEV_DISABLE_SUBSYSTEM_RULES;
	/* udevd is told to make no node, and dmsetup makes none in its place unless it verifies. */
	if (dms_given(d, DMS_NOUDEVRULES) && !dms_given(d, DMS_VERIFYUDEV) && dms_handshake(d))
		d->node_policy = DMK_NODE_NONE;
	if (getenv("DM_DISABLE_UDEV")) {
		dmk_set_udev(d->dm, DMK_UDEV_OFF);
	} else if (dms_given(d, DMS_NOUDEVSYNC)) {
		/* What udevd does is not waited for, but it does it all the same. */
		if (dms_handshake(d) && !dms_given(d, DMS_NOUDEVRULES)) {
			d->udev_flags |= DMK_UDEV_PRIMARY_SOURCE;
			d->node_policy = DMK_NODE_NONE;
		}
		dmk_set_udev(d->dm, DMK_UDEV_OFF);
	}
}

int dms_udev_create_cookie(struct dmsetup *d, char **words, int n)
{
	static const char digits[] = "0123456789ABCDEF";
	char text[] = "0x00000000";
	uint32_t cookie;

	(void)words;
	(void)n;
	/* Where no udevd counts it down, dmsetup makes none. */
	if (!dms_handshake(d))
		return 0;
	if (dmk_udev_cookie_create(d->dm, &cookie) < 0) {
		dms_error("Failed to create udev cookie: %s",
			  dmk_errno_text(dmk_last_error(d->dm)->code));
		return -1;
	}
	for (char *c = text + 9; c > text + 1; c--, cookie >>= 4)
		*c = digits[cookie & 15];
	puts(text);
	return 0;
}

int dms_udev_release_cookie(struct dmsetup *d, char **words, int n)
{
	uint32_t cookie = d->udev_cookie;

	if (n > 0 && read_cookie(words[0], &cookie) < 0)
		return -1;
	if (!cookie) {
		dms_error("No udev transaction cookie given.");
		return -1;
	}
	if (!dms_handshake(d))
		return 0;
	if (dmk_udev_cookie_wait(d->dm, key_of(cookie), 0) < 0)
		return dms_fail_cookie(d, key_of(cookie));
	return 0;
}

int dms_udev_flags(struct dmsetup *d, char **words, int n)
{
	static const char *const names[] = {
		"DISABLE_DM_RULES",   "DISABLE_SUBSYSTEM_RULES",
		"DISABLE_DISK_RULES", "DISABLE_OTHER_RULES",
		"LOW_PRIORITY",	      "DISABLE_LIBRARY_FALLBACK",
		"PRIMARY_SOURCE",
	};
	uint32_t cookie;

	(void)d;
	(void)n;
	if (read_cookie(words[0], &cookie) < 0)
		return -1;
	for (unsigned int i = 0; i < 16; i++) {
		if (!(cookie >> 16 & 1u << i))
			continue;
		if (i < DMS_COUNT_OF(names))
			printf("DM_UDEV_%s_FLAG='1'\n", names[i]);
		else if (i < 8)
			printf("DM_UDEV_FLAG%u='1'\n", i);
		else
			printf("DM_SUBSYSTEM_UDEV_FLAG%u='1'\n", i - 8);
	}
	return 0;
}

int dms_udev_complete(struct dmsetup *d, char **words, int n)
{
	uint32_t cookie;
	int r;

	(void)n;
	if (read_cookie(words[0], &cookie) < 0)
		return -1;
	/* Always: whether udevd can be seen from here or not, somebody may be waiting. */
	r = dmk_udev_cookie_complete(d->dm, key_of(cookie));
	printf("DM_COOKIE_COMPLETED=0x%-10x\n", cookie);
	return r < 0 && dms_handshake(d) ? dms_fail_cookie(d, key_of(cookie)) : 0;
}

static bool ask(struct dmsetup *d)
{
	int answer;

	if (dms_given(d, DMS_YES))
		return true;
	dms_error("WARNING: This operation will destroy all semaphores with keys that have a "
		  "prefix %u (0x%x).",
		  KEY_PREFIX, KEY_PREFIX);
	do {
		printf("Do you really want to continue? [y/n]: ");
		fflush(stdout);
		answer = getchar();
		for (int c = answer; c != '\n' && c != EOF;)
			c = getchar();
	} while (answer != 'y' && answer != 'n' && answer != EOF);
	if (answer == EOF)
		putchar('\n');
	return answer == 'y';
}

int dms_udev_complete_all(struct dmsetup *d, char **words, int n)
{
	struct dmk_udev_cookies *cookies;
	struct dmk_udev_cookie cookie;
	int64_t minutes = 0, now = time(NULL);
	int destroyed = 0, skipped = 0;
	char *end = NULL;

	if (n > 0)
		minutes = strtol(words[0], &end, 10);
	if (n > 0 && (*end || end == words[0] || minutes < 0)) {
		dms_error("Failed to read age_in_minutes parameter.");
		return -1;
	}
	if (!ask(d)) {
		printf("Semaphores with keys prefixed by %u (0x%x) NOT destroyed.\n", KEY_PREFIX,
		       KEY_PREFIX);
		return 0;
	}
	if (dmk_list_udev_cookies(d->dm, &cookies) < 0) {
		dms_error("semctl failed: %s", dmk_errno_text(dmk_last_error(d->dm)->code));
		return -1;
	}
	while (dmk_udev_cookies_next(cookies, &cookie) == 1) {
		int64_t last =
			cookie.last_op_s > cookie.change_s ? cookie.last_op_s : cookie.change_s;

		if (last + minutes * 60 > now)
			skipped++;
		else if (dmk_udev_cookie_remove(d->dm, cookie.cookie) == 0)
			destroyed++;
	}
	dmk_udev_cookies_free(cookies);
	printf("%d semaphores with keys prefixed by %u (0x%x) destroyed. %d skipped.\n", destroyed,
	       KEY_PREFIX, KEY_PREFIX, skipped);
	return 0;
}

static void put_time(int64_t seconds)
{
	time_t when = (time_t)seconds;
	struct tm tm = { 0 };
	char text[64];

	localtime_r(&when, &tm);
	strftime(text, sizeof(text), "  %a %b %e %H:%M:%S %Y", &tm);
	fputs(text, stdout);
}

int dms_udev_cookies(struct dmsetup *d, char **words, int n)
{
	struct dmk_udev_cookies *cookies;
	struct dmk_udev_cookie cookie;

	(void)words;
	(void)n;
	if (dmk_list_udev_cookies(d->dm, &cookies) < 0) {
		dms_error("semctl failed: %s", dmk_errno_text(dmk_last_error(d->dm)->code));
		return -1;
	}
	puts("Cookie       Semid      Value      Last semop time           Last change time");
	while (dmk_udev_cookies_next(cookies, &cookie) == 1) {
		printf("0x%-10x %-10d %-9d", cookie.cookie, cookie.semid, (int)cookie.value);
		put_time(cookie.last_op_s);
		put_time(cookie.change_s);
		putchar('\n');
	}
	dmk_udev_cookies_free(cookies);
	return 0;
}

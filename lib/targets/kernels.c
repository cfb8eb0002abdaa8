/* SPDX-License-Identifier: MIT */
/*
 * Which Linux has which target in which version. A fact is the release that was the first with a
 * version, or one that is known to have it while the first is not known: 6.1, 6.12 and 7.2 were
 * read in their sources. Between two facts of which only the later one is of that second kind,
 * nothing is certain. 2.6 stands for all before 3.0. A row's own release counts before
 * all this.
 */
#include "needs.h"

#include <stdlib.h>
#include <string.h>

#define LINUX DMK_LINUX

static const struct fact {
	const char *type;
	uint16_t release;
	uint8_t major, minor, patch; /* 0.0.0: it has none */
	bool first;
} facts[] = {
#define FIRST(type, release, ...)                               \
	{                                                       \
		type, LINUX release, __VA_ARGS__, .first = true \
	}
#define HAS(type, release, ...)                  \
	{                                        \
		type, LINUX release, __VA_ARGS__ \
	}
	FIRST("cache", (3, 9), 1),
	FIRST("cache", (4, 12), 1, 10),
	FIRST("cache", (5, 1), 2, 1),
	HAS("cache", (6, 1), 2, 3),
	HAS("cache", (6, 12), 2, 3),
	HAS("cache", (7, 2), 2, 4),
	FIRST("clone", (5, 4), 1),
	FIRST("crypt", (2, 6), 1),
	FIRST("crypt", (3, 1), 1, 11),
	FIRST("crypt", (4, 0), 1, 14),
	FIRST("crypt", (4, 12), 1, 17),
	FIRST("crypt", (5, 9), 1, 22),
	HAS("crypt", (6, 1), 1, 24),
	FIRST("crypt", (6, 10), 1, 26),
	FIRST("crypt", (6, 12), 1, 28),
	HAS("crypt", (7, 2), 1, 29),
	FIRST("delay", (2, 6), 1),
	HAS("delay", (7, 2), 1, 5),
	FIRST("dust", (5, 2), 1),
	FIRST("ebs", (5, 8), 1),
	HAS("ebs", (6, 12), 1, 0, 1),
	FIRST("era", (3, 15), 1),
	FIRST("error", (2, 6), 1),
	HAS("error", (6, 12), 1, 7),
	HAS("flakey", (3, 1), 1),
	HAS("flakey", (6, 12), 1, 5),
	HAS("inlinecrypt", (6, 12), 0),
	HAS("inlinecrypt", (7, 2), 1),
	FIRST("integrity", (4, 12), 1),
	FIRST("integrity", (4, 19), 1, 2),
	FIRST("integrity", (5, 2), 1, 3),
	FIRST("integrity", (5, 5), 1, 4),
	FIRST("integrity", (5, 7), 1, 6),
	FIRST("integrity", (5, 12), 1, 7),
	FIRST("integrity", (5, 13), 1, 8),
	HAS("integrity", (6, 1), 1, 10),
	FIRST("integrity", (6, 11), 1, 12),
	HAS("integrity", (6, 12), 1, 14),
	HAS("integrity", (7, 2), 1, 15),
	FIRST("linear", (2, 6), 1),
	HAS("linear", (7, 2), 1, 5),
	FIRST("log-writes", (4, 1), 1),
	HAS("log-writes", (6, 12), 1, 1),
	FIRST("mirror", (2, 6), 1),
	FIRST("mirror", (4, 2), 1, 14),
	HAS("mirror", (7, 2), 1, 15),
	FIRST("multipath", (2, 6), 1),
	FIRST("multipath", (3, 6), 1, 5),
	HAS("multipath", (7, 2), 1, 15),
	FIRST("pcache", (6, 18), 1),
	FIRST("raid", (2, 6), 1),
	FIRST("raid", (3, 1), 1, 1),
	FIRST("raid", (3, 6), 1, 3),
	FIRST("raid", (3, 9), 1, 4, 2),
	FIRST("raid", (4, 8), 1, 9),
	FIRST("raid", (4, 11), 1, 10),
	FIRST("raid", (4, 12), 1, 11, 1),
	HAS("raid", (6, 1), 1, 15, 1),
	FIRST("snapshot", (2, 6), 1),
	FIRST("snapshot", (5, 3), 1, 16),
	FIRST("snapshot-merge", (2, 6), 1),
	FIRST("snapshot-merge", (5, 3), 1, 5),
	FIRST("snapshot-origin", (2, 6), 1),
	HAS("snapshot-origin", (6, 12), 1, 9),
	FIRST("striped", (2, 6), 1),
	HAS("striped", (7, 2), 1, 7),
	FIRST("switch", (3, 11), 1),
	HAS("switch", (6, 12), 1, 1),
	FIRST("thin", (3, 2), 1),
	FIRST("thin", (3, 4), 1, 1),
	HAS("thin", (7, 2), 1, 24),
	FIRST("thin-pool", (3, 2), 1),
	FIRST("thin-pool", (3, 4), 1, 1),
	FIRST("thin-pool", (3, 14), 1, 10),
	HAS("thin-pool", (6, 1), 1, 22),
	HAS("thin-pool", (7, 2), 1, 24),
	FIRST("unstriped", (4, 16), 1),
	HAS("unstriped", (6, 12), 1, 1),
	FIRST("vdo", (6, 9), 9),
	HAS("vdo", (6, 12), 9, 1),
	HAS("vdo", (7, 2), 9, 2),
	FIRST("verity", (3, 4), 1),
	FIRST("verity", (4, 1), 1, 2),
	FIRST("verity", (4, 5), 1, 3),
	FIRST("verity", (4, 17), 1, 4),
	FIRST("verity", (5, 4), 1, 5),
	FIRST("verity", (5, 9), 1, 7),
	FIRST("verity", (6, 0), 1, 9),
	HAS("verity", (6, 1), 1, 9),
	HAS("verity", (6, 12), 1, 10),
	HAS("verity", (7, 2), 1, 13),
	FIRST("writecache", (4, 18), 1),
	FIRST("writecache", (4, 19), 1, 1),
	FIRST("writecache", (5, 7), 1, 2),
	FIRST("writecache", (5, 8), 1, 3),
	FIRST("writecache", (5, 14), 1, 5),
	HAS("writecache", (6, 1), 1, 6),
	FIRST("zero", (2, 6), 1),
	HAS("zero", (6, 12), 1, 2),
	FIRST("zoned", (4, 13), 1),
	HAS("zoned", (6, 12), 2),
};

static struct dmk_version version_of(const struct fact *fact)
{
	return (struct dmk_version){ .major = fact->major,
				     .minor = fact->minor,
				     .patch = fact->patch };
}

struct dmk_version dmk_newest_known(const char *type)
{
	struct dmk_version newest = { 0 };

	for (size_t i = 0; i < DMK_ARRAY_SIZE(facts); i++) {
		struct dmk_version version = version_of(&facts[i]);

		if (strcmp(facts[i].type, type) == 0 && dmk_version_less(&newest, &version))
			newest = version;
	}
	return newest;
}

/* needed NULL: the target itself, which its first fact brought. *ret_since: the first Linux with
 * it, where that is known and this one lacks it; else 0. */
static enum dmk_known kernel_has(const char *type, const struct dmk_version *needed,
				 uint32_t release, uint32_t *ret_since)
{
	enum dmk_known known = DMK_UNKNOWN;
	bool birth = true;

	*ret_since = 0;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(facts); i++) {
		const struct fact *fact = &facts[i];
		struct dmk_version version = version_of(fact);
		bool enough, just;

		if (strcmp(fact->type, type) != 0)
			continue;
		enough = needed ? !dmk_version_less(&version, needed) : version.major != 0;
		just = fact->first &&
		       (needed ? enough && !dmk_version_less(needed, &version) : birth);
		birth = false;
		if (fact->release <= release && enough)
			return DMK_YES;
		/* Versions grow: what a later release has not, or has first, no earlier one has. */
		if (fact->release > release ? !enough || just
					    : fact->release == release && !fact->first)
			known = DMK_NO;
		if (just)
			*ret_since = fact->release;
	}
	return known;
}

struct question {
	const char *type;
	uint32_t release;
	enum dmk_known known;
	struct dmk_need *need;
};

static int ask(void *userdata, const struct dmk_need *need)
{
	struct question *q = userdata;
	struct dmk_version needed = dmk_since_version(need->since);
	uint32_t since = need->release;
	enum dmk_known one;

	if (need->release)
		one = need->release <= q->release ? DMK_YES
		      : need->maybe_before	  ? DMK_UNKNOWN
						  : DMK_NO;
	else
		one = kernel_has(q->type, &needed, q->release, &since);
	if (one == DMK_YES || one == q->known)
		return 0;
	q->known = one;
	*q->need = *need;
	q->need->release = (uint16_t)since;
	return one == DMK_NO;
}

enum dmk_known dmk_kernel_has(const char *type, const char *params, uint32_t release,
			      struct dmk_need *ret_need)
{
	struct question q = { .type = type, .release = release, .need = ret_need };
	uint32_t since;

	q.known = kernel_has(type, NULL, release, &since);
	*ret_need = (struct dmk_need){ .release = (uint16_t)since };
	if (!dmk_target_find(type) || q.known != DMK_YES)
		return q.known;
	return dmk_target_needs(type, params, ask, &q) < 0 ? DMK_UNKNOWN : q.known;
}

/* SPDX-License-Identifier: MIT */
/*
 * Which Linux has which target in which version. A fact is the release that was the first with a
 * version, or one that is known to have it while the first is not known: 6.1, 6.12 and 7.2 were
 * read in their sources. Between two facts of which only the later one is of that second kind,
 * nothing is certain. 2.6 stands for all before 3.0. A row's own "(Linux 5.9)" counts before all
 * this.
 */
#include "target.h"

#include <stdlib.h>
#include <string.h>

#define LINUX DMK_LINUX

static const struct fact {
	char type[16]; /* here, so that it can be packed */
	uint16_t release;
	uint8_t major, minor, patch; /* 0.0.0: it has none */
	bool first;
} facts[] DMK_PACKED("facts") = {
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

	dmk_texts_unpack();
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
	dmk_texts_unpack();
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

/* "(Linux 5.9)" at a help text's end; 0: it has none. */
static uint32_t linux_of(const char *help)
{
	const char *text = help ? strstr(help, "(Linux ") : NULL;
	char *end;
	unsigned long major;

	if (!text)
		return 0;
	major = strtoul(text + strlen("(Linux "), &end, 10);
	return *end == '.' ? LINUX((uint32_t)major, (uint32_t)strtoul(end + 1, NULL, 10)) : 0;
}

static enum dmk_known row_known(const char *type, const struct dmk_row *row, uint32_t release,
				uint32_t *ret_since)
{
	struct dmk_version needed;

	*ret_since = linux_of(row->help);
	if (*ret_since)
		return *ret_since <= release ? DMK_YES : DMK_NO;
	if (!row->since)
		return DMK_YES;
	needed = dmk_since_version(row->since);
	return kernel_has(type, &needed, release, ret_since);
}

enum dmk_known dmk_kernel_has(const char *type, const char *params, uint32_t release,
			      const struct dmk_row **ret_row, uint32_t *ret_since)
{
	const struct dmk_target *target = dmk_target_find(type);
	DMK_CLEANUP(dmk_free_ptr) void *value = NULL;
	enum dmk_known known = kernel_has(type, NULL, release, ret_since), one;
	uint32_t since;

	*ret_row = NULL;
	if (!target || known != DMK_YES)
		return known;
	value = malloc(target->table.value_size);
	if (!value || dmk_form_parse(&target->table, params, value, NULL) < 0)
		return DMK_UNKNOWN;
	for (uint32_t i = 0; i < target->table.n_rows && known != DMK_NO; i++) {
		const struct dmk_row *row = &target->table.rows[i];

		if (!row->word || !dmk_row_present(&target->table, row, value))
			continue;
		one = row_known(type, row, release, &since);
		if (one == DMK_YES || one == known)
			continue;
		known = one;
		*ret_row = row;
		*ret_since = since;
	}
	dmk_form_clear(&target->table, value);
	return known;
}

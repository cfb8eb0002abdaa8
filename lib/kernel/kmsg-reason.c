/* SPDX-License-Identifier: MIT */
/* Which lines of the kernel's log are the reason of one refusal. */
#include <stdio.h>
#include <string.h>

#include "kmsg.h"
#include "wire/uapi.h"

#define WARNING 4
#define FAILED " message failed."

/* Whether the kernel says who wrote a line, and we know who we are. */
static bool knows_caller(const struct dmk_kmsg_window *window, const struct dmk_kmsg_line *line)
{
	return window->caller[0] && line->caller[0];
}

static bool is_ours(const struct dmk_kmsg_window *window, const struct dmk_kmsg_line *line)
{
	return knows_caller(window, line) && strcmp(window->caller, line->caller) == 0;
}

void dmk_kmsg_add(struct dmk_kmsg_window *window, const struct dmk_kmsg_line *line)
{
	bool own = line->major && line->major == window->major && line->minor == window->minor;

	if (knows_caller(window, line) && !own && !is_ours(window, line))
		return;
	if (line->major && !own) {
		window->others = true;
	} else if (line->level > WARNING) {
		return; /* said in passing */
	} else if (own) {
		if (window->n_own < DMK_ARRAY_SIZE(window->own))
			window->own[window->n_own++] = *line;
	} else if (window->n_plain < DMK_ARRAY_SIZE(window->plain)) {
		window->plain[window->n_plain++] = *line;
	} else {
		window->others = true; /* more than one refusal says */
	}
}

/* Lines of device-mapper's core: the target's own say more. */
static bool is_core(const struct dmk_kmsg_line *line)
{
	return strcmp(line->source, "ioctl") == 0 || strcmp(line->source, "table") == 0 ||
	       strncmp(line->source, "core", 4) == 0;
}

/* "thin: reserve_metadata_snap message failed.": that it did is known. */
static bool says_nothing(const struct dmk_kmsg_line *line)
{
	size_t length = strlen(line->text), end = strlen(FAILED);

	return length > end && strcmp(line->text + length - end, FAILED) == 0;
}

static void add_line(const struct dmk_kmsg_line *line, char *reason, size_t size)
{
	char sentence[sizeof(line->source) + sizeof(line->text) + 2];
	size_t length = strlen(reason);

	snprintf(sentence, sizeof(sentence), "%s%s%s", is_core(line) ? "" : line->source,
		 is_core(line) ? "" : ": ", line->text);
	if (length == 0)
		dmk_copy_text(reason, size, sentence);
	else if (!says_nothing(line) && !strstr(reason, sentence) &&
		 length + 2 + strlen(sentence) < size)
		snprintf(reason + length, size - length, "; %s", sentence);
}

/* ---- where the kernel does not say who wrote a line ---- */

static bool has_word(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (; *list; list += strlen(list) + 1)
		if (strlen(list) == length && memcmp(list, word, length) == 0)
			return true;
	return false;
}

/* Whether target type's code, or what it stands on, names itself so in the log. */
static bool is_code_of(const char *source, const char *type)
{
	static const char storage[] = "block manager\0space map common\0space map disk\0"
				      "space map metadata\0btree\0btree spine\0array\0"
				      "transaction manager\0";
	static const char mirror[] = "raid1\0dirty region log\0region hash\0";
	char family[DMK_KMSG_TYPE_SIZE];

	dmk_print_text(family, sizeof(family), "%.*s", (int)strcspn(type, "-"), type);
	if (family[0] && strstr(source, family))
		return true;
	if (strcmp(source, "bufio") == 0)
		return true;
	if (strcmp(family, "mirror") == 0)
		return has_word(mirror, source);
	return (strcmp(family, "thin") == 0 || strcmp(family, "cache") == 0 ||
		strcmp(family, "era") == 0 || strcmp(family, "clone") == 0) &&
	       has_word(storage, source);
}

/* The target that own line "TARGET: why" is about. */
static bool is_code_behind(const struct dmk_kmsg_line *line, const struct dmk_kmsg_line *own)
{
	char type[DMK_KMSG_TYPE_SIZE];
	size_t length = strcspn(own->text, ":");

	if (length == 0 || length >= sizeof(type) || !own->text[length])
		return false;
	dmk_print_text(type, sizeof(type), "%.*s", (int)length, own->text);
	return is_code_of(line->source, type);
}

/* Is plain line number i one of an unbroken row of lines that ends right before own? */
static bool leads_to(const struct dmk_kmsg_window *window, uint32_t i,
		     const struct dmk_kmsg_line *own)
{
	uint64_t sequence = window->plain[i].sequence;

	for (; i < window->n_plain && window->plain[i].sequence == sequence; i++, sequence++) {
		const struct dmk_kmsg_line *line = &window->plain[i];

		if (is_core(line) || strcmp(line->caller, own->caller) != 0 ||
		    !is_code_behind(line, own))
			return false;
		if (sequence + 1 == own->sequence)
			return true;
	}
	return false;
}

/* What the kernel says in refusing a command and at no other time; what it has of the device or of
 * the request behind that may be any. */
static const struct {
	uint32_t command;
	const char *source;
	const char *text;
} fixed[] = {
	{ DM_DEV_CREATE_CMD, "ioctl", "device name cannot " },
	{ DM_DEV_CREATE_CMD, "ioctl", "invalid device name" },
	{ DM_DEV_CREATE_CMD, "core", "unable to allocate device, out of memory." },
	{ DM_DEV_RENAME_CMD, "ioctl", "Invalid new mapped device name or uuid string supplied." },
	{ DM_TABLE_LOAD_CMD, "table", "" },
	{ DM_TABLE_LOAD_CMD, "core", "Cannot " },
	{ DM_TABLE_LOAD_CMD, "ioctl", "populate_table: " },
	{ DM_TABLE_LOAD_CMD, "ioctl", "unable to find target" },
	{ DM_TABLE_LOAD_CMD, "ioctl", "error adding target to table" },
	{ DM_TABLE_LOAD_CMD, "ioctl", "can't replace immutable target type " },
	{ DM_TABLE_LOAD_CMD, "ioctl", "unable to set up" },
	{ DM_TARGET_MSG_CMD, "ioctl", "Invalid target message parameters." },
	{ DM_TARGET_MSG_CMD, "ioctl", "Failed to split target message parameters" },
	{ DM_TARGET_MSG_CMD, "ioctl", "Empty message received." },
	{ DM_TARGET_MSG_CMD, "ioctl", "Target message sector outside device." },
	{ DM_TARGET_MSG_CMD, "ioctl", "Target type does not support messages" },
	{ DM_TARGET_MSG_CMD, "ioctl", "Unsupported message sent to DM core: " },
	{ DM_TARGET_MSG_CMD, "stats", "" },
	{ DM_DEV_SET_GEOMETRY_CMD, "ioctl", "Unable to interpret geometry settings." },
	{ DM_DEV_SET_GEOMETRY_CMD, "ioctl", "Geometry exceeds range limits." },
	{ DM_DEV_SET_GEOMETRY_CMD, "core", "Start sector is beyond the geometry limits." },
};

/* Whether word stands in text, and not as a part of another one. */
static bool says_word(const char *text, const char *word)
{
	size_t length = strlen(word);
	const char *at = text;

	while (length && (at = strstr(at, word))) {
		if ((at == text || at[-1] == ' ') && (!at[length] || strchr(" ,", at[length])))
			return true;
		at++;
	}
	return false;
}

/* Whether nothing but a request like ours makes the kernel write this line. */
static bool fits_request(const struct dmk_kmsg_window *window, const struct dmk_kmsg_line *line)
{
	for (size_t i = 0; i < DMK_ARRAY_SIZE(fixed); i++)
		if (fixed[i].command == window->command &&
		    strcmp(fixed[i].source, line->source) == 0 &&
		    strncmp(line->text, fixed[i].text, strlen(fixed[i].text)) == 0)
			return true;
	if (window->command == DM_DEV_RENAME_CMD)
		return strcmp(line->source, "ioctl") == 0 && window->new_name &&
		       says_word(line->text, window->new_name) &&
		       (!window->name || says_word(line->text, window->name));
	for (uint32_t i = 0; i < window->n_types && !is_core(line); i++)
		if (is_code_of(line->source, window->types[i]))
			return true;
	return false;
}

/*
 * Can the plain lines be those of one refusal? They stand together, one thread wrote them; the
 * ioctl that is refused says so once, last; and of a message either the core speaks or each part of
 * a target's code once.
 */
static bool is_one_refusal(const struct dmk_kmsg_window *window)
{
	for (uint32_t i = 0; i < window->n_plain; i++) {
		const struct dmk_kmsg_line *line = &window->plain[i];

		if (!fits_request(window, line) ||
		    strcmp(line->caller, window->plain[0].caller) != 0 ||
		    line->sequence != window->plain[0].sequence + i)
			return false;
		if (strcmp(line->source, "ioctl") == 0 && i + 1 < window->n_plain)
			return false;
		if (window->command != DM_TARGET_MSG_CMD)
			continue;
		if (window->n_plain > 1 && (is_core(line) || strcmp(line->source, "stats") == 0))
			return false;
		for (uint32_t j = 0; j < i; j++)
			if (strcmp(window->plain[j].source, line->source) == 0)
				return false;
	}
	return true;
}

bool dmk_kmsg_wants_types(const struct dmk_kmsg_window *window)
{
	return window->command == DM_TARGET_MSG_CMD && window->n_own == 0 && window->n_plain > 0 &&
	       !knows_caller(window, &window->plain[0]);
}

/* ---- the reason ---- */

/* Its own lines, errors before warnings, and before both what was said about it by others. */
static void add_own(const struct dmk_kmsg_window *window, char *reason, size_t size)
{
	uint32_t level = WARNING;
	bool ours = false;

	for (uint32_t i = 0; i < window->n_own; i++)
		ours = ours || is_ours(window, &window->own[i]);
	for (uint32_t i = 0; i < window->n_own; i++)
		if ((!ours || is_ours(window, &window->own[i])) && window->own[i].level < level)
			level = window->own[i].level;
	for (uint32_t i = 0; i < window->n_own; i++)
		if ((!ours || is_ours(window, &window->own[i])) && window->own[i].level <= level)
			add_line(&window->own[i], reason, size);
}

/* A target's own words are enough; the core's where there are no others. */
static void add_ours(const struct dmk_kmsg_window *window, char *reason, size_t size)
{
	bool all = window->n_own == 0;

	for (uint32_t i = 0; i < window->n_plain; i++)
		all = all && is_core(&window->plain[i]);
	for (uint32_t i = 0; i < window->n_plain; i++)
		if (all || !is_core(&window->plain[i]))
			add_line(&window->plain[i], reason, size);
}

void dmk_kmsg_reason(const struct dmk_kmsg_window *window, char *reason, size_t size)
{
	reason[0] = '\0';
	add_own(window, reason, size);
	if (window->n_plain == 0)
		return;
	if (knows_caller(window, &window->plain[0])) {
		add_ours(window, reason, size);
		return;
	}
	if (window->others || (window->n_own == 0 && !is_one_refusal(window)))
		return;
	for (uint32_t i = 0; i < window->n_plain; i++) {
		bool leads = window->n_own == 0;

		for (uint32_t j = 0; j < window->n_own && !leads; j++)
			leads = leads_to(window, i, &window->own[j]);
		if (leads)
			add_line(&window->plain[i], reason, size);
	}
}

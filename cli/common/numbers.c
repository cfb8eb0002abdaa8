/* SPDX-License-Identifier: MIT */
/* Numbers on the command line. strtoull() takes blanks, signs and empty words: none of that is
 * meant. */
#include <string.h>
#include <time.h>

#include "common/cli.h"
#include "common/numbers.h"

/* 2^62 ns is 146 years: with the clock's own value added it still fits into 63 bits. */
#define MAX_DEADLINE_MS (INT64_C(4611686018427387904) / 1000000)

static bool parse_digits(const char *text, size_t length, unsigned base, uint64_t max,
			 uint64_t *ret_value)
{
	uint64_t value = 0;

	if (length == 0)
		return false;
	for (size_t i = 0; i < length; i++) {
		unsigned digit = (unsigned char)text[i] - (unsigned)'0';

		if (digit >= base || value > (max - digit) / base)
			return false;
		value = value * base + digit;
	}
	*ret_value = value;
	return true;
}

bool parse_number(const char *text, uint64_t max, uint64_t *ret_value)
{
	return parse_digits(text, strlen(text), 10, max, ret_value);
}

bool parse_number32(const char *text, uint32_t max, uint32_t *ret_value)
{
	uint64_t value;

	if (!parse_number(text, max, &value))
		return false;
	*ret_value = (uint32_t)value;
	return true;
}

/* MAJOR.MINOR, and a third number that changes nothing of what there is. */
bool parse_linux(const char *text, uint32_t *ret_release)
{
	uint32_t parts[3] = { 0 };
	unsigned int n = 0;

	for (;;) {
		size_t length = strcspn(text, ".");
		char word[16];

		if (n == ARRAY_SIZE(parts) || length >= sizeof(word))
			return false;
		memcpy(word, text, length);
		word[length] = '\0';
		if (!parse_number32(word, n < 2 ? 255 : UINT32_MAX, &parts[n]))
			return false;
		n++;
		text += length;
		if (!*text)
			break;
		text++;
	}
	*ret_release = DMK_LINUX(parts[0], parts[1]);
	return n > 1 && parts[0] >= 3;
}

bool parse_mode(const char *text, uint32_t *ret_mode)
{
	uint64_t value;

	/* Mode 0 means the default in the library, so it cannot be asked for. */
	if (!parse_digits(text, strlen(text), 8, 0777, &value) || value == 0)
		return false;
	*ret_mode = (uint32_t)value;
	return true;
}

bool parse_devno(const char *text, uint32_t *ret_major, uint32_t *ret_minor)
{
	const char *colon = strchr(text, ':');
	uint64_t major;
	uint64_t minor;

	/* The kernel's dev_t: 12 bits of major, 20 of minor. */
	if (!colon || !parse_digits(text, (size_t)(colon - text), 10, 4095, &major) || major == 0 ||
	    !parse_number(colon + 1, MOST_MINORS, &minor))
		return false;
	*ret_major = (uint32_t)major;
	*ret_minor = (uint32_t)minor;
	return true;
}

bool parse_deadline(const char *text, int64_t *ret_ms)
{
	static const struct {
		const char *suffix;
		uint64_t ms;
	} units[] = { { "", 1000 }, { "s", 1000 }, { "ms", 1 }, { "m", 60000 } };
	size_t digits = strspn(text, "0123456789");
	uint64_t value;

	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (strcmp(text + digits, units[i].suffix) != 0)
			continue;
		if (!parse_digits(text, digits, 10, (uint64_t)MAX_DEADLINE_MS / units[i].ms,
				  &value))
			return false;
		*ret_ms = (int64_t)(value * units[i].ms);
		return true;
	}
	return false;
}

int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

bool parse_dm_minor(const char *text, uint32_t *ret_minor)
{
	return strncmp(text, "dm-", 3) == 0 && parse_number32(text + 3, MOST_MINORS, ret_minor);
}

bool is_handle_number(const char *word)
{
	uint32_t major, minor;

	return parse_devno(word, &major, &minor) || parse_dm_minor(word, &minor);
}

/* SPDX-License-Identifier: MIT */
/* UTF-8 by hand: the libc's own decoder depends on a locale, and musl's and glibc's differ. */
#include <stdlib.h>
#include <string.h>

#include "common/cli.h"
#include "common/term.h"

/* Least code point of a sequence of 2, 3 and 4 bytes: a shorter one would have done otherwise. */
static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };

size_t utf8_length(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;
	uint32_t code;
	size_t length;

	if (p[0] < 0x80)
		return 1;
	if ((p[0] & 0xe0) == 0xc0) {
		length = 2;
		code = p[0] & 0x1f;
	} else if ((p[0] & 0xf0) == 0xe0) {
		length = 3;
		code = p[0] & 0x0f;
	} else if ((p[0] & 0xf8) == 0xf0) {
		length = 4;
		code = p[0] & 0x07;
	} else {
		return 0;
	}
	for (size_t i = 1; i < length; i++) {
		/* The NUL that ends s is no continuation byte either. */
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (p[i] & 0x3f);
	}
	if (code < least[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	return length;
}

bool utf8_valid(const char *s)
{
	while (*s) {
		size_t length = utf8_length(s);

		if (length == 0)
			return false;
		s += length;
	}
	return true;
}

bool utf8_locale(void)
{
	/* The order in which setlocale() looks; it is not called, as errno texts and numbers stay
	 * English. */
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return strcasestr(value, "UTF-8") || strcasestr(value, "UTF8");
	}
	return false;
}

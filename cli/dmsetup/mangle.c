/* SPDX-License-Identifier: MIT */
/* The forms of a name or uuid: a byte that udev would not take in a link is \xNN in the kernel. */
#include <stdlib.h>
#include <string.h>

#include "dmsetup/dmsetup.h"
#include "dmsetup/report/report.h"

static const char *const modes[] = { "none", "auto", "hex" };

static int mode_of(const char *word)
{
	for (size_t i = 0; i < DMS_COUNT_OF(modes); i++) {
		if (strcasecmp(word, modes[i]) == 0)
			return (int)i;
	}
	return -1;
}

int dms_mangle_init(struct dmsetup *d)
{
	const char *word = getenv("DM_DEFAULT_NAME_MANGLING_MODE");
	int mode = word ? mode_of(word) : -1;

	d->mangling = mode < 0 ? DMS_MANGLE_AUTO : (uint32_t)mode;
	word = d->value[DMS_MANGLENAME];
	if (!word)
		return 0;
	mode = mode_of(word);
	if (mode < 0) {
		dms_error("Unknown name mangling mode.");
		return -1;
	}
	d->mangling = (uint32_t)mode;
	return 0;
}

static bool is_alnum(unsigned char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* What udev's own rules take in a link, without '/'. */
static bool is_plain(char c)
{
	return is_alnum((unsigned char)c) || (c && strchr("#+-.:=@_", c));
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that \xNN at s stands for, or -1: there is no such thing. One digit is enough. */
static int hex_byte(const char *s)
{
	int high, low;

	if (s[0] != '\\' || s[1] != 'x')
		return -1;
	high = hex_digit(s[2]);
	low = high < 0 ? -1 : hex_digit(s[3]);
	return low < 0 ? high : high << 4 | low;
}

/* How long \xNN at s is: whatever the two bytes are, dmsetup looks no further. */
static size_t form_length(const char *s)
{
	return strnlen(s, 4);
}

void dms_unmangle(const char *text, char *out)
{
	while (*text) {
		int byte = hex_byte(text);

		/* \x00 would end the text. */
		*out++ = (char)(byte > 0 ? byte : *text);
		text += byte > 0 ? form_length(text) : 1;
	}
	*out = '\0';
}

/* In hex mode a backslash is a byte as any other. A form that the text's end cuts is a bad one, in
 * the kernel's list alone it may stand, as a backslash may. */
static void count_forms(const char *text, bool hex, bool listed, size_t *ret_mangled,
			size_t *ret_bad)
{
	size_t mangled = 0;
	size_t bad = 0;

	while (*text) {
		bool is_mangled = !hex && text[0] == '\\' && text[1] == 'x';
		size_t length = is_mangled ? form_length(text) : 1;

		mangled += is_mangled;
		if (is_mangled)
			bad += length < 4 && !listed;
		else
			bad += !is_plain(*text) && !(listed && *text == '\\');
		text += length;
	}
	*ret_mangled = mangled;
	*ret_bad = bad;
}

/* "name" and "UUID" of a device that is there, and those that it is to have. */
static int fail_mangle(const char *what, const char *text)
{
	if (strncmp(what, "new ", 4) == 0)
		dms_error("Failed to mangle new device %s \"%s\"", what + 4, text);
	else
		dms_error("Failed to mangle device %s \"%s\".",
			  strcmp(what, "name") == 0 ? what : "uuid", text);
	return -1;
}

int dms_mangle_text(bool hex, const char *what, const char *text, char *out)
{
	static const char digits[] = "0123456789abcdef";
	size_t limit = strstr(what, "name") ? DMK_NAME_SIZE : DMK_UUID_SIZE;
	size_t length = strlen(text);
	size_t mangled;
	size_t bad;

	count_forms(text, hex, false, &mangled, &bad);
	if (mangled && bad) {
		dms_error("The %s \"%s\" contains mixed mangled and unmangled characters "
			  "or it's already mangled improperly.",
			  what, text);
		return fail_mangle(what, text);
	}
	if (length >= limit || length + 3 * bad >= limit) {
		dms_error("Mangled form of the %s too long for \"%s\".", what, text);
		return fail_mangle(what, text);
	}
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;

		/* Without bad ones in auto mode all is as it should be. */
		if (!bad || is_plain(*text)) {
			*out++ = *text;
			continue;
		}
		*out++ = '\\';
		*out++ = 'x';
		*out++ = digits[byte >> 4];
		*out++ = digits[byte & 15];
	}
	*out = '\0';
	return 0;
}

/* What looks as if it had been mangled and then mangled again is not guessed at in auto mode. */
bool dms_mangled_twice(const struct dmsetup *d, const char *text)
{
	return d->mangling == DMS_MANGLE_AUTO && strstr(text, "\\x5cx");
}

static int fail_twice(const char *what, const char *text)
{
	dms_error("The %s \"%s\" seems to be mangled more than once. "
		  "This is not allowed in auto mode.",
		  what, text);
	return -1;
}

int dms_text_in(struct dmsetup *d, const char *what, const char *given, char *out)
{
	if (dms_mangled_twice(d, given))
		return fail_twice(what, given);
	if (d->mangling != DMS_MANGLE_NONE)
		return dms_mangle_text(d->mangling == DMS_MANGLE_HEX, what, given, out);
	/* The library refuses one that is too long for the kernel, and is not to see a shorter. */
	snprintf(out, DMS_TEXT_SIZE, "%s", given);
	return 0;
}

/* Whether what the kernel says is in the form of the mode: 0, or -1 and a line on stderr. */
static int check_kernel(const struct dmsetup *d, const char *what, const char *kernel)
{
	size_t mangled;
	size_t bad;

	if (d->mangling == DMS_MANGLE_NONE)
		return 0;
	count_forms(kernel, false, true, &mangled, &bad);
	if (bad) {
		dms_error("The %s \"%s\" should be mangled but it contains blacklisted "
			  "characters.",
			  what, kernel);
		return -1;
	}
	return dms_mangled_twice(d, kernel) ? fail_twice(what, kernel) : 0;
}

int dms_listed(const struct dmsetup *d, const char *kernel)
{
	return check_kernel(d, "name", kernel);
}

int dms_replied(const struct dmsetup *d, const char *name, const char *uuid)
{
	return check_kernel(d, "name", name) < 0 ? -1 : check_kernel(d, "UUID", uuid);
}

void dms_text_out(const struct dmsetup *d, const char *kernel, char *out)
{
	if (d->mangling == DMS_MANGLE_NONE)
		snprintf(out, DMS_TEXT_SIZE, "%s", kernel);
	else
		dms_unmangle(kernel, out);
}

/* SPDX-License-Identifier: MIT */
#include "util.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

void dmk_free_ptr(void *pointer_to_pointer)
{
	free(*(void **)pointer_to_pointer);
}

void dmk_close_ptr(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static bool text_reserve(struct dmk_text *text, size_t more)
{
	size_t need = text->length + more + 1;
	size_t capacity = text->capacity ? text->capacity : 64;
	char *data;

	if (text->failed)
		return false;
	if (need <= text->capacity)
		return true;
	while (capacity < need)
		capacity *= 2;
	/* Not realloc: it would leave a copy of key material behind, unwiped. */
	data = malloc(capacity);
	if (!data) {
		text->failed = true;
		return false;
	}
	if (text->data) {
		memcpy(data, text->data, text->length + 1);
		dmk_wipe(text->data, text->capacity);
		free(text->data);
	}
	text->data = data;
	text->capacity = capacity;
	return true;
}

void dmk_text_add_bytes(struct dmk_text *text, const char *bytes, size_t length)
{
	if (!text_reserve(text, length))
		return;
	memcpy(text->data + text->length, bytes, length);
	text->length += length;
	text->data[text->length] = '\0';
}

void dmk_text_add(struct dmk_text *text, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length < 0 || !text_reserve(text, (size_t)length))
		return;
	va_start(args, format);
	vsnprintf(text->data + text->length, (size_t)length + 1, format, args);
	va_end(args);
	text->length += (size_t)length;
}

int dmk_text_error(const struct dmk_text *text)
{
	return text->failed ? -ENOMEM : 0;
}

void dmk_text_free(struct dmk_text *text)
{
	if (text->data)
		dmk_wipe(text->data, text->capacity);
	free(text->data);
	*text = (struct dmk_text){ 0 };
}

static void mark_cut(char *field, size_t size)
{
	if (size >= 4)
		memcpy(field + size - 4, "...", 4);
}

/* In one pass: each verb keeps the name of its device so. */
DMK_FAST void dmk_copy_text(char *field, size_t size, const char *s)
{
	for (size_t i = 0; i < size; i++)
		if ((field[i] = s[i]) == '\0')
			return;
	field[size - 1] = '\0';
	mark_cut(field, size);
}

void dmk_vprint_text(char *field, size_t size, const char *format, va_list args)
{
	int length = vsnprintf(field, size, format, args);

	if (length >= 0 && (size_t)length >= size)
		mark_cut(field, size);
}

void dmk_print_text(char *field, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	dmk_vprint_text(field, size, format, args);
	va_end(args);
}

void dmk_room_add(struct dmk_room *room, const char *format, ...)
{
	size_t left = room->length < room->size ? room->size - room->length : 0;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(left ? room->buf + room->length : NULL, left, format, args);
	va_end(args);
	if (n > 0)
		room->length += (size_t)n;
}

void dmk_one_line(char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			*s = '?';
}

void dmk_unescape(char *s)
{
	char *to = s;

	while (*s) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' &&
		    s[3] >= '0' && s[3] <= '7') {
			*to++ = (char)((s[1] - '0') * 64 + (s[2] - '0') * 8 + (s[3] - '0'));
			s += 4;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
}

int dmk_parse_u64(const char *s, size_t length, uint64_t max, uint64_t *ret_value)
{
	uint64_t value = 0;
	bool over = false;

	if (length == 0)
		return -EINVAL;
	for (size_t i = 0; i < length; i++) {
		unsigned int digit = (unsigned int)(unsigned char)s[i] - '0';

		if (digit > 9)
			return -EINVAL;
		if (value > (UINT64_MAX - digit) / 10)
			over = true; /* go on: "99999999999999999999x" is no number at all */
		else
			value = value * 10 + digit;
	}
	if (over || value > max)
		return -ERANGE;
	*ret_value = value;
	return 0;
}

bool dmk_take_u64(const char **s, uint64_t max, uint64_t *ret_value)
{
	const char *digits = *s + strspn(*s, " ");
	size_t length = strspn(digits, "0123456789");

	if (dmk_parse_u64(digits, length, max, ret_value) < 0)
		return false;
	*s = digits + length;
	return true;
}

int dmk_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool dmk_parse_devno(const char *s, uint32_t *ret_major, uint32_t *ret_minor)
{
	const char *colon = strchr(s, ':');
	uint64_t major, minor;

	if (!colon || dmk_parse_u64(s, (size_t)(colon - s), UINT32_MAX, &major) < 0 ||
	    dmk_parse_u64(colon + 1, strlen(colon + 1), UINT32_MAX, &minor) < 0)
		return false;
	*ret_major = (uint32_t)major;
	*ret_minor = (uint32_t)minor;
	return true;
}

bool dmk_all_zero(const void *bytes, size_t size)
{
	const unsigned char *p = bytes;
	uint64_t word;

	/* Reserved words, nearly always. */
	for (; size >= sizeof(word); p += sizeof(word), size -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		if (word)
			return false;
	}
	while (size--)
		if (*p++)
			return false;
	return true;
}

void dmk_wipe(void *bytes, size_t size)
{
	if (bytes)
		explicit_bzero(bytes, size);
}

bool dmk_digits_run(const char *text, size_t length, size_t n)
{
	size_t run = 0;

	for (size_t i = 0; i < length && run < n; i++)
		run = isxdigit((unsigned char)text[i]) ? run + 1 : 0;
	return run == n;
}

void dmk_no_dump(void *bytes, size_t size)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t begin = (uintptr_t)bytes & ~(page - 1);
	uintptr_t end = ((uintptr_t)bytes + size + page - 1) & ~(page - 1);

	/* One more safety: it does not matter where the kernel has no room for it. */
	if (bytes && size)
		(void)madvise((void *)begin, end - begin, MADV_DONTDUMP);
}

void *dmk_copy_bytes(const void *bytes, size_t size)
{
	void *copy = malloc(size ? size : 1);

	if (copy)
		memcpy(copy, bytes, size);
	return copy;
}

int64_t dmk_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int dmk_make_folder(const char *path)
{
	if (mkdir(path, 0755) == 0)
		return chmod(path, 0755) < 0 ? -1 : 1;
	return errno == EEXIST ? 0 : -1;
}

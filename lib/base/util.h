/* SPDX-License-Identifier: MIT */
/* Text, numbers, time, memory, a folder: what every other file may use. Knows nothing of
 * device-mapper. */
#ifndef DMK_UTIL_H
#define DMK_UTIL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DMK_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define DMK_MUST_CHECK __attribute__((warn_unused_result))
#define DMK_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* PROC_PID_INIT_INO: the number of the first pid namespace, the same in every kernel since 3.8. */
#define DMK_FIRST_PID_NAMESPACE "pid:[4026531836]"

/* Cleanup: DMK_CLEANUP(dmk_free_ptr) char *text = NULL; */
#define DMK_CLEANUP(fn) __attribute__((cleanup(fn)))
void dmk_free_ptr(void *pointer_to_pointer);
void dmk_close_ptr(int *fd);

/* A string that grows. Zero it before use. After a failed allocation it keeps what it had,
 * remembers the failure and ignores what follows: check once, at the end, with dmk_text_error(). */
struct dmk_text {
	char *data; /* NUL-terminated once something was added; NULL before */
	size_t length;
	size_t capacity;
	bool failed;
};

void dmk_text_add(struct dmk_text *text, const char *format, ...) DMK_PRINTF(2, 3);
void dmk_text_add_bytes(struct dmk_text *text, const char *bytes, size_t length);
int dmk_text_error(const struct dmk_text *text) DMK_MUST_CHECK; /* 0 or -ENOMEM */
void dmk_text_free(struct dmk_text *text);			/* wipes first */

/* Copies s into a field of size bytes; what does not fit ends in "...". */
void dmk_copy_text(char *field, size_t size, const char *s);
void dmk_print_text(char *field, size_t size, const char *format, ...) DMK_PRINTF(3, 4);
void dmk_vprint_text(char *field, size_t size, const char *format, va_list args) DMK_PRINTF(3, 0);

/* A text in the caller's room: cut there, while length counts what all of it would need. */
struct dmk_room {
	char *buf;
	size_t size;
	size_t length;
};
void dmk_room_add(struct dmk_room *room, const char *format, ...) DMK_PRINTF(2, 3);

/* Control bytes become '?', whatever a name or a table had. */
void dmk_one_line(char *s);
/* Blanks stand in the kernel's lists as \040. */
void dmk_unescape(char *s);

/*
 * Decimal digits alone, the whole of length bytes: no sign, no space. -EINVAL: something else
 * stands there; -ERANGE: more than max.
 */
int dmk_parse_u64(const char *s, size_t length, uint64_t max, uint64_t *ret_value) DMK_MUST_CHECK;
/* The number at *s, blanks before it allowed; *s is then behind it. */
bool dmk_take_u64(const char **s, uint64_t max, uint64_t *ret_value) DMK_MUST_CHECK;

/* A digit as the kernel prints it, 0-9 and a-f; -1: something else. */
int dmk_hex_digit(char c);

/* "MAJOR:MINOR" in decimal, the whole of s. */
bool dmk_parse_devno(const char *s, uint32_t *ret_major, uint32_t *ret_minor);

bool dmk_all_zero(const void *bytes, size_t size);
/* Zeros that the compiler may not leave out. */
/* What runs once or more for each of many devices: for speed, in a build for size too. */
#define DMK_FAST __attribute__((optimize(2)))

void dmk_wipe(void *bytes, size_t size);
/* At least n hex digits in a row somewhere: so a key is written. Those of DMK_KEY_DIGITS are 16
 * bytes.
 */
#define DMK_KEY_DIGITS 32
bool dmk_digits_run(const char *text, size_t length, size_t n);
/* Leaves the pages that hold these bytes out of core dumps, for good: another key may be in them.
 */
void dmk_no_dump(void *bytes, size_t size);
/* malloc + copy; NULL on failure. */
void *dmk_copy_bytes(const void *bytes, size_t size);

/* Makes a folder, of mode 0755 whatever the umask. 1: made; 0: it is there; -1 and errno. */
int dmk_make_folder(const char *path) DMK_MUST_CHECK;

/* CLOCK_MONOTONIC */
int64_t dmk_now_ns(void);

#endif

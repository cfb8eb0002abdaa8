/* SPDX-License-Identifier: MIT */
/*
 * More stand-ins for the static command, see printf.c. libc's are made for what is long or rare:
 * qsort() is a smooth sort, strstr() builds tables, numbers are read through a FILE, getdelim() and
 * fgets() search a buffer before they copy it, localtime() brings all of time zones, names of
 * users are also asked of a daemon, 24 KB together. dmkit sorts names, looks for a word in a line,
 * reads short lines and numbers, and needs the number of a name, or the other way round, from
 * /etc/passwd and /etc/group. It tells two times, in UTC here, as where there is no /etc/localtime.
 */
#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void swap(unsigned char *a, unsigned char *b, size_t size)
{
	while (size--) {
		unsigned char byte = *a;

		*a++ = *b;
		*b++ = byte;
	}
}

/* A heap sort: no worst case, no memory. */
void qsort(void *base, size_t n, size_t size, int (*compare)(const void *, const void *))
{
	unsigned char *first = base;
	size_t unsorted = n;
	size_t root = n / 2;

	while (unsorted > 1) {
		size_t at, child;

		if (root > 0)
			root--;
		else
			swap(first, first + --unsorted * size, size);
		for (at = root; (child = 2 * at + 1) < unsorted; at = child) {
			if (child + 1 < unsorted &&
			    compare(first + child * size, first + (child + 1) * size) < 0)
				child++;
			if (compare(first + at * size, first + child * size) >= 0)
				break;
			swap(first + at * size, first + child * size, size);
		}
	}
}

char *strstr(const char *text, const char *word)
{
	size_t length = strlen(word);

	for (; strncmp(text, word, length) != 0; text++) {
		if (!*text)
			return NULL;
	}
	return (char *)text;
}

static unsigned digit_of(char c)
{
	unsigned number = (unsigned char)c - '0';
	unsigned letter = ((unsigned char)c | 32) - 'a';

	return number < 10 ? number : letter < 26 ? letter + 10 : UINT_MAX;
}

/* The amount and its sign; more than most, of LONG_MIN its amount: errno is ERANGE, and it is that.
 */
static uint64_t scan(const char *text, char **ret_end, unsigned base, uint64_t most,
		     bool *ret_negative)
{
	const char *at = text + strspn(text, " \t\n\v\f\r");
	const char *digits;
	uint64_t number = 0;
	bool over = false;

	*ret_negative = *at == '-';
	at += *at == '-' || *at == '+';
	/* "0x" alone is the number 0, and an x behind it. */
	if ((base & ~16U) == 0 && at[0] == '0' && (at[1] | 32) == 'x' && digit_of(at[2]) < 16) {
		base = 16;
		at += 2;
	} else if (base == 0) {
		base = *at == '0' ? 8 : 10;
	}
	for (digits = at; digit_of(*at) < base; at++) {
		over |= __builtin_mul_overflow(number, base, &number);
		over |= __builtin_add_overflow(number, digit_of(*at), &number);
	}
	if (ret_end)
		*ret_end = (char *)(at == digits ? text : at);
	most += most == LONG_MAX && *ret_negative;
	if (!over && number <= most)
		return number;
	errno = ERANGE;
	*ret_negative &= most != ULLONG_MAX && most != ULONG_MAX;
	return most;
}

unsigned long long strtoull(const char *restrict text, char **restrict ret_end, int base)
{
	bool negative;
	uint64_t number = scan(text, ret_end, (unsigned)base, ULLONG_MAX, &negative);

	return negative ? -number : number;
}

unsigned long strtoul(const char *restrict text, char **restrict ret_end, int base)
{
	bool negative;
	uint64_t number = scan(text, ret_end, (unsigned)base, ULONG_MAX, &negative);

	return (unsigned long)(negative ? -number : number);
}

long strtol(const char *restrict text, char **restrict ret_end, int base)
{
	bool negative;
	uint64_t number = scan(text, ret_end, (unsigned)base, LONG_MAX, &negative);

	return (long)(negative ? -number : number);
}

/* Days are counted in the years that begin in March, so that February's end is the year's. */
struct tm *localtime_r(const time_t *restrict when, struct tm *restrict ret_tm)
{
	int64_t days = *when / 86400 - (*when % 86400 < 0);
	unsigned seconds = (unsigned)(*when - days * 86400);
	/* From 1 March of the year 0 on; 400 years have 146097 days. */
	uint64_t from_0 = (uint64_t)(days + 719468);
	unsigned day = (unsigned)(from_0 % 146097);
	unsigned year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	unsigned month;

	day -= year * 365 + year / 4 - year / 100;
	month = (day * 5 + 2) / 153;
	*ret_tm = (struct tm){
		.tm_sec = (int)(seconds % 60),
		.tm_min = (int)(seconds / 60 % 60),
		.tm_hour = (int)(seconds / 3600),
		.tm_mday = (int)(day - (month * 153 + 2) / 5 + 1),
		.tm_mon = (int)((month + 2) % 12),
		.tm_year = (int)(from_0 / 146097 * 400 + year + (month > 9)) - 1900,
		/* 1 January 1970 was a Thursday. */
		.tm_wday = (int)((uint64_t)(days + 719467 * 7 + 4) % 7),
	};
	return ret_tm;
}

char *fgets(char *restrict line, int size, FILE *restrict file)
{
	int length = 0;
	int c = 0;

	while (length < size - 1 && c != '\n' && (c = getc_unlocked(file)) != EOF)
		line[length++] = (char)c;
	line[length] = '\0';
	return length > 0 && !ferror(file) ? line : NULL;
}

ssize_t getdelim(char **restrict line, size_t *restrict size, int end, FILE *restrict file)
{
	size_t length = 0;
	int c = end + 1;

	if (!*line)
		*size = 0;
	for (;;) {
		if (length + 1 >= *size) {
			size_t larger = *size * 2 + 128;
			char *moved = realloc(*line, larger);

			if (!moved)
				return -1;
			*line = moved;
			*size = larger;
		}
		if (c == end || (c = getc_unlocked(file)) == EOF)
			break;
		(*line)[length++] = (char)c;
	}
	(*line)[length] = '\0';
	return length > 0 && !ferror(file) ? (ssize_t)length : -1;
}

ssize_t getline(char **restrict line, size_t *restrict size, FILE *restrict file)
{
	return getdelim(line, size, '\n', file);
}

int getchar(void)
{
	return getc_unlocked(stdin);
}

/* A line is NAME:PASSWORD:NUMBER:...; the one of this name, or where that is NULL of this number.
 */
static char *find_id(const char *path, const char *name, uint32_t *id)
{
	static char *line;
	static size_t size;
	FILE *file = fopen(path, "re");
	bool found = false;

	while (file && !found && getline(&line, &size, file) > 0) {
		char *password = strchr(line, ':');
		char *number = password ? strchr(password + 1, ':') : NULL;
		uint32_t read;

		if (!number)
			continue;
		*password = '\0';
		read = (uint32_t)strtoul(number + 1, NULL, 10);
		found = name ? strcmp(line, name) == 0 : read == *id;
		if (found)
			*id = read;
	}
	if (file)
		fclose(file);
	return found ? line : NULL;
}

struct passwd *getpwnam(const char *name)
{
	static struct passwd user;

	user.pw_name = find_id("/etc/passwd", name, &user.pw_uid);
	return user.pw_name ? &user : NULL;
}

struct passwd *getpwuid(uid_t uid)
{
	static struct passwd user;

	user.pw_uid = uid;
	user.pw_name = find_id("/etc/passwd", NULL, &user.pw_uid);
	return user.pw_name ? &user : NULL;
}

struct group *getgrnam(const char *name)
{
	static struct group group;

	group.gr_name = find_id("/etc/group", name, &group.gr_gid);
	return group.gr_name ? &group : NULL;
}

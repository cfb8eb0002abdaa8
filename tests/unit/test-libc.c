/* SPDX-License-Identifier: MIT */
/* The static command's own functions in libc's place do what libc's do. */
#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void own_qsort(void *base, size_t n, size_t size, int (*compare)(const void *, const void *));
char *own_strstr(const char *text, const char *word);
long own_strtol(const char *restrict text, char **restrict ret_end, int base);
unsigned long own_strtoul(const char *restrict text, char **restrict ret_end, int base);
unsigned long long own_strtoull(const char *restrict text, char **restrict ret_end, int base);
struct tm *own_localtime_r(const time_t *restrict when, struct tm *restrict ret_tm);
struct passwd *own_getpwnam(const char *name);
struct passwd *own_getpwuid(uid_t uid);
struct group *own_getgrnam(const char *name);
char *own_fgets(char *restrict line, int size, FILE *restrict file);
ssize_t own_getdelim(char **restrict line, size_t *restrict size, int end, FILE *restrict file);
ssize_t own_getline(char **restrict line, size_t *restrict size, FILE *restrict file);
int own_getchar(void);
#undef strstr
#define qsort own_qsort
#define strstr own_strstr
#define strtol own_strtol
#define strtoul own_strtoul
#define strtoull own_strtoull
#define localtime_r own_localtime_r
#define getpwnam own_getpwnam
#define getpwuid own_getpwuid
#define getgrnam own_getgrnam
#define fgets own_fgets
#define getdelim own_getdelim
#define getline own_getline
#define getchar own_getchar
#include "../../cli/libc.c"
#undef qsort
#undef strstr
#undef strtol
#undef strtoul
#undef strtoull
#undef localtime_r
#undef getpwnam
#undef getpwuid
#undef getgrnam
#undef fgets
#undef getdelim
#undef getline
#undef getchar

#include "unit.h"

static size_t compared;

static int by_number(const void *a, const void *b)
{
	uint32_t left, right;

	compared++;
	memcpy(&left, a, sizeof(left));
	memcpy(&right, b, sizeof(right));
	return left < right ? -1 : left > right;
}

/* All that 0 to 6 numbers of 0 to 5 can be, sizes of 4 and 12 bytes. */
static void sorts(void **state)
{
	uint32_t values[6][3], expected[6][3];

	(void)state;
	for (uint32_t n = 0; n <= 6; n++) {
		for (uint32_t code = 0; code < 46656; code++) {
			uint32_t left = code;

			for (uint32_t i = 0; i < n; i++, left /= 6)
				for (uint32_t k = 0; k < 3; k++)
					values[i][k] = left % 6;
			if (left)
				break;
			memcpy(expected, values, sizeof(values));
			own_qsort(values, n, sizeof(values[0]), by_number);
			qsort(expected, n, sizeof(expected[0]), by_number);
			assert_memory_equal(values, expected, n * sizeof(values[0]));
		}
	}
}

/* Sorted, reversed and all the same are no worse than mixed. */
static void sorts_many(void **state)
{
	static uint32_t values[10000];
	const uint32_t n = 10000;

	(void)state;
	for (uint32_t order = 0; order < 4; order++) {
		for (uint32_t i = 0; i < n; i++)
			values[i] = order == 0	 ? i
				    : order == 1 ? n - i
				    : order == 2 ? 7
						 : i * 7919 % n;
		compared = 0;
		own_qsort(values, n, sizeof(values[0]), by_number);
		assert_true(compared < 20 * 10000 * 2);
		for (uint32_t i = 1; i < n; i++)
			assert_true(values[i - 1] <= values[i]);
	}
}

static void finds(void **state)
{
	static const char *const texts[] = {
		"", "a", "ab", "aab", "aaab", "abab", "xabx", "b", "ba"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++)
			assert_ptr_equal(own_strstr(texts[i], texts[k]),
					 strstr(texts[i], texts[k]));
}

static void reads_numbers(void **state)
{
	static const char *const texts[] = {
		"0",
		"1",
		"-1",
		"+7",
		" \t\n42 ",
		"007",
		"08",
		"0x1f",
		"0X1Fg",
		"0x",
		"0xg",
		"-0x10",
		"",
		"-",
		"+",
		" ",
		"x",
		"z",
		"9z",
		"12 34",
		"--1",
		"+-1",
		"ff",
		"FFFF",
		"0777",
		"1e5",
		"9223372036854775807",
		"9223372036854775808",
		"-9223372036854775807",
		"-9223372036854775808",
		"-9223372036854775809",
		"18446744073709551615",
		"18446744073709551616",
		"-18446744073709551615",
		"-18446744073709551616",
		"99999999999999999999999999",
		"-99999999999999999999999999",
		"0xffffffffffffffff",
		"0x10000000000000000",
		"01777777777777777777777",
		"02000000000000000000000",
		"\v\f\r5",
		"4294967295",
		"2147483648",
		"1:2",
		"\xff",
	};
	static const int bases[] = { 0, 8, 10, 16 };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		for (size_t k = 0; k < sizeof(bases) / sizeof(bases[0]); k++) {
			char *our_end, *libc_end;
			int our_errno, base = bases[k];

#define SAME(type, function)                                     \
	do {                                                     \
		type ours, libcs;                                \
                                                                 \
		errno = 0;                                       \
		ours = own_##function(texts[i], &our_end, base); \
		our_errno = errno;                               \
		errno = 0;                                       \
		libcs = function(texts[i], &libc_end, base);     \
		assert_true(ours == libcs);                      \
		assert_ptr_equal(our_end, libc_end);             \
		assert_int_equal(our_errno, errno);              \
	} while (0)
			SAME(long, strtol);
			SAME(unsigned long, strtoul);
			SAME(unsigned long long, strtoull);
#undef SAME
		}
	}
	assert_int_equal(own_strtol("12", NULL, 10), 12);
}

/* Each day of 800 years at another time of it, and the ends of some. */
static void tells_the_time(void **state)
{
	(void)state;
	for (int64_t day = -146097; day < 146097; day++) {
		for (int i = 0; i < 2; i++) {
			time_t when =
				(time_t)(day * 86400 + (i ? 86399 * (day & 1)
							  : (day * 7919 % 86400 + 86400) % 86400));
			struct tm ours, libcs;

			own_localtime_r(&when, &ours);
			gmtime_r(&when, &libcs);
			assert_int_equal(ours.tm_sec, libcs.tm_sec);
			assert_int_equal(ours.tm_min, libcs.tm_min);
			assert_int_equal(ours.tm_hour, libcs.tm_hour);
			assert_int_equal(ours.tm_mday, libcs.tm_mday);
			assert_int_equal(ours.tm_mon, libcs.tm_mon);
			assert_int_equal(ours.tm_year, libcs.tm_year);
			assert_int_equal(ours.tm_wday, libcs.tm_wday);
		}
	}
}

/* All of this machine's files, and who is in none. */
static void finds_users(void **state)
{
	const struct passwd *user;
	const struct group *group;
	FILE *file = fopen("/etc/passwd", "re");
	unsigned n = 0;

	(void)state;
	assert_non_null(file);
	while ((user = fgetpwent(file))) {
		assert_int_equal(own_getpwnam(user->pw_name)->pw_uid, user->pw_uid);
		assert_string_equal(own_getpwuid(user->pw_uid)->pw_name, user->pw_name);
		n++;
	}
	fclose(file);
	assert_true(n > 0);
	assert_null(own_getpwnam("no such user"));
	assert_null(own_getpwnam("roo"));
	assert_null(own_getpwuid(UINT32_MAX - 7));
	file = fopen("/etc/group", "re");
	assert_non_null(file);
	while ((group = fgetgrent(file)))
		assert_int_equal(own_getgrnam(group->gr_name)->gr_gid, group->gr_gid);
	fclose(file);
	assert_null(own_getgrnam(""));
}

/* Lines with and without an end, empty ones, one longer than what was there for it. */
static void reads_lines(void **state)
{
	char text[2000] = "one\n\ntwo and a half\n";
	char ours[8], libcs[8];
	char *our_line = NULL, *libc_line = NULL;
	size_t our_size = 0, libc_size = 0, length = strlen(text);
	FILE *our_file, *libc_file;
	ssize_t r;

	(void)state;
	memset(text + length, 'x', sizeof(text) - length);
	text[1500] = '\n';
	our_file = fmemopen(text, sizeof(text), "r");
	libc_file = fmemopen(text, sizeof(text), "r");
	assert_non_null(our_file);
	assert_non_null(libc_file);
	do {
		r = getline(&libc_line, &libc_size, libc_file);
		assert_int_equal(own_getline(&our_line, &our_size, our_file), r);
		if (r > 0)
			assert_memory_equal(our_line, libc_line, (size_t)r + 1);
	} while (r >= 0);
	rewind(our_file);
	rewind(libc_file);
	while (fgets(libcs, sizeof(libcs), libc_file)) {
		assert_ptr_equal(own_fgets(ours, sizeof(ours), our_file), ours);
		assert_string_equal(ours, libcs);
	}
	assert_null(own_fgets(ours, sizeof(ours), our_file));
	rewind(our_file);
	rewind(libc_file);
	do {
		r = getdelim(&libc_line, &libc_size, 'n', libc_file);
		assert_int_equal(own_getdelim(&our_line, &our_size, 'n', our_file), r);
		if (r > 0)
			assert_memory_equal(our_line, libc_line, (size_t)r + 1);
	} while (r >= 0);
	fclose(our_file);
	fclose(libc_file);
	free(our_line);
	free(libc_line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sorts),	  cmocka_unit_test(sorts_many),
		cmocka_unit_test(finds),	  cmocka_unit_test(reads_numbers),
		cmocka_unit_test(tells_the_time), cmocka_unit_test(finds_users),
		cmocka_unit_test(reads_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

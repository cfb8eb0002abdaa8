/* SPDX-License-Identifier: MIT */
/* The static command's own printf() family says what libc's says. */
#include <stdarg.h>
#include <stdio.h>

int own_vfprintf(FILE *restrict file, const char *restrict format, va_list args);
int own_vsnprintf(char *restrict text, size_t size, const char *restrict format, va_list args);
int own_printf(const char *restrict format, ...);
int own_fprintf(FILE *restrict file, const char *restrict format, ...);
int own_snprintf(char *restrict text, size_t size, const char *restrict format, ...);
int own_sprintf(char *restrict text, const char *restrict format, ...);
int own_puts(const char *text);
int own_putchar(int c);
#define vfprintf own_vfprintf
#define vsnprintf own_vsnprintf
#define printf own_printf
#define fprintf own_fprintf
#define snprintf own_snprintf
#define sprintf own_sprintf
#define puts own_puts
#define putchar own_putchar
#include "../../cli/printf.c"
#undef vfprintf
#undef vsnprintf
#undef printf
#undef fprintf
#undef snprintf
#undef sprintf
#undef puts
#undef putchar

#include "unit.h"

/* Both into files in memory, which a piece of any size can reach. */
__attribute__((format(printf, 1, 2))) static void same(const char *format, ...)
{
	char *ours = NULL, *libcs = NULL;
	size_t our_size = 0, libc_size = 0;
	FILE *our_file = open_memstream(&ours, &our_size);
	FILE *libc_file = open_memstream(&libcs, &libc_size);
	char small[2][8] = { "", "" };
	va_list args;
	int our_result, libc_result;

	assert_non_null(our_file);
	assert_non_null(libc_file);
	va_start(args, format);
	our_result = own_vfprintf(our_file, format, args);
	va_end(args);
	va_start(args, format);
	libc_result = vfprintf(libc_file, format, args);
	va_end(args);
	/* Cut, and only counted. */
	for (size_t size = 0; size <= sizeof(small[0]); size++) {
		va_start(args, format);
		assert_int_equal(own_vsnprintf(small[0], size, format, args), libc_result);
		va_end(args);
		va_start(args, format);
		assert_int_equal(vsnprintf(small[1], size, format, args), libc_result);
		va_end(args);
		assert_memory_equal(small[0], small[1], size ? strlen(small[1]) + 1 : 0);
	}
	fclose(our_file);
	fclose(libc_file);
	assert_int_equal(our_result, libc_result);
	assert_int_equal(our_size, libc_size);
	assert_memory_equal(ours, libcs, libc_size);
	free(ours);
	free(libcs);
}

static void texts(void **state)
{
	char large[5000];

	(void)state;
	memset(large, 'x', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	same("%s", "");
	same("no argument");
	same("%s and %s%%", "one", "another");
	same("<%22s> <%-22s> <%2s>", "right", "left", "wider than that");
	same("<%*s> <%-*s>", 9, "right", 9, "left");
	same("<%*s> <%-*s> <%*d>", -9, "left", -9, "left", -9, 5);
	same("<%.3s> <%.*s> <%.*s> <%-9.3s>", "cut here", 2, "here", -1, "not", "both");
	same("<%c%c> <%3c>", 'a', '\0', 'b');
	for (size_t length = 250; length < 260; length++)
		same("%.*s|%.*s|%s", (int)length, large, 3, large, large);
}

static void numbers(void **state)
{
	static const long long values[] = { 0,	     1,	      9,	10,	   -1,	     255,
					    INT_MAX, INT_MIN, UINT_MAX, LLONG_MAX, LLONG_MIN };

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		long long v = values[i];

		same("%d %u %x %o %c", (int)v, (unsigned)v, (unsigned)v, (unsigned)v, '!');
		same("%lld %llu %llx %llo", v, (unsigned long long)v, (unsigned long long)v,
		     (unsigned long long)v);
		same("%X %08llX", (unsigned)v, (unsigned long long)v);
		same("%ld %lu %zu %zx", (long)v, (unsigned long)v, (size_t)v, (size_t)v);
		same("<%5d> <%-5d> <%05d> <%30lld> <%030lld>", (int)v, (int)v, (int)v, v, v);
		same("<%02x> <%4u> <%-4u> <%08llx> <%*u>", (unsigned)v & 255, (unsigned)v,
		     (unsigned)v, (unsigned long long)v, 12, (unsigned)v);
	}
}

static void failures_are_told(void **state)
{
	FILE *full = fopen("/dev/full", "w");
	va_list none = { 0 };

	(void)state;
	assert_non_null(full);
	setbuf(full, NULL);
	assert_int_equal(own_vfprintf(full, "text", none), -1);
	fclose(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts),
		cmocka_unit_test(numbers),
		cmocka_unit_test(failures_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

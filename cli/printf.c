/* SPDX-License-Identifier: MIT */
/*
 * printf() and its family for the static command, where they stand in for libc's
 * (-Down_libc=true). libc's bring 15 KB that nobody here calls: floating point, wide characters,
 * errno's texts. What dmkit prints is s, c, d, u, x, X, o and %, with - and 0, width, and precision
 * of s. The unit tests hold it against libc's, and tests/abi/static.sh looks whether any source
 * asks for more.
 */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Pieces are collected: stderr has no buffer, and a message is to be one write. */
struct out {
	FILE *file; /* NULL: into memory, where what is beyond size is only counted */
	va_list args;
	size_t total;
	size_t used;
	size_t size;
	char *buf;
};

struct spec {
	bool left;
	bool zeros;
	int width;
	int precision; /* negative: none */
};

static void flush(struct out *out)
{
	fwrite(out->buf, 1, out->used, out->file);
	out->used = 0;
}

static void put(struct out *out, const char *s, size_t length)
{
	out->total += length;
	if (length > out->size - out->used) {
		if (out->file)
			flush(out);
		else
			length = out->size - out->used;
	}
	if (length > out->size) {
		fwrite(s, 1, length, out->file);
		return;
	}
	memcpy(out->buf + out->used, s, length);
	out->used += length;
}

/* s in its width; zeros stand behind a sign. */
static void put_field(struct out *out, const struct spec *spec, const char *s, size_t length)
{
	size_t fill = spec->width > 0 && (size_t)spec->width > length ? spec->width - length : 0;

	if (spec->zeros && fill && *s == '-') {
		put(out, s++, 1);
		length--;
	}
	for (; fill && !spec->left; fill--)
		put(out, spec->zeros ? "0" : " ", 1);
	put(out, s, length);
	for (; fill; fill--)
		put(out, " ", 1);
}

static void put_number(struct out *out, const struct spec *spec, uint64_t number, unsigned base,
		       bool negative, bool upper)
{
	char digits[24];
	char *first = digits + sizeof(digits);

	do {
		unsigned digit = (unsigned)(number % base);

		*--first = (char)(digit + (digit < 10 ? '0' : (upper ? 'A' : 'a') - 10));
		number /= base;
	} while (number);
	if (negative)
		*--first = '-';
	put_field(out, spec, first, (size_t)(digits + sizeof(digits) - first));
}

/* A number in the format; a star takes the next argument. */
static int take_number(struct out *out, const char **format)
{
	int number = 0;

	if (**format == '*') {
		++*format;
		return va_arg(out->args, int);
	}
	for (; **format >= '0' && **format <= '9'; ++*format)
		number = number * 10 + **format - '0';
	return number;
}

static void put_argument(struct out *out, const struct spec *spec, bool wide, char conversion)
{
	uint64_t number;
	const char *s;
	char c;

	switch (conversion) {
	case '%':
		put(out, "%", 1);
		return;
	case 'c':
		c = (char)va_arg(out->args, int);
		put_field(out, spec, &c, 1);
		return;
	case 's':
		s = va_arg(out->args, const char *);
		put_field(out, spec, s,
			  spec->precision < 0 ? strlen(s) : strnlen(s, (size_t)spec->precision));
		return;
	case 'd':
		number = (uint64_t)(wide ? va_arg(out->args, int64_t) : va_arg(out->args, int));
		put_number(out, spec, (int64_t)number < 0 ? -number : number, 10,
			   (int64_t)number < 0, false);
		return;
	case 'u':
	case 'x':
	case 'X':
	case 'o':
		number = wide ? va_arg(out->args, uint64_t) : va_arg(out->args, unsigned);
		put_number(out, spec, number,
			   conversion == 'u'   ? 10
			   : conversion == 'o' ? 8
					       : 16,
			   false, conversion == 'X');
		return;
	default:
		/* To be seen by the first test that prints it. */
		__builtin_trap();
	}
}

static int print(struct out *out, const char *at, va_list args)
{
	va_copy(out->args, args);
	for (;;) {
		struct spec spec = { .precision = -1 };
		size_t length = (size_t)(strchrnul(at, '%') - at);
		bool wide = false;

		put(out, at, length);
		at += length;
		if (!*at++)
			break;
		for (; *at == '-' || *at == '0'; at++) {
			spec.left |= *at == '-';
			spec.zeros |= *at == '0';
		}
		spec.width = take_number(out, &at);
		if (spec.width < 0) {
			/* A star's, as libc takes it. */
			spec.left = true;
			spec.width = -spec.width;
		}
		if (*at == '.') {
			at++;
			spec.precision = take_number(out, &at);
		}
		/* long, long long and size_t are one where they are 64 bits. */
		for (; *at == 'l' || *at == 'z'; at++)
			wide |= sizeof(long) == 8 || at[1] == 'l';
		put_argument(out, &spec, wide, *at++);
	}
	va_end(out->args);
	if (out->total <= INT_MAX)
		return (int)out->total;
	errno = EOVERFLOW;
	return -1;
}

int vfprintf(FILE *restrict file, const char *restrict format, va_list args)
{
	char buf[256];
	struct out out = { .file = file, .size = sizeof(buf), .buf = buf };
	int r = print(&out, format, args);

	flush(&out);
	return ferror(file) ? -1 : r;
}

int vsnprintf(char *restrict text, size_t size, const char *restrict format, va_list args)
{
	struct out out = { .size = size ? size - 1 : 0, .buf = text };
	int r = print(&out, format, args);

	if (size)
		text[out.used] = '\0';
	return r;
}

/* The rest of the family: libc's save floating point arguments too. */
#define WITH_ARGUMENTS(call)    \
	va_list args;           \
	int r;                  \
                                \
	va_start(args, format); \
	r = call;               \
	va_end(args);           \
	return r

int printf(const char *restrict format, ...)
{
	WITH_ARGUMENTS(vfprintf(stdout, format, args));
}

int fprintf(FILE *restrict file, const char *restrict format, ...)
{
	WITH_ARGUMENTS(vfprintf(file, format, args));
}

int snprintf(char *restrict text, size_t size, const char *restrict format, ...)
{
	WITH_ARGUMENTS(vsnprintf(text, size, format, args));
}

int sprintf(char *restrict text, const char *restrict format, ...)
{
	WITH_ARGUMENTS(vsnprintf(text, INT_MAX, format, args));
}

int puts(const char *text)
{
	return fputs(text, stdout) < 0 || fputc('\n', stdout) < 0 ? -1 : 0;
}

int(putchar)(int c)
{
	return fputc(c, stdout);
}

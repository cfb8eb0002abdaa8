/* SPDX-License-Identifier: MIT */
/* Files with tables. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "guest.h"

#define REQUEST_HEADER 312
#define SPEC 40

static FILE *open_file(const char *path, const char *mode)
{
	FILE *file = fopen(path, mode);

	if (!file)
		die("%s: %s", path, strerror(errno));
	return file;
}

int64_t write_table(const char *path, unsigned n, unsigned major, unsigned minor)
{
	FILE *file = open_file(path, "we");
	int64_t wire = REQUEST_HEADER;

	for (unsigned i = 0; i < n; i++) {
		char params[64];
		/* Backwards: the kernel cannot have joined two segments into one. */
		int length =
			snprintf(params, sizeof(params), "%u:%u %u", major, minor, (n - 1 - i) * 8);

		fprintf(file, "%u 8 linear %s\n", i * 8, params);
		wire += SPEC + ((length + 8) & ~7);
	}
	if (fclose(file))
		die("%s: %s", path, strerror(errno));
	return wire;
}

bool same_file(const char *a, const char *b)
{
	FILE *one = open_file(a, "re"), *other = open_file(b, "re");
	char left[4096], right[4096];
	size_t n, m;
	bool same;

	do {
		n = fread(left, 1, sizeof(left), one);
		m = fread(right, 1, sizeof(right), other);
		same = n == m && memcmp(left, right, n) == 0;
	} while (same && n);
	fclose(one);
	fclose(other);
	return same;
}

int64_t count_lines(const char *path)
{
	FILE *file = open_file(path, "re");
	int64_t lines = 0;
	int c;

	while ((c = getc(file)) != EOF)
		lines += c == '\n';
	fclose(file);
	return lines;
}

/* SPDX-License-Identifier: MIT */
/*
 * More stand-ins for the static command, see printf.c. libc's are made for what is long: qsort() is
 * a smooth sort, strstr() builds tables, 3.4 KB the two. dmkit sorts names and looks for a word in
 * a line.
 */
#include <stdlib.h>
#include <string.h>

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

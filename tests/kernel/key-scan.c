/* SPDX-License-Identifier: MIT */
#include "key-scan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include "support.h"

/* Volatile: the compiler may not take the mask off on its own account. */
volatile uint8_t masked[KEY_SIZE];
volatile uint8_t masked_hex[HEX_SIZE];

/* Its copies of memory are no finding: not looked through, and wiped. */
static uint8_t *window;

void wipe(void *bytes, size_t size)
{
	explicit_bzero(bytes, size);
}

int new_key(void **state)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t key[KEY_SIZE];

	if (getrandom(key, sizeof(key), 0) != sizeof(key))
		return -1;
	for (int i = 0; i < KEY_SIZE; i++) {
		masked[i] = key[i] ^ MASK;
		masked_hex[2 * i] = (uint8_t)(digits[key[i] >> 4] ^ MASK);
		masked_hex[2 * i + 1] = (uint8_t)(digits[key[i] & 15] ^ MASK);
	}
	wipe(key, sizeof(key));
	if (!window)
		window = mmap(NULL, WINDOW + HEX_SIZE, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return window == MAP_FAILED ? -1 : connect_kernel(state);
}

char *put_hex(char *out)
{
	for (int i = 0; i < HEX_SIZE; i++)
		*out++ = (char)(masked_hex[i] ^ MASK);
	return out;
}

/* before, the key's digits, behind; to be given to free_text(). */
char *with_key(const char *before, const char *behind)
{
	char *text = malloc(strlen(before) + HEX_SIZE + strlen(behind) + 1);

	assert_non_null(text);
	strcpy(put_hex(stpcpy(text, before)), behind);
	return text;
}

void free_text(char *text)
{
	wipe(text, strlen(text));
	free(text);
}

static bool is_piece(const uint8_t *at, const volatile uint8_t *piece, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if ((at[i] ^ MASK) != piece[i])
			return false;
	return true;
}

/* How many pieces of the key, bytes or digits, these bytes hold. */
int count_pieces(const uint8_t *bytes, size_t size)
{
	int n = 0;

	for (size_t at = 0; at < size; at++) {
		for (size_t i = 0; i < KEY_SIZE && at + PIECE <= size; i += PIECE)
			n += is_piece(bytes + at, masked + i, PIECE);
		for (size_t i = 0; i < HEX_SIZE && at + 2 * PIECE <= size; i += 2 * PIECE)
			n += is_piece(bytes + at, masked_hex + i, 2 * PIECE);
	}
	return n;
}

static int scan_mapping(int mem, uint64_t start, uint64_t end, const char *line)
{
	int found = 0;

	for (uint64_t at = start; at < end; at += WINDOW) {
		/* One piece may lie across two windows. */
		size_t want = end - at > WINDOW + 2 * PIECE ? WINDOW + 2 * PIECE : end - at;
		ssize_t n = pread(mem, window, want, (off_t)at);

		if (n > 0)
			found += count_pieces(window, (size_t)n);
		wipe(window, WINDOW + HEX_SIZE);
	}
	if (found)
		print_message("# %d pieces of the key in %s", found, line);
	return found;
}

/* All mappings of this process that can be read, or those of them that a core dump would hold. */
int scan_mappings(bool dumped)
{
	FILE *maps = fopen(dumped ? "/proc/self/smaps" : "/proc/self/maps", "re");
	int mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	unsigned long long start = 0, end = 0;
	char line[512], readable = '-';
	int found = 0, mappings = 0, kept = 0;

	assert_non_null(maps);
	assert_true(mem >= 0);
	while (fgets(line, sizeof(line), maps)) {
		/* The other lines of smaps begin with a capital letter. */
		bool is_head = strchr("0123456789abcdef", line[0]) &&
			       sscanf(line, "%llx-%llx %c", &start, &end, &readable) == 3;

		if (dumped ? strncmp(line, "VmFlags:", 8) != 0 : !is_head)
			continue;
		mappings++;
		if (dumped && strstr(line, " dd"))
			kept++;
		else if (readable == 'r' && (uintptr_t)window != start)
			found += scan_mapping(mem, start, end, line);
	}
	fclose(maps);
	close(mem);
	assert_true(mappings > 3);
	assert_true(!dumped || kept > 0);
	return found;
}

int scan(void)
{
	return scan_mappings(false);
}

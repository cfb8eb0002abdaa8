/* SPDX-License-Identifier: MIT */
/* --table and --table-file: the kernel's own text. The library reads it; here are the bytes. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cli.h"
#include "read/tables.h"
#include "show/errors.h"
#include "show/secrets.h"

#define MAX_FILE_BYTES ((size_t)1 << 30)
#define FIRST_BYTES ((size_t)65536)
#define PIECE_BYTES ((size_t)65536)

/* Tables can carry keys, so nothing of one is left in freed memory: realloc() is not used. */
void drop_bytes(struct bytes *bytes)
{
	if (bytes->data)
		explicit_bzero(bytes->data, bytes->length);
	free(bytes->data);
	*bytes = (struct bytes){ 0 };
}

static int grow(struct bytes *bytes, size_t capacity)
{
	struct bytes bigger = { .length = bytes->length, .capacity = capacity };

	bigger.data = malloc(capacity);
	if (!bigger.data)
		return -ENOMEM;
	no_dump(bigger.data, capacity);
	if (bytes->length)
		memcpy(bigger.data, bytes->data, bytes->length);
	drop_bytes(bytes);
	*bytes = bigger;
	return 0;
}

static int read_all(int fd, size_t most_bytes, struct bytes *bytes)
{
	struct stat st;
	size_t first = FIRST_BYTES;

	/* One more than a regular file has: its end is then seen without growing. */
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
	    (uint64_t)st.st_size <= most_bytes)
		first = (size_t)st.st_size + 1;
	for (;;) {
		ssize_t got;

		if (bytes->length == bytes->capacity) {
			if (bytes->capacity > most_bytes)
				return -EFBIG;
			if (grow(bytes, bytes->capacity ? bytes->capacity * 2 : first) < 0)
				return -ENOMEM;
		}
		got = read(fd, bytes->data + bytes->length, bytes->capacity - bytes->length);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			return bytes->length > most_bytes ? -EFBIG : 0;
		bytes->length += (size_t)got;
	}
}

int parse_text(struct cli *cli, struct dmk_table *table, const char *text, size_t size)
{
	const struct dmk_error *err = dmk_table_error(table);
	char asked[DMK_TYPE_SIZE] = "";
	struct dmk_version version;
	int r;

	if (given(cli, OPT_UNCHECKED))
		dmk_table_set_unchecked(table);
	for (;;) {
		r = dmk_table_parse(table, text, size);
		if (r == 0 || !(err->flags & DMK_ERROR_UNKNOWN_WORD) || given(cli, OPT_OFFLINE) ||
		    strcmp(asked, err->target) == 0)
			return r;
		strcpy(asked, err->target);
		/* Whatever fails here: the refusal comes again. */
		if (dmk_get_target_version(cli->dm, asked, &version) == 0 &&
		    dmk_table_set_target_version(table, asked, &version) < 0)
			return -ENOMEM;
	}
}

static int parse(struct cli *cli, struct dmk_table *table, const char *text, size_t size,
		 const char *file)
{
	if (parse_text(cli, table, text, size) < 0)
		return fail_in_text(cli, dmk_table_error(table), file, text, size);
	return EXIT_DONE;
}

int read_short_file(struct cli *cli, const char *path, size_t most_bytes, struct bytes *ret_bytes)
{
	bool standard = strcmp(path, "-") == 0;
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	int r;

	if (fd < 0)
		return fail_errno(cli, -errno, path, "open");
	r = read_all(fd, most_bytes, ret_bytes);
	if (!standard)
		close(fd);
	if (r == -EFBIG && most_bytes < MAX_FILE_BYTES)
		return usage_error(cli, path,
				   "%s is longer than %zu KiB, more than such a file may be", path,
				   most_bytes / 1024);
	return r < 0 ? fail_errno(cli, r, path, "read") : EXIT_DONE;
}

int read_file(struct cli *cli, const char *path, struct bytes *ret_bytes)
{
	return read_short_file(cli, path, MAX_FILE_BYTES, ret_bytes);
}

/* The whole lines among size bytes; all of them at the end of the file. */
static size_t whole_lines(const char *text, size_t size, bool end)
{
	const char *newline = size ? memrchr(text, '\n', size) : NULL;

	if (end)
		return size;
	return newline ? (size_t)(newline - text) + 1 : 0;
}

static bool add_pieces(struct dmk_table *table, int fd, char *piece)
{
	size_t used = 0;
	ssize_t got;

	do {
		size_t lines;

		got = read(fd, piece + used, PIECE_BYTES - used);
		if (got < 0)
			return false;
		used += (size_t)got;
		lines = whole_lines(piece, used, got == 0);
		if ((lines == 0 && used == PIECE_BYTES) || dmk_table_parse(table, piece, lines) < 0)
			return false;
		used -= lines;
		memmove(piece, piece + lines, used);
	} while (got > 0);
	return true;
}

/* A large file in pieces: as a whole it would take half as much memory again as its table. false:
 * it is no such file, or something is wrong, which reading it as a whole tells. */
static bool add_large_file(const struct cli *cli, struct dmk_table *table, const char *path)
{
	char *piece;
	bool added;
	struct stat st;
	int fd;

	/* Not to be opened twice: a FIFO's writer would see its reader go. */
	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode) || (uint64_t)st.st_size <= PIECE_BYTES ||
	    (uint64_t)st.st_size > MAX_FILE_BYTES)
		return false;
	if (given(cli, OPT_UNCHECKED))
		dmk_table_set_unchecked(table);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	piece = malloc(PIECE_BYTES);
	no_dump(piece, PIECE_BYTES);
	added = fd >= 0 && piece && add_pieces(table, fd, piece);
	if (!added)
		dmk_table_reset(table);
	if (piece)
		explicit_bzero(piece, PIECE_BYTES);
	free(piece);
	if (fd >= 0)
		close(fd);
	return added;
}

static int add_file(struct cli *cli, struct dmk_table *table, const char *path)
{
	struct bytes bytes = { 0 };
	int status;

	if (strcmp(path, "-") != 0 && add_large_file(cli, table, path))
		return EXIT_DONE;
	status = read_file(cli, path, &bytes);
	if (status == EXIT_DONE)
		status = parse(cli, table, bytes.data, bytes.length, path);
	drop_bytes(&bytes);
	return status;
}

int add_text(struct cli *cli, struct dmk_table *table)
{
	const char *text = cli->options.table;
	struct dmk_segment segment;
	int status;

	if (given(cli, OPT_TABLE_FILE))
		return add_file(cli, table, cli->options.table_file);
	status = parse(cli, table, text, strlen(text), "--table");
	for (uint32_t i = 0; status == EXIT_DONE && dmk_table_get(table, i, &segment) == 0; i++) {
		if (has_secret(segment.type, segment.params))
			status = usage_error(
				cli, segment.type,
				"--table would show the key of %s to every process: use "
				"--table-file, or %s with key-file= or key-fd=",
				segment.type, segment.type);
	}
	return status;
}

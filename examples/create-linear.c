/* SPDX-License-Identifier: MIT */
/*
 * Maps a piece of a disk, prints its number, and takes it away when Enter is pressed.
 *
 *	cc create-linear.c -o create-linear $(pkg-config --cflags --libs libdmkit)
 *	create-linear NAME DEVICE OFFSET-BYTES LENGTH-BYTES
 */
#include <stdio.h>
#include <stdlib.h>

#include <dmkit.h>

/* A connection and a table each have a last error of their own; one sentence says all of it. */
static int complain(const struct dmk_error *error)
{
	char why[DMK_ERROR_TEXT_SIZE];

	dmk_error_format(error, why, sizeof(why));
	fprintf(stderr, "%s\n", why);
	return EXIT_FAILURE;
}

static int create_and_remove(struct dmk *dm, struct dmk_table *table, char **argv)
{
	/* Zero means the default in every field; with a limit a device that is still appearing is
	 * waited for. */
	struct dmk_create_options options = { .mode = 0640, .timeout_ms = 2000 };
	unsigned long long offset = strtoull(argv[3], NULL, 10);
	unsigned long long length = strtoull(argv[4], NULL, 10);
	struct dmk_info info;

	if (dmk_table_add_linear_bytes(table, argv[2], offset, length) < 0)
		return complain(dmk_table_error(table));
	if (dmk_create(dm, argv[1], table, &options, &info) < 0)
		return complain(dmk_last_error(dm));

	printf("%s is %u:%u\n", info.name, info.major, info.minor);
	getchar();

	/* Tried again for 5 s while somebody has it open; then the error names who. */
	if (dmk_remove(dm, DMK_NAME(argv[1]), NULL, NULL) < 0)
		return complain(dmk_last_error(dm));
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct dmk_table *table = NULL;
	struct dmk *dm = NULL;
	int status = EXIT_FAILURE;

	if (argc != 5)
		fprintf(stderr, "usage: create-linear NAME DEVICE OFFSET-BYTES LENGTH-BYTES\n");
	else if (dmk_new(&dm) < 0 || dmk_table_new(&table) < 0)
		fprintf(stderr, "no memory\n");
	else
		status = create_and_remove(dm, table, argv);
	dmk_table_free(table);
	dmk_free(dm);
	return status;
}

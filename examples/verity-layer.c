/* SPDX-License-Identifier: MIT */
/*
 * Maps one container layer out of a disk that holds several, as a utility VM does it: linear over
 * the layer's bytes, then verity over that. The layer is a file system of DATA-BYTES with its hash
 * tree right behind it, made by `veritysetup format --no-superblock --hash-offset=DATA-BYTES`.
 *
 *	cc verity-layer.c -o verity-layer $(pkg-config --cflags --libs libdmkit)
 *	verity-layer NAME DISK OFFSET-BYTES LAYER-BYTES DATA-BYTES ROOT-DIGEST SALT
 */
#include <stdio.h>
#include <stdlib.h>

#include <dmkit.h>

#ifdef STATIC
/* cc -DSTATIC -static ...: libdmkit.a then brings these two targets alone. */
#include <dmkit-static.h>
DMK_ONLY_TARGETS(linear, verity);
#endif

static int complain(const struct dmk_error *error)
{
	char why[DMK_ERROR_TEXT_SIZE];

	dmk_error_format(error, why, sizeof(why));
	fprintf(stderr, "%s\n", why);
	return EXIT_FAILURE;
}

static int map_layer(struct dmk *dm, struct dmk_table *table, char **argv)
{
	struct dmk_create_options readonly = { .flags = DMK_CREATE_READONLY };
	struct dmk_verity_image image = {
		.data_bytes = strtoull(argv[5], NULL, 10),
		.block_size_bytes = 4096,
		.version = 1,
		.algorithm = "sha256",
		.root_digest = argv[6],
		.salt = argv[7],
	};
	char below[DMK_NAME_SIZE + 8], path[512];
	int status;

	snprintf(below, sizeof(below), "%s-linear", argv[1]);
	if (dmk_table_add_linear_bytes(table, argv[2], strtoull(argv[3], NULL, 10),
				       strtoull(argv[4], NULL, 10)) < 0)
		return complain(dmk_table_error(table));
	if (dmk_create(dm, below, table, &readonly, NULL) < 0 ||
	    dmk_node_path(dm, below, path, sizeof(path)) < 0)
		return complain(dmk_last_error(dm));

	dmk_table_reset(table);
	image.device = path;
	if (dmk_table_add_verity_image(table, &image) < 0)
		status = complain(dmk_table_error(table));
	else if (dmk_create(dm, argv[1], table, &readonly, NULL) < 0)
		status = complain(dmk_last_error(dm));
	else
		return EXIT_SUCCESS;

	/* Half a layer is none. */
	dmk_remove(dm, DMK_NAME(below), NULL, NULL);
	return status;
}

int main(int argc, char **argv)
{
	struct dmk_table *table = NULL;
	struct dmk *dm = NULL;
	int status = EXIT_FAILURE;

	if (argc != 8)
		fprintf(stderr, "usage: verity-layer NAME DISK OFFSET-BYTES LAYER-BYTES DATA-BYTES "
				"ROOT-DIGEST SALT\n");
	else if (dmk_new(&dm) < 0 || dmk_table_new(&table) < 0)
		fprintf(stderr, "no memory\n");
	else
		status = map_layer(dm, table, argv);
	dmk_table_free(table);
	dmk_free(dm);
	return status;
}

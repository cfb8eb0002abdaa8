/* SPDX-License-Identifier: MIT */
/*
 * Mounts one container layer of a /dev/pmem device that may hold several, as a utility VM does it:
 * linear over the layer's bytes, verity over that, and the mount. What is below goes with the mount,
 * by `umount DIR` as well. The layer was made by `dmkit image format` and is SIZE-BYTES long with its
 * tree; 0: all the rest of the device.
 *
 *	cc mount-layer.c -o mount-layer $(pkg-config --cflags --libs libdmkit-image libdmkit)
 *	mount-layer DEVICE OFFSET-BYTES SIZE-BYTES DIR ROOT-DIGEST
 */
#include <stdio.h>
#include <stdlib.h>

#include <dmkit-image.h>

int main(int argc, char **argv)
{
	struct dmk_image_map_options layer = { .mount_options = "nodev,nosuid" };
	struct dmk_error error;
	struct dmk_info info;
	struct dmk *dm;

	if (argc != 6) {
		fprintf(stderr,
			"usage: mount-layer DEVICE OFFSET-BYTES SIZE-BYTES DIR ROOT-DIGEST\n");
		return EXIT_FAILURE;
	}
	if (dmk_new(&dm) < 0)
		return EXIT_FAILURE;
	layer.image.data = argv[1];
	layer.offset_bytes = strtoull(argv[2], NULL, 10);
	layer.size_bytes = strtoull(argv[3], NULL, 10);
	layer.image.root_digest = argv[5];

	if (dmk_image_mount(dm, argv[4], &layer, &info, &error) < 0) {
		char why[DMK_ERROR_TEXT_SIZE];

		dmk_error_format(&error, why, sizeof(why));
		fprintf(stderr, "%s\n", why);
		dmk_free(dm);
		return EXIT_FAILURE;
	}
	printf("/dev/dm-%u is mounted on %s\n", info.minor, argv[4]);
	dmk_free(dm);
	return EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/*
 * Lists all devices with their tables.
 *
 *	cc list-devices.c -o list-devices $(pkg-config --cflags --libs libdmkit)
 *	list-devices
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <dmkit.h>

static int complain(struct dmk *dm)
{
	char why[DMK_ERROR_TEXT_SIZE];

	dmk_error_format(dmk_last_error(dm), why, sizeof(why));
	fprintf(stderr, "%s\n", why);
	return -1;
}

static int print_table(struct dmk *dm, const char *name)
{
	struct dmk_segments *segments;
	struct dmk_segment segment;
	int r = dmk_get_table(dm, DMK_NAME(name), NULL, &segments);

	if (r == -ENXIO)
		return 0; /* it went away since it was listed */
	if (r < 0)
		return complain(dm);
	while ((r = dmk_segments_next(segments, &segment)) > 0)
		printf("  %" PRIu64 " +%" PRIu64 " %s\n", segment.start_sectors,
		       segment.length_sectors, segment.type);
	dmk_segments_free(segments);
	return r;
}

int main(void)
{
	struct dmk_list_options options = { .flags = DMK_LIST_UUID };
	struct dmk_devices *devices;
	struct dmk_device device;
	struct dmk *dm;
	int r;

	if (dmk_new(&dm) < 0)
		return EXIT_FAILURE;
	if (dmk_list(dm, &options, &devices) < 0) {
		complain(dm);
		dmk_free(dm);
		return EXIT_FAILURE;
	}
	/* The reply is a copy: other calls on the same connection do not disturb it. */
	while ((r = dmk_devices_next(devices, &device)) > 0) {
		printf("%s %" PRIu32 ":%" PRIu32 " %s\n", device.name, device.major, device.minor,
		       device.uuid);
		if (print_table(dm, device.name) < 0)
			break;
	}
	dmk_devices_free(devices);
	dmk_free(dm);
	return r == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

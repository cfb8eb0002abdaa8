/* SPDX-License-Identifier: MIT */
/*
 * Prints all devices with their event numbers, now and whenever a device was made, removed, renamed
 *or resumed, or its target had an event. One fd and one poll() for all of them. Ends after COUNT
 *rounds, if given.
 *
 *	cc watch-events.c -o watch-events $(pkg-config --cflags --libs libdmkit)
 *	watch-events [COUNT]
 */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include <dmkit.h>

static int print_devices(struct dmk *dm, long round)
{
	struct dmk_devices *devices;
	struct dmk_device device;
	int r = dmk_list(dm, NULL, &devices);

	if (r < 0)
		return r;
	printf("round %ld\n", round);
	while ((r = dmk_devices_next(devices, &device)) > 0)
		printf("  %s event %" PRIu32 "\n", device.name, device.event_nr);
	fflush(stdout);
	dmk_devices_free(devices);
	return r;
}

int main(int argc, char **argv)
{
	long count = argc > 1 ? strtol(argv[1], NULL, 10) : -1;
	struct pollfd wake = { .events = POLLIN };
	char why[DMK_ERROR_TEXT_SIZE];
	struct dmk *dm;
	int r;

	if (dmk_new(&dm) < 0)
		return EXIT_FAILURE;
	r = dmk_fd(dm, &wake.fd);
	for (long round = 1; r == 0; round++) {
		/* Armed before the list is read: what happens between the two wakes poll() at once.
		 */
		r = dmk_arm_poll(dm);
		if (r == 0)
			r = print_devices(dm, round);
		if (r < 0 || round == count || poll(&wake, 1, -1) < 0)
			break;
	}
	if (r < 0) {
		dmk_error_format(dmk_last_error(dm), why, sizeof(why));
		fprintf(stderr, "%s\n", why);
	}
	dmk_free(dm);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/* What ends a mount and an umount, and calls that want no error: in a lab, `image-cancel IMAGE DIR ROOT-DIGEST`. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <dmkit-image.h>

static int failures;

static void check(const char *name, int got, int wanted)
{
	printf("%s - %s\n", got == wanted ? "ok" : "not ok", name);
	if (got == wanted)
		return;
	printf("# %d, and not %d\n", got, wanted);
	failures = 1;
}

int main(int argc, char **argv)
{
	volatile int32_t of_image = 1, of_connection = 0;
	struct dmk_image_map_options mount = { .image.cancel_flag = &of_image };
	struct dmk_error error;
	struct dmk *dm;
	int r;

	if (argc != 4 || dmk_new(&dm) < 0)
		return 2;
	mount.image.data = argv[1];
	mount.image.root_digest = argv[3];
	check("mount: the image's flag", dmk_image_mount(dm, argv[2], &mount, NULL, &error),
	      -ECANCELED);
	check("mount: and says so", strcmp(error.detail, "it was told to stop"), 0);
	of_image = 0;
	of_connection = 1;
	dmk_set_cancel(dm, &of_connection, -1);
	check("mount: the connection's flag", dmk_image_mount(dm, argv[2], &mount, NULL, NULL),
	      -ECANCELED);
	check("umount: nothing was mounted", dmk_image_umount(dm, argv[2], 0, NULL), -EINVAL);
	of_connection = 0;
	check("mount: none of them", dmk_image_mount(dm, argv[2], &mount, NULL, NULL), 0);
	of_connection = 1;
	check("umount: the connection's flag", dmk_image_umount(dm, argv[2], 0, &error),
	      -ECANCELED);
	of_connection = 0;
	dmk_set_deadline(dm, 1);
	r = dmk_image_umount(dm, argv[2], 0, NULL);
	check("umount: a deadline that is over: it is tried once", r == 0 || r == -EBUSY, 1);
	dmk_set_deadline(dm, 0);
	check("umount: which unmounted it", dmk_image_umount(dm, argv[2], 0, NULL), -EINVAL);
	dmk_free(dm);
	return failures;
}

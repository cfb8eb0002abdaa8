/* SPDX-License-Identifier: MIT */
/* A program that uses the installed libdmkit-image, of a file; C and C++ alike. */
#include <dmkit-image.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	struct dmk_image_options image;
	struct dmk_image_info made, found;
	struct dmk_version version;
	struct dmk_error error;
	char tree[4096];
	int ok;

	if (argc != 2)
		return 1;
	snprintf(tree, sizeof(tree), "%s.consumer", argv[1]);
	memset(&image, 0, sizeof(image));
	image.data = argv[1];
	image.hash = tree;
	dmk_library_version(&version);
	ok = dmk_image_format(&image, &made, &error) == 0 &&
	     dmk_image_look(&image, &found, &error) == 0 && strcmp(made.uuid, found.uuid) == 0;
	image.data = "/nope";
	ok = ok && dmk_image_look(&image, &found, &error) < 0 &&
	     strcmp(dmk_errno_name(error.code), "ENOENT") == 0;
	remove(tree);
	printf("%u.%u.%u %s\n", version.major, version.minor, version.patch,
	       ok ? "works" : "fails");
	return !ok;
}

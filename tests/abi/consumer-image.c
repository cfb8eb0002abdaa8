/* SPDX-License-Identifier: MIT */
/* A program that uses the installed libdmkit-image; C and C++ alike: `consumer DATA HASH` makes an
 * image, unless ONLY_LOOK, and looks at it. */
#include <dmkit-image.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	struct dmk_image_options options;
	struct dmk_image_info made, seen;
	struct dmk_version version;
	struct dmk_error error;
	char why[DMK_ERROR_TEXT_SIZE];

	if (argc != 3)
		return 2;
	memset(&options, 0, sizeof(options));
	memset(&made, 0, sizeof(made));
	options.data = argv[1];
	options.hash = argv[2];
	if (
#ifndef ONLY_LOOK
		dmk_image_format(&options, &made, &error) < 0 ||
#endif
		dmk_image_look(&options, &seen, &error) < 0) {
		dmk_error_format(&error, why, sizeof(why));
		puts(why);
		return 1;
	}
	dmk_library_version(&version);
	printf("%u.%u.%u %s\n", version.major, version.minor, version.patch,
	       !made.root_digest[0] || strcmp(made.uuid, seen.uuid) == 0 ? "works" : "fails");
	return 0;
}

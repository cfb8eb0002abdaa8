/* SPDX-License-Identifier: MIT */
/* IMAGE_LIBRARY is the file of the shared library; a static command has its own copy, or what says
 * that it has none. */
#include "read/image-library.h"

#ifdef IMAGE_LIBRARY
#include <dlfcn.h>
#include <errno.h>

#include "show/errors.h"

static int fail_library(struct cli *cli)
{
	struct dmk_error err = { .code = -ENOENT, .argument = IMAGE_LIBRARY };
	const char *why = dlerror();
	char text[DMK_ERROR_TEXT_SIZE];

	snprintf(err.detail, sizeof(err.detail), "%.255s", why ? why : "");
	snprintf(text, sizeof(text),
		 "%s: it needs " IMAGE_LIBRARY
		 ", of the package libdmkit-image, which cannot be loaded: %s",
		 cli->command->name, err.detail);
	return fail_said(cli, &err, text);
}

int image_library_find(struct cli *cli, struct image_library *ret_library)
{
	void *library = dlopen(IMAGE_LIBRARY, RTLD_NOW | RTLD_LOCAL);
	const struct {
		const char *name;
		void *function;
	} found[] = {
		{ "dmk_image_format", &ret_library->format },
		{ "dmk_image_verify", &ret_library->verify },
		{ "dmk_image_repair", &ret_library->repair },
	};

	for (size_t i = 0; library && i < ARRAY_SIZE(found); i++) {
		*(void **)found[i].function = dlsym(library, found[i].name);
		if (!*(void **)found[i].function)
			library = NULL;
	}
	/* It stays until the end. */
	return library ? EXIT_DONE : fail_library(cli);
}
#else
int image_library_find(struct cli *cli, struct image_library *ret_library)
{
	(void)cli;
	*ret_library =
		(struct image_library){ dmk_image_format, dmk_image_verify, dmk_image_repair };
	return EXIT_DONE;
}
#endif

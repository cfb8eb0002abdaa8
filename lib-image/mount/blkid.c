/* SPDX-License-Identifier: MIT */
/* By dlopen(): a machine that has no libblkid mounts what we know. */
#include "blkid.h"

#ifdef HAVE_BLKID
#include <blkid/blkid.h>
#include <dlfcn.h>
#include <string.h>

#define CALL(library, name) ((__typeof__(&name))dlsym(library, #name))

static bool probe(void *library, int fd, char *type, size_t size)
{
	__typeof__(&blkid_new_probe) new_probe = CALL(library, blkid_new_probe);
	__typeof__(&blkid_free_probe) free_probe = CALL(library, blkid_free_probe);
	__typeof__(&blkid_probe_set_device) set_device = CALL(library, blkid_probe_set_device);
	__typeof__(&blkid_do_safeprobe) do_probe = CALL(library, blkid_do_safeprobe);
	__typeof__(&blkid_probe_lookup_value) look_up = CALL(library, blkid_probe_lookup_value);
	const char *found = NULL, *usage = NULL;
	blkid_probe one;

	if (!new_probe || !free_probe || !set_device || !do_probe || !look_up)
		return false;
	one = new_probe();
	if (!one)
		return false;
	if (set_device(one, fd, 0, 0) == 0 && do_probe(one) == 0 &&
	    look_up(one, "USAGE", &usage, NULL) == 0 && strcmp(usage, "filesystem") == 0)
		look_up(one, "TYPE", &found, NULL);
	if (found)
		dmk_copy_text(type, size, found);
	free_probe(one);
	return found;
}

bool dmk_blkid_find(int fd, char *type, size_t size)
{
	void *library = dlopen("libblkid.so.1", RTLD_NOW | RTLD_LOCAL);
	bool found = library && probe(library, fd, type, size);

	if (library)
		dlclose(library);
	return found;
}
#else
bool dmk_blkid_find(int fd, char *type, size_t size)
{
	(void)fd;
	(void)type;
	(void)size;
	return false;
}
#endif

/* SPDX-License-Identifier: MIT */
/* LD_PRELOAD: the kernel says of every target that its version is 99. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <linux/dm-ioctl.h>
#include <stdarg.h>
#include <sys/ioctl.h>

int ioctl(int fd, unsigned long request, ...)
{
	int (*next)(int, unsigned long, ...) =
		(int (*)(int, unsigned long, ...))dlsym(RTLD_NEXT, "ioctl");
	struct dm_ioctl *io;
	va_list args;
	int r;

	va_start(args, request);
	io = va_arg(args, struct dm_ioctl *);
	va_end(args);
	r = next(fd, request, io);
	if (r == 0 && _IOC_TYPE(request) == DM_IOCTL &&
	    _IOC_NR(request) == _IOC_NR(DM_GET_TARGET_VERSION)) {
		struct dm_target_versions *versions =
			(struct dm_target_versions *)((char *)io + io->data_start);

		versions->version[0] = 99;
	}
	return r;
}
